"""A field of a person is one line and one test: those of CONTRIBUTING.md, in a copy of this tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = (".chalice", "app.py", "pyproject.toml", "chalicelib", "infra", "tests", "tools")
BEFORE = "    attributes: Annotated["


def written() -> tuple[str, str]:
    """The line and the test that CONTRIBUTING.md shows."""
    _, _, section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a field to a person\n")
    line, test = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[:2]
    return line, test


@pytest.fixture
def tree(tmp_path):
    """A copy of this tree whose persons have the field."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    line, test = written()
    table, me = tmp_path / "chalicelib/profile/fields.py", tmp_path / "tests/functional/test_accounts_me.py"
    before, _, others = table.read_text("utf-8").partition(BEFORE)
    table.write_text(f"{before}{line}{BEFORE}{others}", "utf-8")
    me.write_text(f"{me.read_text('utf-8')}\n\n{test}", "utf-8")
    return tmp_path


@pytest.mark.slow
def test_one_line_adds_a_field_everywhere(tree):
    told = ["tests/functional/nickname.py", "tests/functional/test_accounts_me.py", "-k", "nickname"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--show-capture=no", *told],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "14 passed" in done.stdout
