"""Rollcall beside what people would use instead; docs/peers.md says what is compared and how."""

from benchmarks.peers.comparison import main

__all__ = ["main"]
