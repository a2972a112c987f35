"""Rollcall: user accounts as events. One folder is one domain; `core` is what all of them share."""
