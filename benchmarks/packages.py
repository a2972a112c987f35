"""The package of the stage `prod`, against the sizes that Rollcall holds itself to."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Measured
from infra import stage
from tools.package import bundle

ZIPPED_MB = 15.0
UNZIPPED_MB = 45.0
"""A sixth of what Lambda takes, 250 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def measure() -> list[Measured]:
    with TemporaryDirectory() as folder:
        archive = bundle(stage.load("prod"), Path(folder, "functions.zip"))
        zipped = archive.stat().st_size / 1e6
        with zipfile.ZipFile(archive) as opened:
            unzipped = sum(entry.file_size for entry in opened.infolist()) / 1e6
    return [
        Measured("zipped", zipped, ZIPPED_MB, "MB", at_most=1),
        Measured("unzipped", unzipped, UNZIPPED_MB, "MB", at_most=1),
    ]
