"""The page on first sign-ins: its settings are ones, its members are all, and its endpoint keeps the contract."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from email.message import Message

import pytest

from chalicelib.core.old_system import OldSystem, parse
from chalicelib.core.outbound.safe_http import Answer
from chalicelib.migration import endpoint
from chalicelib.migration.endpoint import MEMBERS
from chalicelib.migration.verdicts import Question
from chalicelib.webhooks.secrets import new_secret
from tests.unit.docs import markdown
from tests.unit.docs.markdown import codes

PAGE = markdown.page("docs/moving/first-sign-in.md")
SETTINGS = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
PASSWORD = "violet otter sings at noon"


@pytest.mark.parametrize("text", SETTINGS, ids=["cognito", "password-grant", "endpoint"])
def test_each_setting_of_the_page_is_one(text):
    assert parse(text).kind in text


def test_every_member_is_told():
    text = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    told = {*codes(text), *(name for each in SETTINGS for name in json.loads(each))}
    assert ({field.name for field in fields(OldSystem)} | {"region", *MEMBERS}) - told == set()


def test_the_endpoint_of_the_page_keeps_the_contract():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    page: dict = {}
    exec(code, page)
    secret, system = new_secret(), parse(SETTINGS[2])

    def verdict(password: str, signed_by: str = secret):
        question = Question("ada@example.com", "ada@example.com", "", password)
        headers, body = endpoint.request(system, signed_by, question)
        status, answer = page["verify"](secret, dict(headers), body.decode())
        return endpoint.verdict(Answer(status, Message(), answer.encode()))  # type: ignore[arg-type]

    assert verdict(PASSWORD).person["name"] == "Ada Lovelace"
    assert not verdict("another").is_right
    with pytest.raises(endpoint.NoVerdict, match="status 401"):
        verdict(PASSWORD, new_secret())
