"""The comparison with peers: what its figures are made of, what counts as a right reply, and that peers are pinned."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.measuring import Measured
from benchmarks.peers import comparison, cpu, tables
from benchmarks.peers.figures import Figures, figures_of, median_of, percentile
from benchmarks.peers.load import Call, Observed, Reply, ask, observe
from benchmarks.peers.peer import APPS, HASHING, Installed, pinned
from benchmarks.peers.pocketbase import PocketBase
from benchmarks.peers.rollcall_server import event_of
from benchmarks.processes import of_group
from chalicelib.core.settings import Settings
from infra.stage import ROOT
from tests.serving import served
from tools.lock import LISTS

HELLO = Call("GET", "/hello", 200, lambda body: body["hello"] == "Ada")


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says: `/hello`, in chunks, wrongly, or not at all."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen[self.client_address[1]] += 1
        if self.path == "/gone":
            self.close_connection = True
            return
        body = json.dumps({"hello": "Ada" if self.path != "/wrong" else "nobody"}).encode()
        self.send_response(200)
        self.send_header("Transfer-Encoding" if self.path == "/chunks" else "Content-Length", self.length(body))
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if self.path == "/chunks" else body)

    def length(self, body):
        return "chunked" if self.path == "/chunks" else str(len(body))

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = Counter()
    with served(server):
        yield server


def observed(server, *clients):
    return observe(server.server_port, [iter(calls) for calls in clients], seconds=60)


def test_percentiles_are_values_that_were_seen():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.95) == 5.0
    assert percentile([*map(float, range(1, 101))], 0.95) == 95.0
    assert percentile([7.0], 0.5) == percentile([7.0], 0.95) == 7.0
    assert math.isnan(percentile([], 0.5))


def test_a_round_counts_right_replies_and_shares_the_cpu_among_all():
    found = figures_of(Observed([0.01, 0.02, 0.03], Counter({"500": 1}), seconds=2.0), cpu_seconds=0.04)
    assert found == Figures(per_second=1.5, p50=20.0, p95=30.0, cpu=10.0, errors=1)


def test_rounds_are_compared_by_medians_and_errors_add_up():
    rounds = [Figures(1.0, 9.0, 10.0, 5.0, 0), Figures(3.0, 7.0, 30.0, 4.0, 2), Figures(2.0, 8.0, 20.0, 6.0, 1)]
    assert median_of(rounds) == Figures(2.0, 8.0, 20.0, 5.0, 3)


@pytest.mark.parametrize("path", ["/hello", "/chunks"])
def test_every_client_keeps_its_connection(server, path):
    server.seen.clear()
    call = Call("GET", path, 200, HELLO.right)
    found = observed(server, *[[call] * 3] * 4)
    assert (len(found.times), found.wrong) == (12, Counter())
    assert list(server.seen.values()) == [3] * 4


def test_a_reply_that_is_not_right_or_not_there_is_an_error_and_the_load_goes_on(server):
    wrong, gone = (Call("GET", path, 200, HELLO.right) for path in ("/wrong", "/gone"))
    found = observed(server, [HELLO, wrong, gone, HELLO])
    assert len(found.times) == 2
    assert found.wrong == Counter({'GET /wrong: 200 {"hello": "nobody"}': 1, "GET /gone: IncompleteReadError": 1})


def test_no_call_is_sent_after_the_time_is_over(server):
    assert observe(server.server_port, [itertools.repeat(HELLO)], seconds=-1).replies == 0


@pytest.mark.parametrize(
    ("status", "body"), [(201, b'{"hello": "Ada"}'), (200, b"no JSON"), (200, b"{}"), (200, b"[]"), (200, b"null")]
)
def test_what_is_no_right_reply(status, body):
    assert HELLO.fault(Reply(status, {}, body)).startswith("GET /hello: ")
    assert HELLO.fault(Reply(200, {}, b'{"hello": "Ada"}')) == ""


def test_a_single_wrong_reply_raises(server):
    assert ask(server.server_port, HELLO).json() == {"hello": "Ada"}
    with pytest.raises(RuntimeError, match="nobody"):
        ask(server.server_port, Call("GET", "/wrong", 200, HELLO.right))


def test_a_request_carries_its_body_and_its_length():
    head, _, body = Call("POST", "/x", 200, HELLO.right, {"a": "ä"}).encoded("h").partition(b"\r\n\r\n")
    assert json.loads(body) == {"a": "ä"}
    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")
    assert Call("POST", "/x", 200, HELLO.right, form="a=b").encoded("h").endswith(b"\r\n\r\na=b")


BURNING = """
import os, subprocess, sys, time
def burn():
    while time.process_time() < 0.05: pass
    print(time.process_time(), flush=True)
if sys.argv[1:]:
    child = subprocess.Popen([sys.executable, __file__])
burn()
sys.stdin.read()
if sys.argv[1:]:
    child.wait()
