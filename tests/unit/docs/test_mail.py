"""The page on mail tells of every mail, every state and everything that templates may say."""

from __future__ import annotations

import re
from typing import get_args

from chalicelib.core.locales import COMPLETE
from chalicelib.mail.model import TEMPLATES, State
from chalicelib.mail_delivery.messages import FOLDERS
from tests.unit.docs import markdown
from tests.unit.docs.markdown import codes, rows, section

PAGE = markdown.page("docs/mail.md")


def told(heading: str) -> list[str]:
    return [code for row in rows(section(PAGE, heading)) for code in codes(row[0])]


def test_every_mail_is_told():
    assert sorted(told("What is mailed")) == sorted(TEMPLATES)


def test_every_state_is_told():
    assert sorted(told("What becomes of a mail")) == sorted(get_args(State))


def test_every_variable_is_told():
    ours = [FOLDERS[-1] / "layout.html", *(FOLDERS[-1] / COMPLETE).iterdir()]
    said = {name for path in ours for name in re.findall(r"{(?:{|% if) (\w+) [}%]}", path.read_text("utf-8"))}
    assert set(told("Wording")) == said
