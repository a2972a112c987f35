"""`python cli` runs the program from a checkout, without installing it."""

from rollcall_cli.main import run

run()
