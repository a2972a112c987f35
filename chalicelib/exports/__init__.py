"""Everybody out: people as a file that an import takes."""
