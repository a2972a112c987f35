"""Devices that an account was used on before, after OWASP's device cookies.

https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies

Who signs in gets a token, to send with the next sign-in. It does not prove who they are. It says that the account was
used on this device before, so wrong passwords from it are counted apart from those of strangers. A token is
`<device id>.<person's id>.<person's version>.<epoch>.<key number>.<MAC>` and nothing of it is stored: it ends with
the sessions of its time, so a reset or a changed password makes strangers of all devices.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import clock, ids
from chalicelib.core.crypto import app_keys

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

LIFE_SECONDS = 365 * 86400
LENGTH_LIMIT = 512
"""Characters: an id of 128 and the rest."""


@dataclass(frozen=True)
class Device:
    """What the token of a device says."""

    id: str
    user_id: str
    person_version: int
    issued_at: int
    key_id: str

    def __str__(self) -> str:
        return ".".join((*self._fields, ids.base64url(app_keys.mac("devices", *self._fields, key_id=self.key_id))))

    def __repr__(self) -> str:
        return f"<device {self.id}>"

    @property
    def counter(self) -> str:
        """What its wrong passwords are counted under."""
        return f"device#{self.id}"

    def is_of(self, person: Person | None) -> bool:
        """Whether the person signed in on it, and no session of that time was ended by a reset or the like."""
        if person is None or person["id"] != self.user_id:
            return False
        return accounts.may_continue(person, self.id, self.person_version)

    @property
    def _fields(self) -> tuple[str, ...]:
        return self.id, self.user_id, str(self.person_version), str(self.issued_at), self.key_id


def remembered(person: Person, device: Device | None) -> Device:
    """The device that this person, as they were read before they proved who they are, has just signed in on: the
    known one, good for another year, or a new one."""
    device_id = device.id if device and device.is_of(person) else ids.new_id()
    return Device(device_id, person["id"], person["version"], clock.epoch(), app_keys.current_key_id())


def parse(text: str | None) -> Device | None:
    """The device of a token, or None where we did not make the token, or it is older than a year."""
    device_id, _, rest = (text or "").partition(".")
    parts = rest.rsplit(".", 4)
    if text is None or len(text) > LENGTH_LIMIT or not text.isascii() or len(parts) != 5:
        return None
    user_id, version, issued_at, key_id, _ = parts
    try:
        device = Device(device_id, user_id, int(version), int(issued_at), key_id)
        own_text = str(device)
    except (ValueError, KeyError):
        return None
    is_ours = hmac.compare_digest(own_text, text)
    return device if is_ours and clock.epoch() - device.issued_at < LIFE_SECONDS else None
