"""What an event is, and how it is published to the topic `user-events`."""

__all__ = ["envelope", "outcomes", "publishing"]
