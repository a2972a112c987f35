"""The HTTP edge: what a route declares, and how requests are served by that."""
