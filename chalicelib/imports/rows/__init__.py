"""The rows of an imported file, and how they become people and items."""
