"""`python -m benchmarks.scaling`."""

from __future__ import annotations

import sys

from benchmarks.scaling import main

sys.exit(main(sys.argv[1:]))
