"""Requests to URLs that others have chosen: the endpoints of webhooks, identity providers, and the old system."""
