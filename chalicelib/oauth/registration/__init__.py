"""Dynamic registration (RFC 7591): applications that register themselves, by a token that an administrator made."""
