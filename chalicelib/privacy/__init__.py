"""What is held about a person: given to them as one document, and erased everywhere."""

__all__ = ["erasure", "own_data"]
