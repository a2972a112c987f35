"""Runs the pages of long jobs, and ends the jobs that nobody will finish."""
