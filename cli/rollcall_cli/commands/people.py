"""People: finding, showing and helping them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import Yes, examples, group, world_of
from rollcall_cli.exits import Misused, NotFound
from rollcall_cli.people_shown import COLUMNS, row, show_person
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from rollcall_cli.api import Api
    from rollcall_cli.world import World

app = group("Find people, see what became of them, and help them.")

ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
ERASURE_SECONDS = 60
"""How long the program watches an erasure; it goes on by itself."""

Who = Annotated[str, typer.Argument(metavar="WHO", help="Their email address, or their id.")]
Everyone = Annotated[list[str], typer.Argument(metavar="WHO...", help="Email addresses or ids.")]


@app.command(
    epilog=examples("people find ada@example.com", 'people find "Ada L"', "people find --role admin --json")
)
def find(
    context: typer.Context,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="An email address, or the beginning of a name.")
    ] = "",
    age: Annotated[int | None, typer.Option(help="Exactly this old.")] = None,
    min_age: Annotated[int | None, typer.Option(help="At least this old.")] = None,
    max_age: Annotated[int | None, typer.Option(help="At most this old.")] = None,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help="Who have this role.")] = None,
    created_after: Annotated[
        str | None, typer.Option(metavar="TIME", help="A time, or 30d for so long ago.")
    ] = None,
    created_before: Annotated[str | None, typer.Option(metavar="TIME", help="The same; not included.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 50,
) -> None:
    """Find people by address, by the beginning of their name, by age, role or time of creation."""
    world = world_of(context)
    query: dict[str, Any] = {
        "age": age,
        "min_age": min_age,
        "max_age": max_age,
        "role": role,
        "created_after": world.moment(created_after) if created_after else None,
        "created_before": world.moment(created_before) if created_before else None,
    }
    if text:
        query["email" if "@" in text else "name"] = text
    if not any(value is not None for value in query.values()):
        raise Misused("whom?", "an address, a name, or one of the options: rollcall people find --help")
    found = list(world.api.listed("/users", most=limit, **query))
    if not found:
        raise NotFound("nobody was found")
    world.terminal.listing(COLUMNS, found, row)
    if len(found) == limit:
        world.terminal.say(f"There may be more than these {limit}: --limit {10 * limit}", style="dim")


@app.command(
    epilog=examples(
        'people search "ada attributes.plan = pro"', 'people search "last_sign_in_at < -30d" --sort name'
    )
)
def search(
    context: typer.Context,
    q: Annotated[
        str, typer.Argument(metavar="FILTER", help="As docs/searching.md has it; all people if empty.")
    ] = "",
    sort: Annotated[
        str, typer.Option(metavar="FIELD", help="What to sort by, with - before it for the reverse.")
    ] = "-created_at",
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 50,
) -> None:
    """Search people by any of their fields, where the stage has a read model."""
    world = world_of(context)
    found = list(world.api.listed("/people/search", most=limit, q=q, sort=sort))
    if not found:
        raise NotFound("nobody was found")
    world.terminal.listing(COLUMNS, found, row)
    if len(found) == limit:
        count = world.api.get("/people/search", q=q, sort=sort, limit=1, count="true")["count"]
        about = "" if count["exact"] else "about "
        world.terminal.say(f"They are {about}{count['value']}: --limit {10 * limit}", style="dim")


@app.command(
    epilog=examples("people show ada@example.com", "people show ada@example.com --at 2026-01-31T12:00:00Z")
)
def show(
    context: typer.Context,
    who: Who,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As they were then: a time, or 2h, 3d ago.")
    ] = None,
    events: Annotated[int, typer.Option(min=0, help="How many of their latest events.")] = 10,
) -> None:
    """Show a person with their second factors, sessions and latest events; or as they were at a time."""
    world = world_of(context)
    document = person_named(world.api, who)
    path = path_of(document)
    if at:
        document = world.api.get(path, at=world.moment(at))
    else:
        document["factors"] = world.api.get(f"{path}/factors")
        document["sessions"] = list(world.api.listed(f"{path}/sessions"))
        document["history"] = list(world.api.listed(f"{path}/history", most=events)) if events else []
    if world.terminal.json_lines:
        world.terminal.json(document)
    else:
        show_person(world.terminal, document)


@app.command(epilog=examples("people disable mallory@example.com"))
def disable(context: typer.Context, who: Everyone, yes: Yes = False) -> None:
    """Keep people out, and end their sessions."""
    world = world_of(context)
    for person in agreed(world, "Disable", who, yes=yes):
        _shown(world, world.api.call("POST", f"{path_of(person)}/disable", headers=_unchanged(person)), "disabled")


@app.command(epilog=examples("people enable ada@example.com"))
def enable(context: typer.Context, who: Everyone) -> None:
    """Let people in again."""
    world = world_of(context)
    for person in [person_named(world.api, each) for each in who]:
        _shown(world, world.api.call("POST", f"{path_of(person)}/enable", headers=_unchanged(person)), "enabled")


@app.command(epilog=examples("people roles ada@example.com", "people roles ada@example.com --add support"))
def roles(
    context: typer.Context,
    who: Who,
    add: Annotated[list[str], typer.Option(metavar="ROLE", help="A role that they get.")] = [],  # noqa: B006 - read only
    remove: Annotated[list[str], typer.Option(metavar="ROLE", help="A role that they lose.")] = [],  # noqa: B006 - read only
) -> None:
    """Show a person's roles, or change them. Who is made an administrator is so by a second factor of yours."""
    world = world_of(context)
    person = person_named(world.api, who)
    if add or remove:
        wanted = sorted(({*person["roles"]} | {*add}) - {*remove})
        person = world.api.call("PUT", f"{path_of(person)}/roles", {"roles": wanted}, headers=_unchanged(person))
    if world.terminal.json_lines:
        world.terminal.json(person)
    else:
        world.terminal.line(person["roles"])


