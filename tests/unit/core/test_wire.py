"""Whatever a text holds, what carries it takes it, and JSON comes back as it was; nothing leaves by another way."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import chalicelib
from chalicelib.core import wire

CARRIED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""As the API of SQS lists them."""

anything = (
    st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("\x00\x1f\x7f\x85\u2028\ufffe\uffff\\")
)
texts = st.text(anything)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@pytest.mark.slow
@given(values)
@example({"\ufffe\uffff": ["\ud800", "\udc00\ud800", "\U0001fffe", "\x00"]})
@example("\\\ufffe")
@example("\\\\\uffff")
def test_any_json_is_carried_and_comes_back_equal(value):
    text = wire.to_json(value)
    assert CARRIED.fullmatch(text)
    assert json.loads(text.encode()) == json.loads(json.dumps(value))  # where two halves of a pair are one
    assert wire.escaped(text) == text


@given(texts)
@example("\ufffe\uffff\ud800\x00")
def test_text_that_is_no_json_is_carried_with_marks_for_what_cannot_be(plain):
    text = wire.text(plain)
    assert CARRIED.fullmatch(text)
    assert len(text) == len(plain)
    assert all(now in (was, "\ufffd") for was, now in zip(plain, text, strict=True))
    assert wire.text(text) == text


@given(texts)
@example("one\r\nSet-Cookie: two")
def test_a_header_is_one_line_of_ascii(value):
    assert re.fullmatch("[\x20-\x7e]*", wire.header(value))


ROOT = Path(chalicelib.__file__).parent

WRITERS = {
    "core/wire.py": "the one place",
    "core/aws/calls/json_protocol.py": "requests as botocore writes them, in ASCII, whatever the texts in them are",
    "profile/rules.py": "measures what is given, and refuses by UTF-8's own error what is not Unicode",
    "imports/formats/csv_rows.py": "likewise",
    "items/model.py": "likewise",
    "imports/rows/people_rows.py": "the text of a keyed digest, which must not change",
    "tokens/signing_keys.py": "the text of a digest, as RFC 7638 has it",
    "about/schemas.py": "searches in it, and quotes a default in the docs: neither is a document that is sent",
}
"""Who turns values into JSON, and why they may do so on their own."""

SENDERS = {
    "core/aws/clients.py": {"send_message"},
    "core/aws/batch/parking.py": {"send_message"},
    "core/aws/batch/queues.py": {"send_message"},
    "items/queue.py": {"send_message_batch"},
    "webhooks/queue.py": {"send_message_batch"},
    "event_bus/publishing.py": {"publish_batch"},
    "mail_delivery/delivery.py": {"send_email"},
    "jobs/state_machines.py": {"start_execution"},
    "core/aws/secret_rotation.py": {"put_secret_value"},
    "core/aws/invocations.py": {"invoke"},
    "operations/redrive.py": {"send_message"},
}
"""Who hands text to a service that carries it. Each of them takes it from `core.wire`."""

CARRIERS = {
    *("invoke", "publish", "publish_batch", "put_events", "put_record", "put_records", "put_secret_value"),
    *("send_email", "send_message", "send_message_batch", "start_execution"),
}


@cache
def called() -> dict[str, set[str]]:
    """The names of attributes that are called, by file."""
    found = {}
    for path in ROOT.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        names = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        found[str(path.relative_to(ROOT))] = names
    return found


@pytest.mark.slow
def test_json_is_written_in_one_place():
    writing = {"json.dumps", "json.dump", "dumps", "json.JSONEncoder"}
    assert {file for file, names in called().items() if writing & names} == set(WRITERS)


@pytest.mark.slow
def test_models_write_json_for_nobody_but_who_escapes_it():
    writing = {
        file for file, names in called().items() if any(name.endswith(".model_dump_json") for name in names)
    }
    assert writing == {"items/queue.py", "core/http/requests.py"}
    assert "wire.escaped" in called()["items/queue.py"]


@pytest.mark.slow
def test_what_carries_text_gets_it_from_that_place():
    methods = {
        file: {name.rpartition(".")[2] for name in names if "." in name} for file, names in called().items()
    }
    assert {file: names & CARRIERS for file, names in methods.items() if names & CARRIERS} == SENDERS
    lacking = [file for file in SENDERS if not any(name.startswith("wire.") for name in called()[file])]
    assert lacking == ["core/aws/clients.py"]  # whose callers the next test looks at


@pytest.mark.slow
def test_whoever_queues_writes_with_it():
    queueing = {file for file, names in called().items() if "clients.send" in names}
    assert [file for file in queueing if "wire.to_json" not in called()[file]] == []
    assert queueing
