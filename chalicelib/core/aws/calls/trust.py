"""TLS, with certificates and host names always verified.

The authorities are those that botocore brings, or those in `AWS_CA_BUNDLE`. To load all of them takes 18 ms of each
cold start, so the five that AWS names for its services are tried first, and all where none of those has signed.
https://www.amazontrust.com/repository/
"""

from __future__ import annotations

import os
import re
import ssl
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import botocore

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_OF_AWS = re.compile(
    r'# Label: "(?:Amazon Root CA \d|Starfield Services Root Certificate Authority - G2)"\n'
    r"(?:#.*\n)*(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----)"
)

_needs_all: set[str] = set()
"""Hosts whose certificates other authorities have signed."""


def secured(connect: Callable[[], socket.socket], host: str) -> ssl.SSLSocket:
    """A connection to a host whose certificate is trusted. Raises ssl.SSLError where it is not."""
    if host not in _needs_all:
        few = _context(of_aws=True)
        try:
            return few.wrap_socket(connect(), server_hostname=host)
        except ssl.SSLCertVerificationError:
            _needs_all.add(host)
    return _context(of_aws=False).wrap_socket(connect(), server_hostname=host)


@cache
def _context(*, of_aws: bool) -> ssl.SSLContext:
    file = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    bundle = Path(file or Path(botocore.__file__).parent / "cacert.pem")
    authorities = _OF_AWS.findall(bundle.read_text("utf-8")) if of_aws and bundle.is_file() else []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if authorities:
        context.load_verify_locations(cadata="\n".join(authorities))
    elif bundle.is_dir():
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)
    return context
