"""Other implementations of what we talk to. Each says clearly when it is skipped."""
