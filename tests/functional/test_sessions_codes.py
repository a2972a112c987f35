"""Signing in by a mailed code."""

from __future__ import annotations

import pytest

from chalicelib.accounts.mailed.intent_answers import answer_intents
from chalicelib.core import clock
from chalicelib.core.crypto import links
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.streams import stream_event
from tests.functional.test_mail_delivery import deliver, text_of
from tests.functional.visitors import Browser, Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email=ADA, password=PASSWORD)


def ask(email: str = ADA, **headers: str):
    return Visitor().call("POST", "/sessions/email", {"email": email}, **headers)


def mailed_code(aws) -> str:
    """The code of the link in the latest mail."""
    assert ask().status == 202
    return token_of(mailed(aws)[-1])


def confirm(code: str, **fields: object):
    return Visitor().call("POST", "/sessions/email/confirm", {"code": code, **fields})


def test_asking_looks_alike_for_every_address(aws, ada):
    a_user(email="disabled@maths.example", password=PASSWORD, status="disabled")
    reset = Visitor().call("POST", "/password-resets", {"email": ADA})
    answers = [ask(email) for email in (ADA, "unknown@maths.example", "disabled@maths.example")]
    assert {(answer.status, repr(answer.body)) for answer in answers} == {(202, repr(reset.body))}


def test_asking_looks_alike_in_a_browser_too(aws, ada):
    """The cookie comes of nothing but chance."""
    told = []
    for email in (ADA, "unknown@maths.example"):
        browser = Browser()
        answer = browser.call("POST", "/sessions/email", {"email": email, "browser": True})
        (cookie,) = browser.set_cookies
        value, rest = cookie.partition("=")[2].split("; ", 1)
        told.append((answer.status, repr(answer.body), len(value), rest))
    assert told == [told[0]] * 2
    assert told[0][2:] == (43, "Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict")


def asked_in(aws, browser: Browser) -> dict:
    """The mail that a browser asked for."""
    clock.tick(seconds=1)
    assert browser.call("POST", "/sessions/email", {"email": ADA, "browser": True}).status == 202
    return max(mailed(aws), key=lambda mail: mail["key"])


def enter(visitor: Visitor, **body: object) -> int:
    return visitor.call("POST", "/sessions/email/confirm", body).status


def forms(mail) -> list[dict[str, str]]:
    short = links.short_code("code", mail["data"]["intent_id"])
    return [{"code": token_of(mail)}, {"code": short, "email": ADA}]


@pytest.mark.slow
@pytest.mark.parametrize("form", [0, 1], ids=["link", "short code"])
def test_a_code_that_a_browser_asked_for_is_good_in_that_browser_alone(aws, ada, form):
    owner, thief = Browser(), Browser()
    mail = asked_in(aws, owner)
    asked_in(aws, thief)
    body = forms(mail)[form]
    assert enter(Visitor(), **body) == 401
    assert enter(thief, **body, browser=True) == 401
    assert enter(thief, **body) == 401
    assert enter(owner, **body, browser=True) == 201


@settings.held(failed_sign_in_milliseconds=0)
@pytest.mark.slow
@pytest.mark.parametrize("form", [0, 1], ids=["link", "short code"])
def test_strangers_who_ask_and_guess_void_no_code_of_the_owner(aws, ada, form):
    """Neither of who keeps cookies nor, but for the typed form, of who keeps none."""
    owner = Browser()
    mail = asked_in(aws, owner)
    for _ in range(4):
        asked_in(aws, Browser())
        ask()
        assert confirm("ABCD-EFGH", email=ADA).status == 401
    mailed(aws)
    assert enter(owner, **forms(mail)[form], browser=True) == 201


@pytest.mark.slow
def test_a_browser_that_asks_twice_may_use_either_code(aws, ada):
    browser = Browser()
    mails = [asked_in(aws, browser) for _ in range(2)]
    assert [enter(browser, **forms(mail)[1], browser=True) for mail in mails] == [201, 201]


@pytest.mark.slow
def test_an_app_may_send_a_secret_of_its_own(aws, ada):
    asker = "A-_" + "x" * 40
    assert Visitor().call("POST", "/sessions/email", {"email": ADA, "asker": asker}).status == 202
    (mail,) = mailed(aws)
    for body in forms(mail):
        assert confirm(**body).status == 401
        assert confirm(**body, asker="y" * 43).status == 401
    assert confirm(**forms(mail)[1], asker=asker).status == 201


