"""A person: the item of `users`, what follows from its fields, and what is shown of it. No AWS here."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Unpack, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.aws.key_limits import SORT_BYTES, cut
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.settings import settings
from chalicelib.profile import fields, visibility
from chalicelib.profile.email_keys import email_key
from chalicelib.profile.rules import ID_LIMIT, age_on, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person, Source
    from chalicelib.profile.fields import PersonFields


ADMIN = visibility.ADMIN

AWAITED = "awaited"
"""The mark of a person whom an import made, until somebody uses the account. It goes with the first session, and with
any change but those of others (`changed`), so that it is nowhere forgotten."""

HAD_ROLES = "had_roles"
"""The mark of who is awaited and has had roles, if none any more."""

DIRECTORY_SHARDS = 4
"""Partitions of the indexes by role and by time of creation: one takes 1,000 writes a second
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html), and five pages of an
index, the most that a request reads, go through all of them."""

SYLLABIC = ("CJK UNIFIED IDEOGRAPH", "IDEOGRAPHIC", "HANGUL", "HIRAGANA", "KATAKANA")
"""How Unicode's names of the letters begin of which one is a syllable or a word."""

NAME_KEY_BYTES = SORT_BYTES - 1 - ID_LIMIT
"""Of a folded name in the key that it is found by, which ends with `#` and the person's id."""


def new_person(*, source: Source, import_job: str | None = None, **supplied: Unpack[PersonFields]) -> Person:
    """The item of a new person, from fields that `check_fields` passed; None counts as not given. Raises TypeError for
    a field that there is not, ValueError for no address."""
    if not supplied.keys() <= set(fields.SUPPLIED):
        raise TypeError(f"nobody has {', '.join(supplied.keys() - set(fields.SUPPLIED))}")
    present_fields = {name: value for name, value in supplied.items() if value is not None}
    person_id, email = supplied.get("id") or ids.new_id(), supplied.get("email")
    person = {
        **fields.defaults(),
        **present_fields,
        "id": person_id,
        "email_key": email_key(email) if email else None,
        "roles": sorted(set(supplied.get("roles") or ())),
        "source": source,
        "import_job": import_job,
        **named(person_id, supplied.get("name")),
        **aged(supplied.get("age"), supplied.get("birthdate")),
    }
    person = records.new(**{name: value for name, value in person.items() if value is not None})
    return cast("Person", {**person, **_listed(person)})


def _listed(person: Mapping[str, Any]) -> dict[str, str]:
    """What the indexes by creation and by role find a person by. Only who has roles is in the latter."""
    shard = str(records.shard_of(person["id"], DIRECTORY_SHARDS))
    return {"created_shard": shard, **({"roles_shard": shard} if person.get("roles") else {})}


def named(person_id: str, name: str | None) -> dict[str, str | None]:
    """A name and the keys that it is found by; all None where there is none."""
    beginning = name_beginning(name or "")
    return {
        "name": name,
        "name_key": f"{beginning}#{person_id}" if beginning else None,
        "name_prefix": name_partition(beginning) or None,
    }


def stands_alone(letter: str) -> bool:
    """Whether one letter can be a name: in Han, Hangul and Kana."""
    return unicodedata.name(letter, "").startswith(SYLLABIC)


def name_partition(beginning: str) -> str:
    """The partition of the index in which a folded name is: two letters of it, or one that stands alone."""
    return beginning[:1] if beginning and stands_alone(beginning[0]) else beginning[:2]


def aged(age: int | None, birthdate: str | None) -> dict[str, Any]:
    """An age and a birthdate, and the birthday they are found by. Where there is a birthdate, the age follows it."""
    if birthdate is None:
        return {"age": age, "birthdate": None, "birthday": None}
    born = date.fromisoformat(birthdate)
    return {"age": age_on(born, clock.now().date()), "birthdate": birthdate, "birthday": birthdate[5:]}


def changed(person: Person, changes: Mapping[str, Any]) -> Person:
    """The person's next version. None takes a field away."""
    stamp = records.change_stamp(key=person["id"])
    if not _is_made_by_others(person, stamp["changed_by"]):
        changes = {AWAITED: None, **changes}
    next_version = {field: value for field, value in {**person, **changes}.items() if value is not None}
    next_version.pop("roles_shard", None)
    if "name" in changes:
        next_version.pop("unproved_profile", None)
    if AWAITED in next_version and person.get("roles"):
        next_version[HAD_ROLES] = True
    version = person["version"] + 1
    return cast("Person", {**next_version, **_listed(next_version), **stamp, "version": version})


def _is_made_by_others(person: Person, actor: str) -> bool:
    """Whether a change is somebody else's, who is known: what nobody known does may be the person themself."""
    return bool(actor) and actor != person["id"]


def is_awaited(person: Person) -> bool:
    """Whether the person came by an import, and nobody has used the account yet: they have begun no session and
    changed nothing. One that was imported before this was noted counts as used."""
    return AWAITED in person


def has_had_roles(person: Person) -> bool:
    """Whether somebody who is awaited has roles, or has had some since they came."""
    return bool(person.get("roles") or person.get(HAD_ROLES))


