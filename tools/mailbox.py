"""A mailbox for the local stage: shows the mails that the local cloud's SES got, for people and for `curl`.

`GET /` lists the mails as an HTML page. `GET /latest?to=ADDRESS` waits up to a minute for a mail to that email address,
and answers with the newest one as text.
"""

from __future__ import annotations

import html
import json
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

WAIT_SECONDS = 60.0

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailbox</title>
<meta http-equiv="refresh" content="5">
<style>body{{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}}
article{{border-top:1px solid #ccc;padding:1rem 0}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}</style>
<h1>Mailbox of the local stage</h1>{mails}</html>"""


def start(port: int, endpoint: str) -> ThreadingHTTPServer:
    """Serve the mailbox of the local cloud at `endpoint`, on a port of the loopback interface, in a thread of its
    own."""

    class Mailbox(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/latest":
                to = parse_qs(url.query).get("to", [""])[0]
                mail = wait_for(endpoint, to)
                self._answer(200 if mail else 404, "text/plain", text_of(mail) if mail else f"no mail to {to}\n")
            elif url.path == "/":
                articles = "".join(_article(mail) for mail in reversed(mails(endpoint))) or "<p>No mail yet.</p>"
                self._answer(200, "text/html", PAGE.format(mails=articles))
            else:
                self._answer(404, "text/plain", "not found\n")

        def _answer(self, status: int, kind: str, body: str) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's name
            """Print nothing, so that it does not mix with the output of the command."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Mailbox)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def text_of(mail: dict[str, Any]) -> str:
    """A mail as text: its subject, an empty line, its body."""
    return f"{mail.get('Subject', '')}\n\n{_body(mail)}\n"


def wait_for(endpoint: str, to: str, seconds: float = WAIT_SECONDS) -> dict[str, Any] | None:
    """Wait for a mail to an email address, and return the newest one; None where none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        matching = [mail for mail in mails(endpoint) if any(to in email_address for email_address in mail["To"])]
        if matching or time.monotonic() > deadline:
            return matching[-1] if matching else None
        time.sleep(0.2)


def mails(endpoint: str) -> list[dict[str, Any]]:
    """Every mail that the local cloud got, oldest first."""
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=5) as answer:
        accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    return [mail for mails in accounts.values() for mail in mails]


def _article(mail: dict[str, Any]) -> str:
    subject, to = html.escape(mail.get("Subject", "")), html.escape(", ".join(mail["To"]))
    return f"<article><h2>{subject}</h2><p>to {to}</p><pre>{html.escape(_body(mail))}</pre></article>"


def _body(mail: dict[str, Any]) -> str:
    return str(mail.get("BodyText") or "")
