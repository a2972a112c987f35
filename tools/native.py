"""Finds files in a deployment zip that do not fit the Python and the processor that it is meant for."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from infra.runtime import Runtime
    from tools.template_rules.findings import Finding

ELF = b"\x7fELF"
PROCESSOR_BYTES = slice(18, 20)
"""The bytes of an ELF file that name its processor (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html)."""

ELF_PROCESSORS = {"x86_64": 62, "aarch64": 183}
"""EM_X86_64 and EM_AARCH64."""

MAGIC_NUMBERS = {"3.11": 3495, "3.12": 3531, "3.13": 3571, "3.14": 3627}
"""The first two bytes of byte code by the Python that made it
(https://github.com/python/cpython/blob/3.14/Include/internal/pycore_magic_number.h)."""


def faults(archive: Path, runtime: Runtime) -> list[Finding]:
    """Machine code for another processor, extensions and byte code for another Python; and a zip without any machine
    code. Byte code without sources has no name that says its Python: its first bytes do."""
    findings: list[Finding] = []
    with zipfile.ZipFile(archive) as opened:
        natives = [name for name in opened.namelist() if _starts(opened, name).startswith(ELF)]
        processors = {name: int.from_bytes(_starts(opened, name)[PROCESSOR_BYTES], "little") for name in natives}
        compiled = {
            name: int.from_bytes(_starts(opened, name)[:2], "little")
            for name in opened.namelist()
            if name.endswith(".pyc")
        }
    if not natives:
        findings.append(("NATIVE", archive.name, "no machine code at all: pydantic and cryptography have some"))
    expected = ELF_PROCESSORS[runtime.processor]
    findings += [
        ("MACHINE", name, f"is for {has}, not {expected}") for name, has in processors.items() if has != expected
    ]
    ours = re.compile(rf"\.({runtime.abi.replace('cp', 'cpython-')}-{runtime.processor}-linux-gnu|abi3)\.so$")
    findings += [
        ("ABI", name, f"is no extension for {runtime.name}")
        for name in _extensions(natives)
        if not ours.search(name)
    ]
    tag = f".{runtime.abi.replace('cp', 'cpython-')}.pyc"
    findings += [
        ("BYTECODE", name, f"is not for {runtime.name}")
        for name, magic in compiled.items()
        if (not name.endswith(tag) if "__pycache__/" in name else magic != MAGIC_NUMBERS[runtime.python])
    ]
    return findings


def _extensions(natives: list[str]) -> list[str]:
    """The files that Python imports. The libraries that wheels bring along for these are in folders `….libs`."""
    return [name for name in natives if ".libs/" not in name]


def _starts(opened: zipfile.ZipFile, name: str) -> bytes:
    with opened.open(name) as file:
        return file.read(PROCESSOR_BYTES.stop)
