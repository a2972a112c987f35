"""Webhooks: developing a receiver without a tunnel, and looking at what was delivered."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from rollcall_cli import signatures
from rollcall_cli.api import segment
from rollcall_cli.commands import Yes, examples, group, world_of
from rollcall_cli.commands.events import Types, feed
from rollcall_cli.exits import Failure, Misused, NotFound
from rollcall_cli.http import checked, is_loopback
from rollcall_cli.people_shown import event_line
from rollcall_cli.receiving import LOOPBACK, Answering, Received, Receiver, listening
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall_cli.world import World

app = group("Develop a receiver of webhooks on this machine, and see what was delivered.")

DESCRIPTION = "rollcall webhooks listen"
"""Marks the endpoints that `listen` makes, so that one that was left behind is found and removed."""

LOOKED_SECONDS = 0.1

Id = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id.")]


@app.command(
    epilog=examples(
        "webhooks listen",
        "webhooks listen --forward http://localhost:3000/hooks --type 'user.*'",
        "webhooks listen --stage dev --forward http://localhost:3000/hooks",
    )
)
def listen(
    context: typer.Context,
    forward: Annotated[
        str, typer.Option(metavar="URL", help="Hand deliveries on to this URL, and answer as it does.")
    ] = "",
    types: Types = [],  # noqa: B006 - read only
    answer: Annotated[int, typer.Option(min=200, max=599, help="The status to answer with.")] = 204,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; a free port if left out.")] = 0,
    secret: Annotated[
        str, typer.Option(envvar="ROLLCALL_WEBHOOK_SECRET", metavar="SECRET", help="Sign with this one.")
    ] = "",
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    data: Annotated[bool, typer.Option("--data", help="Show the data of each event too.")] = False,
) -> None:
    """Receive webhooks on this machine, without a tunnel.

    Beside `make run` a webhook is made for as long as this runs, each delivery's signature is verified, and --forward
    hands it on as it came. A stage in AWS reaches nothing of yours: its events are read from the feed, which is ten
    seconds behind, signed here in the same form with a secret of your choice, and forwarded.
    """
    world = world_of(context)
    if forward:
        checked(forward)
    answering = Answering(world.send, forward, answer)
    if is_loopback(world.url):
        _listen(world, answering, types, port, count, data=data)
    elif forward:
        _relay(world, answering, types, secret or signatures.new_secret(), count, data=data)
    else:
        raise Misused(
            f"{world.url} cannot reach this machine", "name your receiver: --forward http://localhost:3000/…"
        )


def _listen(
    world: World, answering: Answering, types: list[str], port: int, count: int | None, *, data: bool
) -> None:
    receiver = Receiver(answering, world.now)
    with listening(receiver, port), _registered(world, f"http://{LOOPBACK}:{{port}}/", receiver, types):
        world.terminal.say(f"Listening on port {receiver.port}. The secret of this webhook is {receiver.secret}")
        world.terminal.say("Ctrl-C ends it, and takes the webhook away.", style="dim")
        taken = 0
        while taken != count:
            if (received := receiver.take()) is None:
                world.sleep(LOOKED_SECONDS)
            else:
                _show(world, received, data=data)
                taken += 1


@contextmanager
def _registered(world: World, url: str, receiver: Receiver, types: list[str]) -> Iterator[None]:
    """A webhook that is there while the block runs. Those of calls that could not take theirs away go first."""
    for left in world.api.get("/webhooks")["items"]:
        if left["description"] == DESCRIPTION and not _answers(left["url"]):
            world.api.call("DELETE", f"/webhooks/{segment(left['id'])}")
    asked = {"url": url.format(port=receiver.port), "types": types, "description": DESCRIPTION}
    webhook = world.api.post("/webhooks", asked)
    receiver.secret = webhook["secret"]
    try:
        yield
    finally:
        world.api.call("DELETE", f"/webhooks/{segment(webhook['id'])}")


def _answers(url: str) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, urlsplit(url).port or 80)) == 0


def _relay(
    world: World, answering: Answering, types: list[str], secret: str, count: int | None, *, data: bool
) -> None:
    world.terminal.say(f"Following {world.url}, and forwarding to {answering.forward}. The secret is {secret}")
    for event in islice(feed(world, world.moment("10s"), types), count):
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(world.now()))
        headers = {
            "content-type": "application/json",
            "webhook-id": str(event["id"]),
            "webhook-timestamp": timestamp,
            "webhook-signature": signatures.sign(secret, str(event["id"]), timestamp, body),
        }
        started = time.monotonic()
        status, _, problem = answering.answer(headers, body)
        _show(
            world, Received(body, headers, status, round((time.monotonic() - started) * 1000), problem), data=data
        )


def _show(world: World, received: Received, *, data: bool) -> None:
    """A delivery in two lines: the event, and what was answered."""
    terminal = world.terminal
    try:
        event = json.loads(received.body)
    except ValueError:
        event = None
    if terminal.json_lines:
        terminal.json({"event": event, "status": received.status, "problem": received.problem or None})
        return
    if isinstance(event, dict) and {"type", "time"} <= event.keys():
        event_line(terminal, event)
    else:
        terminal.line("something that is no event")
    good = received.status < 300 and not received.problem
    words = "signature verified" if not received.problem else received.problem
    terminal.line(
        (f"      → {received.status}", "green" if good else "red"),
        (f"  {received.milliseconds} ms, {words}", "dim"),
    )
    if data and isinstance(event, dict):
        terminal.line("      ", (event.get("data"), "dim"))


@app.command("list", epilog=examples("webhooks list", "webhooks list --json"))
def list_webhooks(context: typer.Context) -> None:
    """List every webhook, oldest first."""
    world = world_of(context)
    webhooks = world.api.get("/webhooks")["items"]
    world.terminal.listing(
        ("url", "types", "enabled", "failing since", "id"),
        webhooks,
        lambda each: (
            each["url"],
            each["types"] or "all",
            each["enabled"],
            when(each["failing_since"]),
            each["id"],
        ),
    )


@app.command(epilog=examples("webhooks create https://example.com/hooks --type 'user.*'"))
def create(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the events go.")],
    types: Types = [],  # noqa: B006 - read only
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None,
) -> None:
    """Make a webhook, and show its secret once."""
    world = world_of(context)
    asked = {"url": url, "types": types, **({"description": description} if description else {})}
    webhook = world.api.post("/webhooks", asked)
    world.terminal.secret(webhook)


@app.command(epilog=examples("webhooks remove 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def remove(context: typer.Context, webhook_id: Id, yes: Yes = False) -> None:
    """Remove a webhook; what waits to be delivered to it is dropped."""
    world = world_of(context)
    webhook = world.api.get(f"/webhooks/{segment(webhook_id)}")
    world.terminal.agree(f"Remove the webhook to {webhook['url']}?", yes=yes)
    world.api.call("DELETE", f"/webhooks/{segment(webhook_id)}")
    world.terminal.say("Removed.")


@app.command(epilog=examples("webhooks test 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def test(context: typer.Context, webhook_id: Id) -> None:
    """Sign and send an event that is made up, and show what was answered."""
    world = world_of(context)
    path = f"/webhooks/{segment(webhook_id)}"
    delivery = world.api.post(f"{path}/test", {})
    for _ in range(30):
        listed = world.api.get(f"{path}/deliveries", limit=50)["items"]
        found = [each for each in listed if each["id"] == delivery["id"] and each["attempts"]]
        if found:
            _show_deliveries(world, found)
            if found[0]["state"] != "delivered":
                raise Failure("the endpoint did not take it")
            return
        world.sleep(1)
    raise NotFound("the test was not tried within half a minute", "rollcall webhooks deliveries shows it later")


@app.command(epilog=examples("webhooks deliveries 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z --state failed"))
def deliveries(
    context: typer.Context,
    webhook_id: Id,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="waiting, delivered or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 20,
) -> None:
    """List what was delivered to a webhook in the last 30 days, newest event first."""
    world = world_of(context)
    path = f"/webhooks/{segment(webhook_id)}/deliveries"
    _show_deliveries(world, list(world.api.listed(path, most=limit, state=state)))


@app.command(epilog=examples("webhooks retry 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z 'users:01K0…:2:0'"))
def retry(
    context: typer.Context,
    webhook_id: Id,
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id.")],
) -> None:
    """Send one delivery again now, whatever became of it before."""
    world = world_of(context)
    world.api.post(f"/webhooks/{segment(webhook_id)}/deliveries/{segment(delivery_id)}/retry")
    world.terminal.say("It is being sent again.")


def _show_deliveries(world: World, found: list[dict[str, Any]]) -> None:
    world.terminal.listing(
        ("time", "type", "state", "tries", "answer", "delivery"),
        found,
        lambda each: (
            when(each["created_at"]),
            each["type"],
            each["state"],
            len(each["attempts"]),
            _answer(each),
            each["id"],
        ),
    )


def _answer(delivery: dict[str, Any]) -> object:
    """What the last attempt came to."""
    attempt = delivery["attempts"][-1] if delivery["attempts"] else {}
    return attempt.get("status") or attempt.get("error")
