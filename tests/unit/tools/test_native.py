"""A zip of functions holds nothing for another Python or processor."""

from __future__ import annotations

import sys
import zipfile
from importlib.util import MAGIC_NUMBER

import pytest

from infra.runtime import of_settings
from tools.native import ELF, ELF_PROCESSORS, MAGIC_NUMBERS, faults

RUNTIMES = {name: of_settings({"RUNTIME": "python3.13", "ARCHITECTURE": name}) for name in ("x86_64", "arm64")}
EXTENSION = "pydantic_core/_core.cpython-313-{}-linux-gnu.so"


def elf(machine):
    return ELF + bytes(14) + ELF_PROCESSORS[machine].to_bytes(2, "little") + bytes(40)


@pytest.fixture
def found(tmp_path):
    """Finds the faults of a zip of these files, by kind and place."""

    def find(files, architecture="x86_64"):
        with zipfile.ZipFile(tmp_path / "functions.zip", "w") as made:
            for name, content in files.items():
                made.writestr(name, content)
        return [fault[:2] for fault in faults(tmp_path / "functions.zip", RUNTIMES[architecture])]

    return find


@pytest.mark.parametrize(("architecture", "machine"), [("x86_64", "x86_64"), ("arm64", "aarch64")])
def test_what_fits_is_no_fault(found, architecture, machine):
    files = {
        EXTENSION.format(machine): elf(machine),
        "cryptography/_rust.abi3.so": elf(machine),
        "numbers.libs/libfortran-1a2b.so.5": elf(machine),
        "app.py": b"",
        "__pycache__/app.cpython-313.pyc": b"",
    }
    assert found(files, architecture) == []


def test_machine_code_for_the_other_processor(found):
    files = {"bcrypt/_bcrypt.abi3.so": elf("aarch64"), "some.libs/libsome.so": elf("aarch64")}
    assert found(files) == [("MACHINE", name) for name in files]


@pytest.mark.parametrize("tag", ["cpython-311-x86_64-linux-gnu", "cpython-313t-x86_64-linux-gnu", "so", "abi4"])
def test_an_extension_of_another_python(found, tag):
    assert found({f"core/_core.{tag}.so": elf("x86_64")}) == [("ABI", f"core/_core.{tag}.so")]


def test_byte_code_of_another_python(found):
    files = {"a.abi3.so": elf("x86_64"), "__pycache__/app.cpython-311.pyc": b""}
    assert found(files) == [("BYTECODE", "__pycache__/app.cpython-311.pyc")]


def test_byte_code_without_sources_is_told_by_its_first_bytes(found):
    ours, other = b"\xf3\r\r\n", b"\xa7\r\r\n"
    files = {"a.abi3.so": elf("x86_64"), "jwt/__init__.pyc": ours, "jwt/utils.pyc": other}
    assert found(files) == [("BYTECODE", "jwt/utils.pyc")]


def test_the_magic_number_of_this_python():
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert int.from_bytes(MAGIC_NUMBER[:2], "little") == MAGIC_NUMBERS[here]


def test_a_zip_without_libraries(found):
    assert found({"app.py": b""}) == [("NATIVE", "functions.zip")]
