"""Statistics, counted from events: how many people there are, and what happened on each day."""
