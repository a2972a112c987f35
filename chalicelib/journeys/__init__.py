"""Journeys: which consumers had an event, when, and what came of it, as far as they keep it."""
