"""The packaged code of each stage that `make package` has built, against the sizes that Rollcall holds itself to."""

from __future__ import annotations

import zipfile

from benchmarks.measuring import Measured
from tests.unit.appfile import ROOT

ZIPPED_MB = 15.0
UNZIPPED_MB = 45.0
"""A sixth of what Lambda takes, 250 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def measure() -> list[Measured]:
    found = []
    for archive in sorted((ROOT / "build").glob("*/deployment.zip")):
        with zipfile.ZipFile(archive) as opened:
            unzipped = sum(entry.file_size for entry in opened.infolist()) / 1e6
        stage = archive.parent.name
        zipped = archive.stat().st_size / 1e6
        found.append(Measured(f"package of {stage}, zipped", zipped, ZIPPED_MB, "MB", at_most=1))
        found.append(Measured(f"package of {stage}, unzipped", unzipped, UNZIPPED_MB, "MB", at_most=1))
    return found
