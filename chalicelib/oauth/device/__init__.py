"""Device authorization (RFC 8628): who signs in on a television or a command line says so in a browser elsewhere."""
