"""Devices that an account was used on before, after OWASP's device cookies.

https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies

A person who signs in gets a device token, to send with the next sign-in. It does not prove who they are. It says that
the account was used on this device before, so wrong passwords from it are counted apart from those of unknown devices.
A token is `<device id>.<person's id>.<person's version>.<epoch>.<key number>.<MAC>`. Nothing of it is stored. It stops
being valid when the sessions of its time are ended. So after a password reset or change, every device is unknown.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import clock, ids
from chalicelib.core.crypto import app_keys
from chalicelib.core.crypto.kept_texts import parts_of

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

LIFE_SECONDS = 365 * 86400


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
        """The key of the counter of wrong passwords from this device."""
        return f"device#{self.id}"

    def is_of(self, person: Person | None) -> bool:
        """Whether the person signed in on this device, and sessions of that time still count: a password reset, for
        one, ends them."""
        if person is None or person["id"] != self.user_id:
            return False
        return accounts.may_continue(person, self.id, self.person_version)

    @property
    def _fields(self) -> tuple[str, ...]:
        return self.id, self.user_id, str(self.person_version), str(self.issued_at), self.key_id


def remembered(person: Person, device: Device | None) -> Device:
    """The device on which this person has just signed in: the known one, valid for another year, or a new one. `person`
    is the row that was read before the person proved who they are."""
    device_id = device.id if device and device.is_of(person) else ids.new_id()
    return Device(device_id, person["id"], person["version"], clock.epoch(), app_keys.current_key_id())


def parse(text: str | None) -> Device | None:
    """The device of a token. None if Rollcall did not issue the token, or if it is older than a year."""
    parts = parts_of(text, 6)
    if text is None or parts is None:
        return None
    device_id, user_id, version, issued_at, key_id, _ = parts
    try:
        device = Device(device_id, user_id, int(version), int(issued_at), key_id)
        issued_text = str(device)
    except (ValueError, KeyError):
        return None
    is_genuine = hmac.compare_digest(issued_text, text)
    return device if is_genuine and clock.epoch() - device.issued_at < LIFE_SECONDS else None
