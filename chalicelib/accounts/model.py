"""A person: the row of `users`, the values computed from its fields, and the views of it. This module does not call
AWS."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Unpack, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.aws.key_limits import SORT_BYTES, cut
from chalicelib.core.errors import FieldError, Invalid, Unauthenticated
from chalicelib.core.merge_patch import merged
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
"""The mark of an imported person whose account nobody has used yet. The first session removes it. So does every change,
in `changed`, unless somebody else made it: so no caller has to remember the mark."""

ELSEWHERE = "elsewhere"
"""The `legacy_hash` of an awaited person whose password another system has, and gives no hash of it. It goes with the
mark AWAITED: who has used the account is not asked for there any more."""

HAD_ROLES = "had_roles"
"""The mark of an awaited person who once had roles, also if they have none now."""

DIRECTORY_SHARDS = 4
"""The number of partitions of the indexes by role and by time of creation. One partition takes 1,000 writes a second
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html). A request reads at most
five pages of an index, and with these it gets through all partitions."""

SYLLABIC = ("CJK UNIFIED IDEOGRAPH", "IDEOGRAPHIC", "HANGUL", "HIRAGANA", "KATAKANA")
"""Beginnings of the Unicode names of letters that stand for a whole syllable or word."""

NAME_KEY_BYTES = SORT_BYTES - 1 - ID_LIMIT
"""The most bytes of a folded name in its search key. The key ends with `#` and the person's id."""


_SUPPLIED = frozenset(fields.SUPPLIED)


