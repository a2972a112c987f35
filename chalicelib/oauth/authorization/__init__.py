"""The authorization endpoint: what a client may ask for, what is still needed of the person, and the code it gets."""
