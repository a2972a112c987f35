"""What Lambda prepares before anybody waits: processes for a snapshot (SnapStart), or as provisioned concurrency.

A snapshot is one process, and every process that Lambda restores from it begins as a copy of that one, hours or weeks
later. So before it is taken, what does not change is made ready: modules and models. And what must not be the same in
all copies, or is too old by then, is forgotten after each restore, whether or not the preparation has touched it:

* settings, of which Lambda sets some anew for each process;
* secrets, signing keys, credentials and connections, with all else that `settings.once` keeps;
* the state of `random`, by which copies would wait and retry together, and of the ids' counter;
* the pool of random numbers of the `ssl` module. `os.urandom` asks the system, which is safe:
  https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html

Nothing is signed, hashed or called before a snapshot, so no library has a pool of its own by then
(`tests/functional/test_snapshots.py`). No time is kept: `core.clock` asks the system.
"""

from __future__ import annotations

import os
import random
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from chalicelib.core import ids, wiring

if TYPE_CHECKING:
    from chalice import Chalice

AT_FIRST = (
    "chalicelib.oauth.bearer_tokens",
    "cryptography.hazmat.primitives.asymmetric.padding",
    "cryptography.hazmat.primitives.ciphers.aead",
    "jwt",
)
"""What most requests load, beside the modules of their routes, when they first need it."""


def prepare(app: Chalice) -> None:
    """Make the API ready where Lambda prepares its processes, and have it reset what a snapshot must not hold."""
    if not wiring.LOADS_AT_ONCE:
        return
    _load(app)
    if wiring.FROM_SNAPSHOT:
        # A module of Lambda's runtime, which is nowhere else:
        # https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
        import snapshot_restore_py

        snapshot_restore_py.register_before_snapshot(reset)
        snapshot_restore_py.register_after_restore(reset)


def reset() -> None:
    """Forget what was read or drawn in this process."""
    from chalicelib.core.aws import clients

    clients.reset()
    ids.reset()
    random.seed()
    if ssl := sys.modules.get("ssl"):
        ssl.RAND_add(os.urandom(_POOL_BYTES), float(_POOL_BYTES))


_POOL_BYTES = 48
"""The seed of OpenSSL's generator, an AES-256 counter: https://docs.openssl.org/3.0/man7/EVP_RAND-CTR-DRBG/"""


def _load(app: Chalice) -> None:
    """Load what requests need, and build the models of every route."""
    from chalicelib.core.http.declarations import routes_of

    for module in AT_FIRST:
        import_module(module)
    for route in routes_of(app):
        for model in (route.declaration.body, route.declaration.query, *route.declaration.answers.values()):
            if model is not None:
                model.model_rebuild()
