"""JSON merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any


def merged(target: object, patch: object) -> Any:
    """What a patch makes of a JSON value (section 2), which stays as it is. A member of null goes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
