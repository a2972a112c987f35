"""Intents: what strangers asked for with an address, kept until it is answered by mail and used.

Whoever asks costs one write that looks nothing up: docs/decisions/intents.md says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.intents.store import find_intent, intent_from, intents
else:
    __getattr__ = names_of(__name__, {"intent_from": "store", "find_intent": "store", "intents": "store"})

__all__ = ["find_intent", "intent_from", "intents"]
