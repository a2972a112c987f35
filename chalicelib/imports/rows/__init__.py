"""The rows of a file, on their way to people and items."""
