"""The operations whose keys are watched, through the real routes and handlers: many people, or one, or one network.

Each operation runs as often as there are visits. What it changes then goes through the streams, the topic, the queues
and their consumers in full batches, and counts as a part of it.
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks.scaling.watching import watching
from chalicelib import oauth
from chalicelib.core import clock
from chalicelib.core.aws.dynamo import to_item
from chalicelib.core.http.declarations import FORM
from chalicelib.core.settings import settings
from chalicelib.oauth import model as oauth_model
from chalicelib.webhooks import endpoints
from tests import system
from tests.builders import PASSWORD, an_admin
from tests.cloudlike import stage, topic_messages
from tests.functional.apps import ApiClient, blueprints
from tests.functional.importing import StateMachines
from tests.functional.streams import stream_event
from tests.functional.visitors import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.scaling.watching import Access, Change, Watch
    from chalicelib.core.http.requests import Caller
    from tests.cloudlike import Cloud

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAMES_OF_PEOPLE = (
    *("Maria", "José", "Anna", "Mohamed", "Wei", "Yuki", "Fatima", "Olga", "Ivan", "Lars", "Emma", "Noah", "Liam"),
    *(
        "Sofia",
        "Lucas",
        "Mia",
        "Hugo",
        "Chloé",
        "Ali",
        "Zeynep",
        "Priya",
        "Arjun",
        "Kenji",
        "Sara",
        "Elif",
        "Omar",
    ),
    *(
        "Lea",
        "Jonas",
        "Nina",
        "Paul",
        "Ines",
        "Tomás",
        "Eva",
        "Max",
        "Julia",
        "Leo",
        "Clara",
        "Adam",
        "Rosa",
        "Ben",
    ),
)
"""First names, taken in turn: the index by name is split by their first two letters."""
STREAM_BATCH, QUEUE_BATCH, WEBHOOK_BATCH, INTENT_BATCH = 100, 100, 10, 10
"""Records of a full batch, as `app.py` has them."""
LARGE: dict[str, Any] = {
    "failed_sign_in_milliseconds": 450,
    "sign_ins_at_once": 100,
    "sign_ins_at_once_in_all": 2000,
    "mails_per_hour": 10_000_000,
}
"""Settings of an owner who expects a large load. The defaults refuse it by themselves: eight sign-ins at once."""
LIMIT = 8
"""Of registrations and failures of a network in an hour: as the settings have it in kind, and sooner reached."""


@dataclass
class Watched:
    """What so many runs of an operation did, consumers included."""

    operation: str
    runs: int
    accesses: list[Access]
    calls: int
    """Of DynamoDB, in the request itself."""
    events: float
    """Published, in all."""


@dataclass
class Visit:
    """One person who comes from one network, and what they hold."""

    email: str
    name: str
    age: int
    network: str
    confirmation: str = ""
    access_token: str = ""
    refresh_token: str = ""


class Site(ApiClient):
    """The whole API, called from a network of one's choice with a token of one's own."""

    def __init__(self, cloud: Cloud, watch: Watch) -> None:
        super().__init__(*blueprints())
        self.cloud = cloud
        self.watch = watch
        self.found: list[Watched] = []

    def asked(self, method: str, path: str, body: Any = None, visit: Visit | None = None, **headers: str) -> Any:
        """Call a route, and return the answer's body. Raises AssertionError for a server's error."""
        if visit is not None:
            headers["X_Forwarded_For"] = visit.network
            if visit.access_token and "Authorization" not in headers:
                headers["Authorization"] = f"Bearer {visit.access_token}"
        answer = self.call(method, path, body, **headers)
        assert answer.status < 500, (method, path, answer)
        return answer.body

    def run(self, operation: str, visits: Sequence[Visit], once: Callable[[Visit], object]) -> None:
        """Watch an operation of each visit, and all that follows from it."""
        start, published = len(self.watch.accesses), self.watch.published
        for visit in visits:
            once(visit)
        calls = len(self.watch.accesses) - start
        self.follow(visits)
        accesses = self.watch.accesses[start:]
        self.found.append(Watched(operation, len(visits), accesses, calls, self.watch.published - published))

    def follow(self, visits: Sequence[Visit] = ()) -> None:
        """Let the streams and queues run empty."""
        while True:
            changes = self.watch.taken_changes()
            for table, pairs in changes.items():
                size = INTENT_BATCH if table == "intents" else STREAM_BATCH
                for batch in _batches(pairs, size):
                    system.invoke(system.STREAMS[table], _stream_event(table, batch))
            self._take_mails(visits)
            for queue, size in (("history", QUEUE_BATCH), ("insights", QUEUE_BATCH), ("webhooks", WEBHOOK_BATCH)):
                for records in _batches(self.cloud.take(queue), size):
                    system.consume(queue, {"Records": records})
            self.cloud.take("deliveries")
            for records in _batches(self.cloud.take("items"), QUEUE_BATCH):
                system.consume("items", {"Records": records})
            if not self.watch.changes:
                return

    def _take_mails(self, visits: Sequence[Visit]) -> None:
        """Read the mails as their recipients do."""
        by_address = {visit.email: visit for visit in visits}
        for mail in self.cloud.bodies("mail"):
            visit = by_address.get(mail.get("to", ""))
            if visit and mail.get("template") == "confirm_registration":
                visit.confirmation = token_of(mail)

    def _authenticate(self, token: str) -> Caller:
        return oauth.authenticate(token)


def visits(number: int, *, first: int = 0, network: str = "", age: int = 0) -> list[Visit]:
    """So many people, each from a network of their own unless one is named. Ages are skewed: of thirty, the youngest
    are three times as many as the oldest."""
    people = range(first, first + number)
    return [
        Visit(
            email=f"person-{n}@example.org",
            name=f"{NAMES_OF_PEOPLE[n % len(NAMES_OF_PEOPLE)]} {n}",
            age=age or 18 + min(n * 7 % 45, n * 11 % 30),
            network=network or f"198.{18 + n // 65536 % 2}.{n // 256 % 256}.{n % 256}",
        )
        for n in people
    ]


@contextmanager
def site(**values: Any) -> Iterator[Site]:
    """An empty stage of an owner who expects a large load, with a webhook for all that happens to people. `values` are
    further settings."""
    proxies: dict[str, Any] = {"trusted_proxies": 1, "proxy_networks": ("127.0.0.0/8",)}
    with (
        settings.held(**{**LARGE, **proxies, "outbound_allow_http": True, **values}),
        stage() as cloud,
        clock.held(NOON),
    ):
        for queue in ("history", "insights", "webhooks"):
            topic_messages(cloud, queue)
        endpoints.create({"url": "http://127.0.0.1:9/", "types": ["user.*"]})
        with watching() as watch:
            yield Site(cloud, watch)


def everyday(at: Site, people: Sequence[Visit]) -> None:
    """Everybody registers, confirms, comes in and does what people do."""
    arrive(at, people)
    enter(at, people)
    use(at, people)


def arrive(at: Site, people: Sequence[Visit]) -> None:
    """Everybody registers and confirms."""
    at.run("register", people, lambda visit: _register(at, visit))
    at.run("confirm", people, lambda visit: _confirm(at, visit))


def enter(at: Site, people: Sequence[Visit]) -> None:
    """Everybody signs in, on a device of theirs that is new."""
    at.run("sign in", people, lambda visit: _enter(at, visit))


FLOOD = ("registration in a flood", "guess in a flood", "made-up refresh token in a flood")


def flood(at: Site, people: Sequence[Visit]) -> None:
    """One program registers addresses, guesses at passwords of others, and makes tokens up, all from one network that
    has used its limits up."""
    registration, guess, refresh = FLOOD
    made_up = {"refresh_token": "made.up"}
    steps: dict[str, Callable[[Visit], object]] = {
        registration: lambda visit: _register(at, visit),
        guess: lambda visit: _enter(at, visit, "not the right password"),
        refresh: lambda visit: at.asked("POST", "/sessions/refresh", made_up, visit),
    }
    for step in steps.values():
        for visit in [*people, *people][: 2 * LIMIT]:
            step(visit)
    at.follow()
    for operation, step in steps.items():
        at.run(operation, people, step)


def use(at: Site, people: Sequence[Visit]) -> None:
    """What people do once they are signed in, what fails, and what others ask."""
    numbers = count()
    at.run("refresh", people, lambda visit: _refresh(at, visit))
    at.run("get me", people, lambda visit: at.asked("GET", "/me", visit=visit))
    at.run("patch me", people, lambda visit: at.asked("PATCH", "/me", {"attributes": {"n": next(numbers)}}, visit))
    at.run("put item", people, lambda v: at.asked("PUT", "/me/items/theme", {"item_value": next(numbers)}, v))
    at.run("get item", people, lambda visit: at.asked("GET", "/me/items/theme", visit=visit))
    wrong = "not the right password"
    at.run("wrong password", people, lambda visit: _enter(at, visit, wrong))


def asked_by_others(at: Site, people: Sequence[Visit]) -> None:
    """One service gets a token each time and writes items of everybody; an administrator reads the directory by age."""
    client, secret = oauth_model.new_client("billing", ["service"])
    oauth.clients().create(client)
    at.follow()  # what the making of a client leads to is none of its operations
    basic = base64.b64encode(f"{client['client_id']}:{secret}".encode()).decode()
    form: dict[str, Any] = {"Content_Type": FORM, "Authorization": f"Basic {basic}"}
    grant = b"grant_type=client_credentials"
    at.run("token of a service", people, lambda _: at.asked("POST", "/oauth2/token", grant, **form))
    token = at.asked("POST", "/oauth2/token", grant, **form)["access_token"]
    bearer: dict[str, Any] = {"Authorization": f"Bearer {token}"}
    ids = [user["id"] for user in at.cloud.rows("users")]

    def post_item(visit: Visit) -> None:
        number = people.index(visit) % len(ids)
        write = {"user_id": ids[number], "item_id": f"w{number}", "item_key": "plan", "item_value": "gold"}
        at.asked("POST", "/items", {"items": [{**write, "at": clock.timestamp()}]}, **bearer)

    at.run("item by a service", people, post_item)
    admin = Visit("admin@example.org", "Admin", 40, "192.0.2.1")
    an_admin(email=admin.email, password=PASSWORD)
    _enter(at, admin)
    at.follow()
    at.run("directory by age", people, lambda visit: at.asked("GET", f"/users?age={visit.age}", visit=admin))


OF_A_CHUNK = ("jobs", "guards")
"""Tables that an import writes for each chunk, or once, and not for each row."""


def import_people(at: Site, people: Sequence[Visit]) -> None:
    """A file with a row for each of them, from its upload to the history of each person."""
    rows = "\n".join(json.dumps({"email": p.email, "name": p.name, "age": p.age}) for p in people)
    start, published = len(at.watch.accesses), at.watch.published
    job = StateMachines(at.cloud).drop(rows.encode(), "imports/people.ndjson")
    assert job["counts"]["created"] == len(people), job
    calls = len(at.watch.accesses) - start
    at.follow()
    found = at.watch.accesses[start:]
    of_chunk = [access for access in found if access.place.table in OF_A_CHUNK]
    of_rows = [access for access in found if access.place.table not in OF_A_CHUNK]
    at.found += [
        Watched("row of an import", len(people), of_rows, calls, at.watch.published - published),
        Watched("chunk of an import", 1, of_chunk, 0, 0),
    ]


def _register(at: Site, visit: Visit) -> None:
    fields = {"email": visit.email, "name": visit.name, "age": visit.age, "password": PASSWORD}
    at.asked("POST", "/users", fields, visit)


def _confirm(at: Site, visit: Visit) -> None:
    at.asked("POST", "/users/confirm", {"token": visit.confirmation, "password": PASSWORD}, visit)


def _enter(at: Site, visit: Visit, password: str = PASSWORD) -> None:
    visit.access_token = ""
    body = at.asked("POST", "/sessions", {"email": visit.email, "password": password}, visit)
    visit.access_token = body.get("access_token", "")
    visit.refresh_token = body.get("refresh_token", "")


def _refresh(at: Site, visit: Visit) -> None:
    body = at.asked("POST", "/sessions/refresh", {"refresh_token": visit.refresh_token}, visit)
    visit.access_token, visit.refresh_token = body["access_token"], body["refresh_token"]


def _stream_event(table: str, changes: Sequence[Change]) -> dict[str, Any]:
    return stream_event(table, *((to_item(change.old), to_item(change.new)) for change in changes))


def _batches(records: Sequence[Any], number: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(records), number):
        yield records[start : start + number]
