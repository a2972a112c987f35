"""The changes to the local cloud: packages are unpacked once, for all who want them, and credentials given out one at
a time."""

from __future__ import annotations

import io
import tempfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.emulator import SharedZip, one_at_a_time


def package(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        for name, text in files.items():
            written.writestr(name.replace("__", "/"), text)
    return content.getvalue()


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """Gives a package a folder of its own, as each execution environment has one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def unpack(content: bytes):
        folder = tmp_path / tempfile.mkdtemp()
        written, code = folder / "code.zip", folder / "code"
        written.write_bytes(content)
        code.mkdir()
        with SharedZip(written) as opened:
            opened.extractall(code)
        assert not written.exists()
        return code

    return unpack


def test_all_of_a_package_is_in_each_folder_and_once_on_the_disk(unpacked):
    content = package(**{"app.py": "app = 1", "lib__inner__a.py": "a = 1"})
    folders = [unpacked(content) for _ in range(3)]
    for folder in folders:
        assert (folder / "app.py").read_text("utf-8") == "app = 1"
        assert (folder / "lib" / "inner" / "a.py").read_text("utf-8") == "a = 1"
    assert len({(folder / "app.py").stat().st_ino for folder in folders}) == 1


def test_what_differs_in_one_byte_is_another_package(unpacked):
    old, new = unpacked(package(**{"app.py": "app = 1"})), unpacked(package(**{"app.py": "app = 2"}))
    assert (old / "app.py").read_text("utf-8") == "app = 1"
    assert (new / "app.py").read_text("utf-8") == "app = 2"


def test_those_who_come_at_once_see_it_whole(unpacked):
    files = {f"f{number}.py": str(number) for number in range(50)}
    content = package(**files)
    with ThreadPoolExecutor(8) as threads:
        folders = list(threads.map(unpacked, [content] * 8))
    assert all({path.name: path.read_text("utf-8") for path in folder.iterdir()} == files for folder in folders)


@pytest.mark.slow
def test_nobody_is_in_a_function_beside_another():
    meeting = threading.Barrier(2, timeout=0.2)

    def come(_: int) -> str:
        try:
            meeting.wait()
        except threading.BrokenBarrierError:
            return "alone"
        return "met"

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(one_at_a_time(come), range(2))) == ["alone", "alone"]
