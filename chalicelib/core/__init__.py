"""What all domains share, and nothing else. Imports no domain."""
