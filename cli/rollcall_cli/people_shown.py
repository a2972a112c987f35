"""How people and what happened to them are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rollcall_cli.terminal import COLORS, clean, one_line, when

if TYPE_CHECKING:
    from rollcall_cli.terminal import Terminal

COLUMNS = ("email", "name", "age", "status", "roles", "id")

FIRST = ("id", "email", "email_verified", "name", "age", "status", "roles")
TIMES = ("created_at", "updated_at")


def row(person: dict[str, Any]) -> list[object]:
    """A person in a table of `COLUMNS`."""
    return [person.get(name) for name in COLUMNS]


def show_person(terminal: Terminal, person: dict[str, Any]) -> None:
    """Print a person's fields, then what came with them: factors, sessions, and events, newest first."""
    beside = {"factors", "sessions", "history"}
    further = [name for name in person if name not in {*FIRST, *TIMES, *beside}]
    fields = {name: person[name] for name in (*FIRST, *further) if name in person}
    factors = {"second factors": factors_of(person["factors"])} if "factors" in person else {}
    terminal.fields({**fields, **factors, **{name: when(person.get(name)) for name in TIMES}})
    if person.get("sessions"):
        terminal.out.print()
        sessions = [(when(each["last_used_at"]), each["agent"], each["id"]) for each in person["sessions"]]
        terminal.table(("session last used", "browser or app", "id"), sessions)
    if person.get("history"):
        terminal.out.print()
    for event in person.get("history", ()):
        event_line(terminal, event)


def factors_of(factors: dict[str, Any]) -> list[str]:
    """A person's second factors in words."""
    words = ["authenticator app"] if factors["totp"] else []
    if factors["recovery_codes"]:
        words.append(f"{factors['recovery_codes']['left']} recovery codes")
    return words + [f"passkey {passkey['name']}" for passkey in factors["passkeys"]]


def event_line(terminal: Terminal, event: dict[str, Any]) -> None:
    """Print an event in a line: when, what, about whom, what changed, by whom."""
    group = str(event["type"]).partition(".")[0]
    terminal.line(
        (when(event["time"]), "dim"),
        "  ",
        (f"{clean(event['type']):<26}", COLORS.get(group, "")),
        f"  {clean(event.get('subject'))}",
        (f"  {about(event)}", "dim"),
    )


def about(event: dict[str, Any]) -> str:
    """What an event says beside its type, in a few words."""
    data = event.get("data") or {}
    words = []
    user = data.get("user") or {}
    previous = data.get("previous") or {}
    # Events that are one change by their type, such as `user.disabled`, say by `previous` alone what it was.
    changed = data.get("changed") or [name for name in previous if name in user]
    for name in changed:
        if name in previous and name in user:
            words.append(f"{name}: {_short(previous[name])} → {_short(user[name])}")
        else:
            words.append(str(name))
    if not changed:
        words += [str(user[name]) for name in ("email", "name") if user.get(name)][:1]
    words += [
        f"{name} {_short(data[name])}" for name in ("reason", "key", "status") if isinstance(data.get(name), str)
    ]
    if event.get("actor") not in {None, event.get("subject")}:
        words.append(f"by {event['actor']}")
    words += [flag for flag in ("replayed", "bulk", "reconciled") if event.get(flag)]
    return ", ".join(words)


def _short(value: object) -> str:
    text = one_line(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
