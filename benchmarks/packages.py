"""The packaged code of each stage that `make package` has built, against the sizes that Lambda takes."""

from __future__ import annotations

import zipfile

from benchmarks.measuring import Measured
from tests.unit.appfile import ROOT

UNZIPPED_LIMIT = 250.0
"""MB of a function's code: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

ZIPPED_LIMIT = 50.0
"""MB of a zip that is uploaded without S3, from the same page."""


def measure() -> list[Measured]:
    found = []
    for archive in sorted((ROOT / "build").glob("*/deployment.zip")):
        with zipfile.ZipFile(archive) as opened:
            unzipped = sum(entry.file_size for entry in opened.infolist()) / 1e6
        stage = archive.parent.name
        zipped = archive.stat().st_size / 1e6
        found.append(Measured(f"package of {stage}, zipped", zipped, ZIPPED_LIMIT, "MB"))
        found.append(Measured(f"package of {stage}, unzipped", unzipped, UNZIPPED_LIMIT, "MB"))
    return found
