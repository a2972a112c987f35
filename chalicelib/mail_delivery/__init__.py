"""Consumes the queue `mail`: what a mail says, whether a record warrants it, sending it once, and its feedback."""
