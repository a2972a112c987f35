"""A deployment zip that is too heavy is found."""

from __future__ import annotations

import os
import zipfile

import pytest

from tools.weight import faults


@pytest.fixture
def archive(tmp_path):
    def write(compression):
        path = tmp_path / "functions.zip"
        with zipfile.ZipFile(path, "w", compression) as made:
            made.writestr("random", os.urandom(1000))
            made.writestr("zeros", bytes(9000))
        return path

    return write


@pytest.mark.parametrize(
    ("zipped", "unzipped", "found"),
    [
        (1500, 10_000, []),
        (1000, 10_000, ["zipped"]),
        (1500, 9_999, ["unzipped"]),
        (1000, 9_999, ["zipped", "unzipped"]),
    ],
)
def test_a_zip_is_held_to_both_sizes(archive, zipped, unzipped, found):
    findings = faults(archive(zipfile.ZIP_DEFLATED), zipped=zipped, unzipped=unzipped)
    assert [message.split()[3].strip(",") for _, _, message in findings] == found


def test_one_that_is_not_compressed_is_held_to_what_it_unpacks_to(archive):
    assert faults(archive(zipfile.ZIP_STORED), zipped=1, unzipped=10_000) == []
