"""The commands behind `make`: run, package, deploy, and what the examples are made with."""
