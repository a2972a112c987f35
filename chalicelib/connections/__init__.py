"""Connections: the identity providers that people may come from, what they publish, and what is believed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.connections import (
        authorization,
        domains,
        endpoints,
        faults,
        model,
        provider_identity,
        schemas,
    )
    from chalicelib.connections.process_note import noted
    from chalicelib.connections.requirement import ConnectionRequired, check_way
    from chalicelib.connections.store import connections
else:
    __getattr__ = names_of(
        __name__,
        {
            "ConnectionRequired": "requirement",
            "authorization": "",
            "check_way": "requirement",
            "connections": "store",
            "domains": "",
            "endpoints": "",
            "faults": "",
            "model": "",
            "noted": "process_note",
            "provider_identity": "",
            "schemas": "",
        },
    )

__all__ = [
    "ConnectionRequired",
    "authorization",
    "check_way",
    "connections",
    "domains",
    "endpoints",
    "faults",
    "model",
    "noted",
    "provider_identity",
    "schemas",
]