def new_person(*, source: Source, import_job: str | None = None, **supplied: Unpack[PersonFields]) -> Person:
    """The row of a new person, from fields that have passed `check_fields`. None counts as not given. Raises TypeError
    for an unknown field, and ValueError for an invalid email address."""
    if not supplied.keys() <= _SUPPLIED:
        raise TypeError(f"nobody has {', '.join(supplied.keys() - _SUPPLIED)}")
    person_id, email = supplied.get("id") or ids.new_id(), supplied.get("email")
    present: dict[str, Any] = {name: value for name, value in supplied.items() if value is not None}
    person = {**fields.defaults(), **present, "id": person_id, "source": source}
    person["roles"] = sorted(set(person["roles"]))
    # A file has a million people: what they do not have is not added to be taken out again.
    if import_job is not None:
        person["import_job"] = import_job
    if email:
        person["email_key"] = email_key(email)
    if "name" in present:
        person |= _present(named(person_id, present["name"]))
    if "birthdate" in present:
        person |= aged(present.get("age"), present["birthdate"])
    person |= _listed(person)
    return cast("Person", records.new(**person))


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _listed(person: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a person in the indexes by time of creation and by role. The latter holds only people with roles."""
    shard = str(records.shard_of(person["id"], DIRECTORY_SHARDS))
    return {"created_shard": shard, **({"roles_shard": shard} if person.get("roles") else {})}


def named(person_id: str, name: str | None) -> dict[str, str | None]:
    """A name and its search keys; all None if there is no name."""
    beginning = name_beginning(name or "")
    return {
        "name": name,
        "name_key": f"{beginning}#{person_id}" if beginning else None,
        "name_prefix": name_partition(beginning) or None,
    }


def stands_alone(letter: str) -> bool:
    """Whether one letter alone can be a name: a letter of Han, Hangul or Kana."""
    return not letter.isascii() and unicodedata.name(letter, "").startswith(SYLLABIC)


def name_partition(beginning: str) -> str:
    """The index partition of a folded name: its first letter if that stands alone, and else its first two letters."""
    return beginning[:1] if beginning and stands_alone(beginning[0]) else beginning[:2]


def aged(age: int | None, birthdate: str | None) -> dict[str, Any]:
    """An age, a birthdate, and the birthday, which is the search key. With a birthdate, the age is computed from it."""
    if birthdate is None:
        return {"age": age, "birthdate": None, "birthday": None}
    born = date.fromisoformat(birthdate)
    return {"age": age_on(born, clock.now().date()), "birthdate": birthdate, "birthday": birthdate[5:]}


def changed(person: Person, changes: Mapping[str, Any]) -> Person:
    """The person's next version. A change to None removes the field."""
    stamp = records.change_stamp(key=person["id"])
    if not _is_made_by_others(person, stamp["changed_by"]):
        changes = {AWAITED: None, **changes}
    next_version = {field: value for field, value in {**person, **changes}.items() if value is not None}
    next_version.pop("roles_shard", None)
    if AWAITED not in next_version and next_version.get("legacy_hash") == ELSEWHERE:
        next_version.pop("legacy_hash")
    if "name" in changes:
        next_version.pop("unproved_profile", None)
    if AWAITED in next_version and person.get("roles"):
        next_version[HAD_ROLES] = True
    version = person["version"] + 1
    return cast("Person", {**next_version, **_listed(next_version), **stamp, "version": version})


def _is_made_by_others(person: Person, actor: str) -> bool:
    """Whether somebody else makes a change. Without an actor it may be the person themself, so that is False."""
    return bool(actor) and actor != person["id"]


def is_awaited(person: Person) -> bool:
    """Whether the person was imported, and nobody has used the account yet: no session has begun, and the person has
    changed nothing. A person who was imported before this mark existed counts as one whose account was used."""
    return AWAITED in person


def has_had_roles(person: Person) -> bool:
    """Whether an awaited person has roles, or has had some since the import."""
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
    """The changes that replace these fields of the person and the search keys made from them. The fields have passed
    their rules. Email address and id do not change."""
    changes = {name: new_fields[name] for name in fields.SET_BY_UPSERT if name in new_fields}
    if "name" in new_fields:
        changes |= named(person["id"], new_fields["name"])
    if "age" in new_fields or "birthdate" in new_fields:
        changes |= aged(new_fields.get("age"), new_fields.get("birthdate"))
    return changes


def ended_sessions(person: Person, kept: str | None = None) -> dict[str, Any]:
    """The changes that end every session begun before this next version of the person, except the session with the id
    `kept`.

    They compare versions, not times. So a sign-in that read the person before the change cannot begin a session that
    outlives it, even if the sign-in is late or its clock is wrong.
    """
    return {"sessions_since": person["version"] + 1, "session_kept": kept}


def sessions_since(person: Person) -> int:
    """The version of the person from which on their sessions count. Mailed tokens and codes are bound to it: whatever
    ends the sessions makes them void."""
    return int(person.get("sessions_since", 0))


def may_continue(person: Person | None, session_id: str, person_version: int) -> bool:
    """Whether a session of the person still counts. It began when they were at `person_version`."""
    if person is None or not is_active(person):
        return False
    return person_version >= sessions_since(person) or session_id == person.get("session_kept")


def have_ended_since(read: Person, present: Person) -> bool:
    """Whether the sessions of a person were ended since they were `read`. What somebody was about to do in one of them
    must not happen any more: the one who ended them may be another human, who has proved the mailbox."""
    return sessions_since(present) != sessions_since(read)


def check_in_session(read: Person, present: Person) -> None:
    """Raises Unauthenticated where the sessions of a person `have_ended_since` they were read."""
    if have_ended_since(read, present):
        raise Unauthenticated("the session has ended")


def folded_name(text: str) -> str:
    """The form that all spellings of a name share: without differences of compatibility forms, case and spacing."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def name_beginning(text: str) -> str:
    """The part of a folded name that the index stores. It is the whole name, unless folding makes it too long (NFKC
    turns U+FDFA into 33 bytes). A search cuts the name that it looks for in the same way."""
    return cut(folded_name(text), NAME_KEY_BYTES)


def is_named(person: Person, beginning: str) -> bool:
    """Whether the person's name begins with `beginning`, after both are folded."""
    return folded_name(person.get("name") or "").startswith(folded_name(beginning))


def is_active(person: Person | None) -> bool:
    """Whether this is a person who exists and is not disabled."""
    return records.is_live(person) and person is not None and person.get("status") == "active"


def claims_in(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a person's `metadata` that are claims of their access tokens (`TOKEN_CLAIMS`), in the order of
    that setting. Other services trust them, so only administrators and privileged imports may write them."""
    return {name: metadata[name] for name in settings().token_claims if name in metadata}


def is_administrator(person: Person) -> bool:
    return ADMIN in person.get("roles", ())


def has_address(person: Person, key: str) -> bool:
    """Whether the person's email address has this key now. A stored `email_key` may come from earlier rules of folding,
    by which another address had the same key."""
    return bool(person.get("email")) and email_key(person["email"]) == key


def account_of(person: Person) -> str:
    """The counter of password attempts of this person: their email key, as at sign-in, or their id if they have
    none."""
    return str(person.get("email_key") or f"id:{person['id']}")


def moved(person: Person, email: str) -> dict[str, Any]:
    """The changes that set another email address: the address, the time, and the fingerprint of the former address, by
    which the mail to it is checked."""
    former = person.get("email")
    former_fingerprint = fingerprint(former) if former else None
    return {"email": email, "email_changed_at": clock.timestamp(), "former_email": former_fingerprint}


def own_words(person: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The person's own words, which their password must not be made of."""
    return person.get("email"), person.get("name")


def view(person: Person, *, with_metadata: bool = False) -> dict[str, Any]:
    """The person as their owner sees them; administrators see the `metadata` too."""
    shown = {name: person.get(name) for name in fields.SEEN_BY_OWNER}
    if with_metadata:
        shown |= {name: person.get(name, fields.FIELDS[name].default) for name in fields.FOR_ADMINISTRATORS}
    return shown


def _patched_object(field: str, target: object, patch: dict[str, Any] | None) -> dict[str, Any]:
    try:
        return json_object({} if patch is None else merged(target, patch))
    except ValueError as error:
        raise Invalid([FieldError(field=field, message=str(error))]) from error


def fingerprint(email: str) -> str:
    """The SHA-256 of an email address. A person's row holds it of the former address, instead of the address."""
    return hashlib.sha256(email.encode()).hexdigest()


def invitation_record(person: Person) -> str:
    """The record that the token of a person's latest invitation names. Each invitation has its own record, so the token
    before it is void."""
    number = int(person.get("invitations", 1))
    return str(person["id"]) if number == 1 else f"{person['id']}:{number}"
