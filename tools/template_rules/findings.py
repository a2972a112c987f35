"""The result of every rule."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]

Finding = tuple[str, str, str]
"""The check, the resource or the path in the template, and the message."""
