"""What every rule answers."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]

Finding = tuple[str, str, str]
"""Check, resource or place, message."""