@app.command(epilog=examples("people erase ada@example.com", "people erase 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z --yes"))
def erase(context: typer.Context, who: Who, yes: Yes = False) -> None:
    """Remove a person: hidden at once, erased everywhere within the hour. It cannot be undone."""
    world = world_of(context)
    (person,) = agreed(world, "Erase for ever", [who], yes=yes)
    receipt = world.api.call("DELETE", path_of(person), headers=_unchanged(person))
    world.terminal.say(f"Hidden, and erased by {receipt['erased_by']}. The receipt is {receipt['id']}.")
    erasure = _watched(world, receipt)
    if world.terminal.json_lines:
        world.terminal.json(erasure)
    else:
        world.terminal.fields({"receipt": receipt["id"], "status": erasure["status"], **erasure["counts"]})


@app.command(epilog=examples("people invite grace@example.com --name Grace --role support"))
def invite(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where the invitation goes.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What they are called.")] = None,
    role: Annotated[list[str], typer.Option(metavar="ROLE", help="A role that they get.")] = [],  # noqa: B006 - read only
) -> None:
    """Invite somebody by mail, or once more who has not come yet."""
    world = world_of(context)
    asked = {"email": email, "name": name, "roles": role or None}
    person = world.api.post("/users/invite", {key: value for key, value in asked.items() if value is not None})
    _shown(world, person, "invited")


@app.command("sign-out", epilog=examples("people sign-out ada@example.com"))
def sign_out(context: typer.Context, who: Who, yes: Yes = False) -> None:
    """End every session of a person. Their devices count as unknown again."""
    world = world_of(context)
    (person,) = agreed(world, "Sign out everywhere", [who], yes=yes)
    world.api.call("DELETE", f"{path_of(person)}/sessions")
    world.terminal.say("Signed out everywhere.")


@app.command("reset-password", epilog=examples("people reset-password ada@example.com"))
def reset_password(context: typer.Context, who: Who) -> None:
    """Mail a person a link with which they choose a new password."""
    world = world_of(context)
    person = person_named(world.api, who)
    world.api.post(f"{path_of(person)}/password-reset")
    world.terminal.say(f"A mail to {person['email']} is on its way: rollcall people mail {person['email']}")


@app.command("remove-factors", epilog=examples("people remove-factors ada@example.com"))
def remove_factors(context: typer.Context, who: Who, yes: Yes = False) -> None:
    """Remove every second factor of a person who has lost them."""
    world = world_of(context)
    (person,) = agreed(world, "Remove every second factor of", [who], yes=yes)
    world.api.call("DELETE", f"{path_of(person)}/factors")
    world.terminal.say("They have no second factor any more.")


@app.command(epilog=examples("people mail ada@example.com"))
def mail(
    context: typer.Context,
    who: Who,
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 20,
) -> None:
    """List what was mailed to a person in the last 90 days, newest first, and what became of it."""
    world = world_of(context)
    mails = list(world.api.listed(f"{path_of(person_named(world.api, who))}/mail", most=limit))
    world.terminal.listing(
        ("time", "mail", "state", "since"),
        mails,
        lambda each: (when(each["created_at"]), each["template"], each["state"], when(each["updated_at"])),
    )


def person_named(api: Api, who: str) -> dict[str, Any]:
    """The person of an email address or an id. Raises NotFound where there is none."""
    if "@" not in who:
        try:
            person: dict[str, Any] = api.get(f"/users/{segment(who)}")
        except NotFound as missing:
            raise NotFound(f"nobody has the id {who}", f"rollcall people find {who}", missing.problem) from None
        return person
    found = api.get("/users", email=who)["items"]
    if not found:
        raise NotFound(f"nobody has the address {who}")
    return dict(found[0])


def agreed(world: World, what: str, who: list[str], *, yes: bool) -> list[dict[str, Any]]:
    """The people, once whoever types has agreed. Raises Misused where they do not."""
    people = [person_named(world.api, each) for each in who]
    if not yes and world.terminal.interactive:
        world.terminal.table(COLUMNS, [row(person) for person in people])
    world.terminal.agree(f"{what} {'these people' if len(people) > 1 else 'this person'}?", yes=yes)
    return people


def path_of(person: dict[str, Any]) -> str:
    """Where the API has a person."""
    return f"/users/{segment(person['id'])}"


def _unchanged(person: dict[str, Any]) -> dict[str, str]:
    """Changes the version that was shown, and no other."""
    return {"If_Match": f'"{person["version"]}"'}


def _shown(world: World, person: dict[str, Any], became: str) -> None:
    if world.terminal.json_lines:
        world.terminal.json(person)
    else:
        world.terminal.line(person.get("email") or person["id"], f" {became}")


def _watched(world: World, receipt: dict[str, Any]) -> dict[str, Any]:
    """The erasure, once it has ended or was watched long enough."""
    erasure: dict[str, Any] = {}
    with world.terminal.progress() as progress:
        progress.add_task("erasing", total=None, about="")
        for _ in range(ERASURE_SECONDS):
            erasure = world.api.get(f"/erasures/{segment(receipt['id'])}")
            if erasure["status"] not in {"waiting", "running"}:
                break
            world.sleep(1)
    return erasure
