"""The client that goes where others say: it reaches receivers well and badly behaved, and nothing inside."""

from __future__ import annotations

import socket
import ssl
import struct
import sys

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.outbound.safe_http import BODY_SECONDS, KEPT_BYTES, fetch, post
from chalicelib.core.outbound.targets import Unreachable, checked
from chalicelib.webhooks import endpoints
from tests.functional.certificates import write_certificate
from tests.functional.receivers import misbehaving, receiving

PUBLIC = "93.184.215.14"

connections: list[object] = []


def note_connections(event: str, details: tuple) -> None:
    if event == "socket.connect":
        connections.append(details[1])


sys.addaudithook(note_connections)


def answering(*addresses: str):
    """A resolver that gives these addresses for any name, and counts how often it is asked."""

    def resolve(host: str, port: int) -> list[str]:
        resolve.asked.append(host)
        return list(addresses)

    resolve.asked = []
    return resolve


def send(url: str, seconds: float = 5, **options: object):
    return post(url, {"X-Test": "1"}, b'{"a":1}', local=True, seconds=seconds, **options)


def test_a_receiver_gets_the_body_the_headers_and_its_own_name():
    with receiving() as receiver:
        receiver.status, receiver.body, receiver.headers = 503, b"later", {"Retry-After": "120"}
        answer = send(receiver.url + "?a=b")
    (received,) = receiver.received
    host = receiver.url.split("/")[2]
    assert (received.path, received.body) == ("/hook?a=b", b'{"a":1}')
    assert received.headers.items() >= {"x-test": "1", "host": host, "content-length": "7"}.items()
    assert (answer.status, answer.body, answer.retry_after) == (503, b"later", "120")


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with receiving() as proxy, receiving() as receiver:
        for variable in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.url)
        assert send(receiver.url).status == 204
    assert (proxy.received, len(receiver.received)) == ([], 1)


def test_a_name_is_resolved_once_and_the_checked_address_is_where_it_goes():
    resolve = answering("127.0.0.1")
    with receiving() as receiver:
        port = receiver.url.split("/")[2].split(":")[1]
        assert send(f"http://hooks.example:{port}/", resolve=resolve).status == 204
    assert resolve.asked == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"hooks.example:{port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer():
    with receiving() as receiver:
        port = receiver.url.split("/")[2].split(":")[1]
        resolve = answering("127.0.0.2", "127.0.0.1")
        assert send(f"http://hooks.example:{port}/", resolve=resolve).status == 204


MALFORMED = [
    "http://hooks.example/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "//hooks.example/",
    "hooks.example",
    "",
    "https://",
    "https:///path",
    "https://:443/",
    "https://user@hooks.example/",
    "https://user:pass@hooks.example/",
    "https://hooks.example@127.0.0.1/",
    "https://127.0.0.1#@hooks.example/",
    "https://hooks.example/#fragment",
    "https://hooks.example\\@127.0.0.1/",
    "https://hooks.example:0/",
    "https://hooks.example:99999/",
    "https://hooks.example:port/",
    "https://hooks.example/a b",
    "https://hooks.example/\r\nX-Injected: 1",
    "https://hooks.example/\x00",
    "https://hooks.example%2f@127.0.0.1/",
    "https://bücher.example/",
    "https://127.0.0.1\uff0ehooks/",
    "https://[::1",
    "https://[::1%25lo]/",
    "https://[v1.x]/",
    "https://localhost%00.example/",
    "https://hooks.example:443:443/",
    "https://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
]

INSIDE = [
    "https://localhost/",
    "https://localhost.:8443/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://192.0.0.8/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:1::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://127.0.0.1:22/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://169.254.43518/",
    "https://0251.0376.0251.0376/",
    "https://192.168.0.1.:443/",
    "https://203.0.113.9/",
    "https://240.0.0.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://[0:0:0:0:0:ffff:7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[2001:db8::1]/",
    "https://[fec0::1]/",
]

