"""The least of an HTTP server that benchmarks need: connections that stay open, requests one after the other, each with
its length."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Connection(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self) -> None:
        self._bytes = b""
        self._continued = False
        self.transport: asyncio.WriteTransport

    @abstractmethod
    def received(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Answer a request on `transport`. `headers` have small letters."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while (end := self._bytes.find(b"\r\n\r\n")) >= 0:
            head, length, headers = self._head(end)
            if len(self._bytes) < end + 4 + length:
                if headers.get("expect") == "100-continue" and not self._continued:
                    self._continued = True
                    self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            self._continued = False
            body = self._bytes[end + 4 : end + 4 + length]
            self._bytes = self._bytes[end + 4 + length :]
            method, path = head.split(" ")[:2]
            self.received(method, path, headers, body)

    def _head(self, end: int) -> tuple[str, int, dict[str, str]]:
        first, *lines = self._bytes[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return first, int(headers.get("content-length", 0)), headers


def response(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """A whole response; its length is added."""
    kept = {name: value for name, value in headers.items() if name.lower() not in {"content-length", "connection"}}
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in kept.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body
