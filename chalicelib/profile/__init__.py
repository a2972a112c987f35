"""A person's fields: the rule each is held to, and who may see it."""
