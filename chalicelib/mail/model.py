"""What a mail is, before AWS: its names, its states, and the three shapes in which one can be asked for."""

from __future__ import annotations

from typing import Literal

Template = Literal[
    "confirm_registration",
    "already_registered",
    "password_reset",
    "password_changed",
    "email_changed",
    "factors_changed",
    "invitation",
    "birthday",
    "alert",
]
"""One message per purpose: `templates/<locale>/<name>.{subject,txt,html}`."""
