"""Requests to URLs that others have chosen: the endpoints of webhooks, and identity providers."""
