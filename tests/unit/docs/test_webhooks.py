"""The receiver on the page on webhooks takes what is ours, once, and refuses what is not."""

from __future__ import annotations

import base64
import json
import re
import time

from chalicelib.core.outbound.signatures import signed_headers
from chalicelib.webhooks.model import delivery_id, payload
from chalicelib.webhooks.secrets import new_secret
from tests.unit.docs import markdown

EVENT = {
    "specversion": "1.0",
    "id": "users:U1:3:0",
    "source": "https://rollcall.example",
    "type": "user.updated",
    "subject": "U1",
    "time": "2026-03-01T12:00:00.123Z",
    "data": {"user": {"id": "U1"}},
}


def test_the_receiver_of_the_page(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", markdown.page("docs/webhooks.md"), flags=re.DOTALL)
    page: dict = {}
    exec(code, page)
    secret, body = new_secret(), payload(EVENT)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    headers = signed_headers(delivery_id(EVENT), int(time.time()), body, [key])
    assert page["receive"](secret, headers, body) == 204
    assert page["receive"](secret, headers, body) == 204
    assert capsys.readouterr().out == "user.updated U1\n"
    assert page["receive"](secret, headers, json.dumps(json.loads(body)).encode()) == 400