def patched(person: Person, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that a JSON merge patch (RFC 7396) of the profile makes. Raises Invalid."""
    changes = {
        name: _patched_object(name, person.get(name), value) if fields.FIELDS[name].is_object else value
        for name, value in patch.items()
    }
    if "name" in patch:
        changes |= named(person["id"], patch["name"])
    if "age" in patch or "birthdate" in patch:
        birthdate = patch.get("birthdate", person.get("birthdate"))
        if birthdate and patch.get("age") is not None:
            raise Invalid([FieldError(field="age", message="follows the birthdate")])
        changes |= aged(patch.get("age", person.get("age")), birthdate)
    return changes


def replaced_fields(person: Person, new_fields: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that replace these fields of the person, and the search keys made from them. The fields have passed
    their rules. Email address and id stay."""
    changes = {name: new_fields[name] for name in fields.SET_BY_UPSERT if name in new_fields}
    if "name" in new_fields:
        changes |= named(person["id"], new_fields["name"])
    if "age" in new_fields or "birthdate" in new_fields:
        changes |= aged(new_fields.get("age"), new_fields.get("birthdate"))
    return changes


def ended_sessions(person: Person, kept: str | None = None) -> dict[str, Any]:
    """The changes that end every session begun before this next version of the person, but the one that is kept.

    A version and not a time: a sign-in that read the person before the change cannot begin a session that outlives
    it, however late it is or wrong its clock.
    """
    return {"sessions_since": person["version"] + 1, "session_kept": kept}


def sessions_since(person: Person) -> int:
    """The version from which on the person's sessions count. What is mailed is bound to it: whatever ends their
    sessions makes it void."""
    return int(person.get("sessions_since", 0))


def proved_mailbox(person: Person) -> dict[str, Any]:
    """The changes of a proof that whoever asks reads the person's mailbox: it accepts an invitation too, and ends
    every session. Whether they wrote the profile of a registration is not proved by it: no mail says a word of that
    until they have named themselves."""
    is_doubtful = person.get("source") == "registration" and not person["email_verified"]
    doubt = {"unproved_profile": True} if is_doubtful else {}
    return {"email_verified": True, "invited_at": None, **doubt, **ended_sessions(person)}


def may_continue(person: Person | None, session_id: str, person_version: int) -> bool:
    """Whether the person may go on with a session that began when they were at `person_version`."""
    if person is None or not is_active(person):
        return False
    return person_version >= sessions_since(person) or session_id == person.get("session_kept")


def folded_name(text: str) -> str:
    """What two spellings of a name have in common: compatibility forms, case and spacing do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def name_beginning(text: str) -> str:
    """As much of a folded name as the index keeps of it: all of it, but for what folding makes many times as long
    (NFKC makes 33 bytes of one U+FDFA). The same of what is looked for finds it."""
    return cut(folded_name(text), NAME_KEY_BYTES)


def is_named(person: Person, beginning: str) -> bool:
    """Whether the person's name begins so, however either is spelt."""
    return folded_name(person.get("name") or "").startswith(folded_name(beginning))


def is_active(person: Person | None) -> bool:
    """Whether this is a person who exists and is not disabled."""
    return records.is_live(person) and person is not None and person.get("status") == "active"


def claims_in(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a person's `metadata` that their tokens say (`TOKEN_CLAIMS`), in the order of that setting: what
    others act upon, so that only administrators and privileged imports write them."""
    return {name: metadata[name] for name in settings().token_claims if name in metadata}


def is_administrator(person: Person) -> bool:
    return ADMIN in person.get("roles", ())


def has_address(person: Person, key: str) -> bool:
    """Whether the person's own address has this key. An `email_key` of before may have been folded from another."""
    return bool(person.get("email")) and email_key(person["email"]) == key


def account_of(person: Person) -> str:
    """What password attempts of this person are counted under: as at sign-in, their address where they have one."""
    return str(person.get("email_key") or f"id:{person['id']}")


def moved(person: Person, email: str) -> dict[str, Any]:
    """The changes of another address: when, and by which the mail to the former one knows that address."""
    former = person.get("email")
    former_fingerprint = fingerprint(former) if former else None
    return {"email": email, "email_changed_at": clock.timestamp(), "former_email": former_fingerprint}


def own_words(person: Mapping[str, Any]) -> tuple[str | None, ...]:
    """What a password of this person must not be made of."""
    return person.get("email"), person.get("name")


def view(person: Person, *, with_metadata: bool = False) -> dict[str, Any]:
    """The person as their owner sees them; administrators see the `metadata` too."""
    shown = {name: person.get(name) for name in fields.SEEN_BY_OWNER}
    if with_metadata:
        shown |= {name: person.get(name, fields.FIELDS[name].default) for name in fields.FOR_ADMINISTRATORS}
    return shown


def _patched_object(field: str, target: object, patch: dict[str, Any] | None) -> dict[str, Any]:
    try:
        return json_object({} if patch is None else _merged(target, patch))
    except ValueError as error:
        raise Invalid([FieldError(field=field, message=str(error))]) from error


def _merged(target: object, patch: object) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def fingerprint(email: str) -> str:
    """By which a person's record knows an address that they left, without holding it."""
    return hashlib.sha256(email.encode()).hexdigest()


def invitation_record(person: Person) -> str:
    """What the token of a person's latest invitation is for: each is another record, so that the one before is void."""
    number = int(person.get("invitations", 1))
    return str(person["id"]) if number == 1 else f"{person['id']}:{number}"
