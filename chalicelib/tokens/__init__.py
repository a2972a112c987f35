"""Tokens: access tokens (RFC 9068), the keys that sign them, and refresh tokens with their rotation."""

__all__ = ["access_tokens", "jws", "refresh_tokens", "rotation", "signing_keys", "verification"]