"""


@pytest.mark.slow
def test_the_cpu_of_a_server_is_that_of_its_processes_and_of_no_others(tmp_path):
    program = tmp_path / "burning.py"
    program.write_text(BURNING)
    process = subprocess.Popen(
        [sys.executable, str(program), "with a child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        reported = float(process.stdout.readline()) + float(process.stdout.readline())
        assert cpu.seconds(process.pid) >= reported
        group = list(of_group(process.pid))
        assert (len(group), os.getpid() in group) == (2, False)
    finally:
        process.communicate()
    assert cpu.seconds(process.pid) == 0


INSTALLED = [peer for peer in comparison.PEERS if issubclass(peer, Installed)]


def test_every_app_here_takes_part():
    assert {path.name for path in APPS.iterdir() if path.is_dir()} >= {peer.folder for peer in INSTALLED}
    assert {path.parent.name for path in APPS.glob("*/*.*") if path.suffix in {".py", ".mjs", ".go"}} == {
        peer.folder for peer in INSTALLED
    }


@pytest.mark.parametrize("peer", [each for each in INSTALLED if each.lock == "requirements.txt"])
def test_peers_in_python_are_pinned_with_hashes_and_locked_with_all_else(peer):
    lock = APPS / peer.folder / peer.lock
    assert f"benchmarks/peers/apps/{peer.folder}/requirements.txt" in LISTS.values()
    text = lock.read_text("utf-8")
    packages = pinned(text)
    wanted = re.findall(r"^([a-z0-9-]+)", lock.with_suffix(".in").read_text("utf-8"), flags=re.MULTILINE)
    assert wanted
    assert set(wanted) <= packages.keys()
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(packages)
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "--require-hashes" in peer.commands[1]


@pytest.mark.parametrize("peer", [each for each in INSTALLED if each.lock == "package-lock.json"])
def test_peers_in_node_are_pinned_with_hashes_and_name_no_registry(peer):
    folder = APPS / peer.folder
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    packages = json.loads((folder / peer.lock).read_text("utf-8"))["packages"]
    assert packages.pop("")["dependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []
    assert peer.commands[0][:2] == ("npm", "ci")


@pytest.mark.parametrize("peer", [each for each in INSTALLED if each.lock == "go.sum"])
def test_peers_in_go_are_pinned_with_hashes(peer):
    folder = APPS / peer.folder
    wanted = re.findall(
        r"^(?:require )?\s*(\S+) (v\S+)", (folder / "go.mod").read_text("utf-8"), flags=re.MULTILINE
    )
    sums = (folder / peer.lock).read_text("utf-8")
    assert "github.com/pocketbase/pocketbase" in dict(wanted)
    assert [module for module, version in wanted if f"{module} {version} h1:" not in sums] == []
    assert "-mod=readonly" in peer.commands[0]


def test_every_peer_hashes_at_our_own_cost_where_that_can_be_chosen():
    assert {
        "ARGON2_MEMORY_KIB": str(Settings.argon2_memory_kib),
        "ARGON2_PASSES": str(Settings.argon2_passes),
        "ARGON2_LANES": str(Settings.argon2_lanes),
    } == HASHING
    for peer in INSTALLED:
        read = "".join(path.read_text("utf-8") for path in (APPS / peer.folder).iterdir() if path.is_file())
        assert all(name in read or name.removeprefix("ARGON2_") in read for name in HASHING) == (
            peer.name != "PocketBase"
        )


def test_what_is_compared_and_what_that_is_held_to():
    names = [peer.name for peer in comparison.PEERS]
    assert set(tables.HELD_TO) == {peer.name for peer in INSTALLED} < set(names)


def test_ratios_are_of_the_medians_over_the_numbers_of_requests_at_once():
    found = {
        (peer, "get me", at_once): Figures(1, 1, 1, cpu, 0)
        for peer, figures in {"Rollcall": (3.0, 1.0, 2.0), "better-auth": (1.0, 1.25, 9.0)}.items()
        for at_once, cpu in zip((1, 8, 32), figures, strict=True)
    }
    assert tables.cpu(found, "Rollcall", "get me", (1, 8, 32)) == 2.0
    (line,) = tables.ratios(found, ["get me"], (1, 8, 32))
    assert line == Measured("get me, better-auth", 2.0, 1.25, "ms", at_most=1.3)
    alone = {key: each for key, each in found.items() if key[0] == "better-auth"}
    assert list(tables.ratios(alone, ["get me"], (1, 8, 32))) == []


def test_a_request_becomes_the_event_that_api_gateway_makes():
    event = event_of("POST", "/users", {"content-type": "application/json"}, b'{"name": "\xc3\x84"}')
    assert event["requestContext"]["resourcePath"] == event["path"] == "/users"
    assert event["body"] == '{"name": "Ä"}'
    assert event_of("GET", "/me", {}, b"")["body"] is None


def test_the_page_tells_what_is_pinned():
    page = (ROOT / "docs" / "peers.md").read_text("utf-8")
    python = {
        **pinned(_lock("fastapi_users", "requirements.txt")),
        **pinned(_lock("dj_rest_auth", "requirements.txt")),
    }
    node = json.loads(_lock("better_auth", "package.json"))["dependencies"]
    (pocketbase,) = re.findall(r"pocketbase/pocketbase v(\S+)", _lock("pocketbase", "go.mod"))
    (go,) = (part.removeprefix("GOTOOLCHAIN=go") for part in PocketBase.commands[0] if "GOTOOLCHAIN" in part)
    told = {
        **{
            name: f" {python[name]}"
            for name in ("fastapi", "uvicorn", "sqlalchemy", "django-allauth", "django", "gunicorn")
        },
        **{name: f"| {python[name]}" for name in ("fastapi-users", "dj-rest-auth")},
        "better-auth": f"| {node['better-auth']} ",
        "better-sqlite3": f" {node['better-sqlite3']} ",
        "PocketBase": f"| {pocketbase} ",
        "Go": f"Go {go} ",
    }
    assert {name: text for name, text in told.items() if text not in page} == {}


def _lock(folder, name):
    return (APPS / folder / name).read_text("utf-8")
