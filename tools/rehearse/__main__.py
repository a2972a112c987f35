"""`python -m tools.rehearse`: see `cli`."""

from tools.console import main_of
from tools.rehearse.cli import main

if __name__ == "__main__":
    main_of(main)
