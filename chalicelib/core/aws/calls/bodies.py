"""The bodies of responses, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

    class Carrier(Protocol):
        """The connection that a body comes over."""

        url: str

        def release(self) -> None: ...
        def close(self) -> None: ...


BLOCK_BYTES = 65_536


class BrokenOff(Exception):
    """The response ends before it should, or is no HTTP."""


def framed(file: BufferedReader, status: int, headers: dict[str, str], method: str) -> Iterator[bytes] | None:
    """The pieces of a response's body, of at most 64 KB; None where only the connection's end is its end.

    Raises BrokenOff where it ends too early.
    """
    if method == "HEAD" or status in {204, 304}:
        return iter(())
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(file)
    length = headers.get("content-length")
    if length is None:
        return None
    if not length.isdecimal():
        raise BrokenOff("a length that is no number")
    return _exactly(file, int(length))


def _exactly(file: BufferedReader, length: int) -> Iterator[bytes]:
    while length:
        piece = file.read(min(length, BLOCK_BYTES))
        if not piece:
            raise BrokenOff(f"{length} bytes are missing")
        length -= len(piece)
        yield piece


def _chunks(file: BufferedReader) -> Iterator[bytes]:
    while True:
        size = file.readline(BLOCK_BYTES).partition(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            raise BrokenOff("a chunk without a size") from None
        if not length:
            break
        yield from _exactly(file, length)
        if file.readline(3) != b"\r\n":
            raise BrokenOff("a chunk that does not end")
    while file.readline(BLOCK_BYTES).strip():
        pass  # trailers


class Body:
    """The body of a response that is read by whoever asked for it, as botocore's StreamingBody is.

    Its connection is kept when it was read to the end. Reading raises ReadTimeoutError, ResponseStreamingError, and
    IncompleteReadError where it ends too early.
    """

    def __init__(self, pieces: Iterable[bytes], connection: Carrier, length: int | None) -> None:
        self._pieces = iter(pieces)
        self._connection = connection
        self._length = length
        self._came = 0
        self._rest = b""
        self._has_ended = False

    def read(self, size: int | None = None) -> bytes:
        """Up to `size` bytes, fewer only at the end; all that is left where none is given."""
        parts, have = [self._rest], len(self._rest)
        while size is None or have < size:
            piece = self._next()
            if not piece:
                break
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        cut = have if size is None else size
        self._rest = whole[cut:]
        return whole[:cut]

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        """What is left, in pieces of `size` bytes."""
        while piece := self.read(size):
            yield piece

    def close(self) -> None:
        """Stop reading. The connection is closed, unless all was read."""
        if not self._has_ended:
            self._has_ended = True
            self._connection.close()

    def _next(self) -> bytes:
        if self._has_ended:
            return b""
        try:
            piece = next(self._pieces, b"")
        except TimeoutError as error:
            self.close()
            raise ReadTimeoutError(endpoint_url=self._connection.url, error=error) from error
        except BrokenOff as error:
            self.close()
            if self._length is None:
                raise ResponseStreamingError(error=error) from error
            raise IncompleteReadError(actual_bytes=self._came, expected_bytes=self._length) from error
        except OSError as error:
            self.close()
            raise ResponseStreamingError(error=error) from error
        if not piece:
            self._has_ended = True
            self._connection.release()
        self._came += len(piece)
        return piece
