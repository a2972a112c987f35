"""`rollcall cost`: what a month costs under a load, by service, beside what others ask for the same."""
