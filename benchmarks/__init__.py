"""Measurements as ratios to a plain baseline on the same machine, at the same time: `make bench`."""
