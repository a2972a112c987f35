"""Access tokens (RFC 9068) and the keys that sign them."""

__all__ = ["access_tokens", "signing_keys"]
