"""Byte code in the place of its sources is imported as these are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from infra.runtime import of_settings
from tools.bytecode import compile_for

pytestmark = pytest.mark.slow

HERE = of_settings({"RUNTIME": f"python{sys.version_info.major}.{sys.version_info.minor}"})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "__init__.py").write_text("from library.inner import WORD\n", "utf-8")
    (tmp_path / "library" / "inner.py").write_text("WORD = 'here'\n\n\ndef fail():\n    raise OSError\n", "utf-8")
    (tmp_path / "library" / "of_another_python.py").write_text("this is no Python\n", "utf-8")
    return tmp_path


def names(folder):
    return {path.name for path in (folder / "library").rglob("*") if path.is_file()}


def test_it_replaces_what_compiles(folder):
    assert compile_for(HERE, folder, alone=True)
    assert names(folder) == {"__init__.pyc", "inner.pyc", "of_another_python.py"}


def test_it_stands_beside_sources_otherwise(folder):
    assert compile_for(HERE, folder)
    assert {"__init__.py", "inner.py", "of_another_python.py"} < names(folder)


def test_it_is_imported_and_tells_its_lines(folder):
    compile_for(HERE, folder, alone=True)
    program = "import library; print(library.WORD, flush=True); library.inner.fail()"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout == "here\n"
    assert 'inner.py", line 5, in fail' in done.stderr


def test_without_such_a_python_sources_stay(folder):
    other = of_settings({"RUNTIME": "python3.11"})
    missing = type(other)("3.99", other.architecture, other.glibc)
    assert not compile_for(missing, folder, alone=True)
    assert names(folder) == {"__init__.py", "inner.py", "of_another_python.py"}