REBOUND = [
    ["127.0.0.1"],
    ["10.0.0.1", PUBLIC],
    [PUBLIC, "169.254.169.254"],
    [PUBLIC, "::ffff:127.0.0.1"],
    ["2606:4700:4700::1111", "64:ff9b::a9fe:a9fe"],
    ["fd00:ec2::254"],
    [],
]
"""What a name may resolve to by the time of a delivery, where it was harmless when its webhook was made."""

REDIRECTS = [*INSIDE[:3], INSIDE[12], "http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "/elsewhere"]
"""Where an endpoint may send whoever follows; `{port}` is one that would take the connection."""


@pytest.mark.parametrize("url", [*MALFORMED, *INSIDE])
def test_no_hostile_url_causes_a_connection(url):
    before = len(connections)
    with pytest.raises(Unreachable):
        post(url, {}, b"", local=False)
    assert len(connections) == before


@pytest.mark.parametrize("addresses", REBOUND)
def test_one_bad_address_among_the_answers_is_enough(addresses):
    before = len(connections)
    with pytest.raises(Unreachable, match=r"must not reach|does not resolve"):
        post("https://rebound.example/", {}, b"", local=False, resolve=answering(*addresses))
    assert len(connections) == before


@pytest.mark.slow
@pytest.mark.parametrize("location", REDIRECTS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_causes_a_second_connection(location, status):
    with receiving() as elsewhere, receiving() as receiver:
        port = elsewhere.url.split("/")[2].split(":")[1]
        receiver.status, receiver.headers = status, {"Location": location.format(port=port)}
        before = len(connections)
        assert send(receiver.url).status == status
        assert len(connections) == before + 1
    assert (elsewhere.received, len(receiver.received)) == ([], 1)


def test_a_webhook_with_a_hostile_url_cannot_be_made_nor_changed_to_one(aws):
    webhook, _ = endpoints.create({"url": f"https://{PUBLIC}/", "types": []})
    hostile = [*MALFORMED, *INSIDE]
    before = len(connections)
    for url in hostile:
        with pytest.raises(Invalid, match=r"^url: "):
            endpoints.create({"url": url, "types": []})
        with pytest.raises(Invalid, match=r"^url: "):
            endpoints.change(webhook["id"], {"url": url}, None)
    assert len(connections) == before
    assert len(hostile) >= 60


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_url_is_not_even_resolved(url):
    resolve = answering(PUBLIC)
    with pytest.raises(Unreachable, match="URL"):
        post(url, {}, b"", local=False, resolve=resolve)
    assert resolve.asked == []


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize(
    ("url", "port", "path"),
    [
        ("https://hooks.example", 443, "/"),
        ("https://hooks.example:8443/a/b?c=d", 8443, "/a/b?c=d"),
        ("https://HOOKS.example?x", 443, "/?x"),
        (f"https://{PUBLIC}/", 443, "/"),
        ("https://[2606:4700:4700::1111]:444/", 444, "/"),
    ],
)
def test_where_a_good_url_leads(url, port, path, local):
    target = checked(url, local=local, resolve=answering(PUBLIC))
    assert (target.port, target.path, target.ip_addresses, target.secure) == (port, path, (PUBLIC,), True)


def test_a_local_stage_opens_loopback_and_nothing_else():
    with pytest.raises(Unreachable, match="link-local"):
        checked("http://169.254.169.254/", local=True)
    with pytest.raises(Unreachable, match="IPv4-mapped"):
        checked("http://[::ffff:127.0.0.1]/", local=True)


def drip(connection: socket.socket, over) -> None:
    connection.recv(4096)
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 1000:
        connection.sendall(bytes([byte]))
        if over.wait(0.02):
            return


def silence(connection: socket.socket, over) -> None:
    over.wait(5)


def never_read(connection: socket.socket, over) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    over.wait(5)


def reset(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def another_language(connection: socket.socket, over) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    connection.recv(4096)


def endless_headers(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.is_set():
        connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "seconds", "why"),
    [
        (drip, 0.3, "timed out"),
        (silence, 0.2, "timed out"),
        (reset, 5, "the connection failed"),
        (another_language, 5, "the answer is not HTTP"),
    ],
)
def test_an_awful_receiver_costs_no_more_than_the_deadline(script, seconds, why):
    """Without one, no read of any of these would ever time out, or what comes at last would be another answer."""
    with misbehaving(script) as url, pytest.raises(Unreachable, match=why):
        send(url, seconds)


@pytest.mark.slow
def test_a_receiver_that_takes_nothing_is_given_up():
    with misbehaving(never_read) as url, pytest.raises(Unreachable, match="timed out"):
        post(url, {}, b"x" * 20_000_000, local=True, seconds=0.3)


def endless_body(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")


def broken_body(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def late_body(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    if not over.wait(20 * BODY_SECONDS):
        connection.sendall(b"x" * 96)


def interim(connection: socket.socket, over) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalf")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "body"),
    [
        (endless_headers, b""),
        (endless_body, b"x" * KEPT_BYTES),
        (broken_body, b"half"),
        (late_body, b"half"),
        (interim, b"half"),
    ],
)
def test_the_status_counts_whatever_the_body_does(script, body):
    with misbehaving(script) as url:
        answer = send(url, 60)
    assert (answer.status, answer.body) == (200, body)


def get(url: str, limit: int = 100, seconds: float = 5):
    return fetch("GET", url, {"Accept": "application/json"}, limit=limit, local=True, seconds=seconds)


def test_a_document_is_fetched_whole_with_its_headers():
    with receiving() as receiver:
        receiver.status, receiver.body, receiver.headers = 200, b"x" * 5000, {"Cache-Control": "max-age=60"}
        answer = get(receiver.url, limit=5000)
    (received,) = receiver.received
    assert (received.body, received.headers["accept"]) == (b"", "application/json")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, b"x" * 5000, "max-age=60")


def test_a_document_above_its_limit_is_refused():
    with receiving() as receiver:
        receiver.status, receiver.body = 200, b"x" * 101
        with pytest.raises(Unreachable, match="above 100 bytes"):
            get(receiver.url)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "seconds", "why"),
    [
        (endless_body, 60, "above 100 bytes"),
        (endless_headers, 60, "the answer is not HTTP"),
        (broken_body, 60, "the answer is not HTTP"),
        (late_body, 0.5, "timed out"),
        (drip, 0.3, "timed out"),
    ],
)
def test_a_document_that_does_not_arrive_is_an_error(script, seconds, why):
    with misbehaving(script) as url, pytest.raises(Unreachable, match=why):
        get(url, seconds=seconds)


def test_a_closed_port_is_a_failed_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    with pytest.raises(Unreachable, match="the connection failed"):
        send(url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return write_certificate(tmp_path_factory.mktemp("tls") / "hooks.pem", "hooks.example")


def test_tls_is_with_the_name_though_the_connection_is_to_the_address(certificate):
    names: list[str] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    with receiving(server) as receiver:
        port = receiver.url.split("/")[2].split(":")[1]
        trusting = ssl.create_default_context(cafile=str(certificate))
        answer = send(f"https://hooks.example:{port}/", resolve=answering("127.0.0.1"), tls=trusting)
    assert answer.status == 204
    assert names == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"hooks.example:{port}"


@pytest.mark.parametrize(("name", "trusts"), [("other.example", True), ("hooks.example", False)])
def test_a_certificate_for_another_or_of_nobody_is_refused(certificate, name, trusts):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    tls = ssl.create_default_context(cafile=str(certificate)) if trusts else None

    def shake_hands(connection: socket.socket, over) -> None:
        with server.wrap_socket(connection, server_side=True):
            over.wait(5)

    with misbehaving(shake_hands) as url, pytest.raises(Unreachable, match="no trusted TLS"):
        send(f"https://{name}:{url.split(':')[2]}", resolve=answering("127.0.0.1"), tls=tls)