@pytest.mark.parametrize("asker", ["", "x" * 42, "x" * 129, "x" * 42 + "!", 7])
def test_a_secret_that_could_be_guessed_is_none(aws, asker):
    for path in ("/sessions/email", "/sessions/email/confirm"):
        body = {"email": ADA, "asker": asker, **({"code": "x"} if path.endswith("confirm") else {})}
        answer = Visitor().call("POST", path, body)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, ["asker"])


@pytest.mark.parametrize("planted", ["short", "x" * 42 + "!", ""])
def test_a_cookie_that_is_no_secret_of_ours_is_replaced(aws, ada, planted):
    browser = Browser()
    browser.cookies["__Host-rollcall_asker"] = planted
    mail = asked_in(aws, browser)
    assert browser.cookies["__Host-rollcall_asker"] != planted
    assert enter(browser, **forms(mail)[0], browser=True) == 201


def test_a_browser_asks_on_a_page_of_ours(aws):
    answer = Browser("https://evil.example").call("POST", "/sessions/email", {"email": ADA, "browser": True})
    assert (answer.status, aws.rows("intents")) == (403, [])


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "told"),
    [(FIREFOX, "with Firefox, Linux from the IP address"), ("call +1 900 555 now", "UTC from the IP address")],
)
def test_the_mail_says_whose_request_its_code_answers_and_nothing_in_their_words(aws, ada, agent, told):
    ask(User_Agent=agent)
    (intent,) = aws.rows("intents")
    answer_intents(stream_event("intents", (None, intent)))
    (sent,) = deliver(aws)
    said = " ".join(text_of(sent).split())
    assert f"The request was made on 2026-03-01 12:00 UTC {told.removeprefix('UTC ')} 127.0.0.1." in said
    assert "900" not in said


@pytest.mark.slow
def test_a_code_signs_in_once(aws, ada):
    code = mailed_code(aws)
    answer = confirm(code)
    assert answer.status == 201
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device"}
    (session,) = aws.rows("sessions")
    assert (session["user_id"], session["second_factor"], session["new_device"]) == ("U1", False, True)
    assert confirm(code).status == 401


@settings.held(sign_ins_per_hour=2)
def test_made_up_codes_are_refused_and_counted_of_the_client(aws):
    assert [confirm("x.1.y").status for _ in range(4)] == [401, 401, 429, 429]


@pytest.mark.slow
def test_a_second_factor_is_asked_for_and_the_code_stays_good(aws, ada):
    app = app_of(visitor(ADA))
    code = mailed_code(aws)
    asked = confirm(code)
    assert (asked.status, asked.body["type"]) == (401, "factor-required")
    assert confirm(code, otp=app.wrong()).status == 401
    clock.tick(seconds=1)
    assert confirm(code, otp=app.code()).status == 201
    assert max(aws.rows("sessions"), key=lambda row: row["id"])["second_factor"] is True


@pytest.mark.slow
def test_guesses_at_the_factor_are_counted_however_many_codes_come(aws, ada):
    app = app_of(visitor(ADA))
    code = mailed_code(aws)
    assert [confirm(code, otp=app.wrong()).status for _ in range(6)] == [401] * 5 + [429]
    assert confirm(mailed_code(aws), otp=app.wrong()).status == 429


def test_a_browser_gets_cookies(aws, ada):
    browser = Browser()
    body = {"code": mailed_code(aws), "browser": True}
    answer = browser.call("POST", "/sessions/email/confirm", body)
    assert answer.body.keys() == {"access_token", "token_type", "expires_in"}
    assert browser.refresh().status == 200


@pytest.mark.slow
def test_a_known_device_is_none_the_less_known(aws, ada):
    device = visitor(ADA).call("POST", "/sessions", {"email": ADA, "password": PASSWORD}).body["device"]
    clock.tick(seconds=1)
    confirm(mailed_code(aws), device=device)
    assert max(aws.rows("sessions"), key=lambda row: row["created_at"])["new_device"] is False
