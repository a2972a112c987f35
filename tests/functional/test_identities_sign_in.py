"""Coming in from elsewhere: who is known comes in, who is new gets an account, and nobody is merged silently."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import PAGE, Newcomer, arrived, connect, person_of, reason
from tests.functional.enrolled import App
from tests.functional.providers import ALICE, callback_of, providing
from tests.functional.visitors import mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

ADA = "ada@corp.example"


@pytest.fixture
def provider():
    with providing() as one:
        yield one


@pytest.fixture
def corp(aws, provider):
    connect(provider, trusted_domains=["corp.example"])
    return provider


@pytest.fixture
def untrusted(aws, provider):
    connect(provider)
    return provider


def test_the_request_to_the_provider_is_bound_to_this_browser(corp):
    browser = Newcomer()
    location = browser.begin(login_hint=ADA, ui_locales="de en")
    query = dict(parse_qsl(urlsplit(location).query))
    secrets = [query.pop(name) for name in ("state", "nonce", "code_challenge")]
    assert min(map(len, secrets)) == 43
    assert query == {
        "response_type": "code",
        "client_id": corp.client_id,
        "redirect_uri": "https://rollcall.example/sessions/connections/corp/callback",
        "scope": "openid email profile",
        "code_challenge_method": "S256",
        "login_hint": ADA,
        "ui_locales": "de en",
    }
    (cookie,) = browser.set_cookies
    assert cookie.startswith("__Host-rollcall_flow_")
    assert cookie.endswith("; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert not any(secret in cookie for secret in secrets)


def test_a_new_person_of_a_trusted_domain_comes_in_verified(aws, corp):
    browser = Newcomer()
    answer = browser.come(corp, locale="de-DE", birthdate="1990-02-03")
    assert arrived(answer)
    me = browser.me()
    assert (me["email"], me["email_verified"], me["name"]) == ("alice@corp.example", True, "Alice Adams")
    assert (me["locale"], me["birthdate"]) == ("de-DE", "1990-02-03")
    (session,) = aws.rows("sessions")
    assert (session["connection"], session["amr"], session["second_factor"]) == ("corp", [], False)
    assert aws.rows("intents") == []
    (identity,) = browser.call("GET", "/me/identities").body["items"]
    assert identity == {
        "id": identity["id"],
        "connection": "corp",
        "label": "alice@corp.example",
        "subject": "alice-1",
        "linked_at": "2026-03-01T12:00:00.000Z",
    }
    assert person_of(me["email"])["source"] == "connection"


@pytest.mark.slow
def test_the_same_person_comes_again_whatever_their_address_is_by_now(aws, corp):
    Newcomer().come(corp)
    browser = Newcomer()
    assert arrived(browser.come(corp, email="alice@other.example", name="Alice Other"))
    me = browser.me()
    assert (me["email"], me["name"]) == ("alice@corp.example", "Alice Adams")
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
@pytest.mark.peers
def test_another_subject_with_the_same_address_is_another_identity(aws, untrusted):
    Newcomer().come(untrusted)
    browser = Newcomer()
    assert arrived(browser.come(untrusted, sub="alice-2"), "/account/link")
    assert len(aws.rows("users")) == 1
    assert "__Host-rollcall_refresh" not in browser.cookies


@pytest.mark.slow
@pytest.mark.peers
def test_a_new_person_of_a_domain_that_is_not_trusted_confirms_their_address_and_keeps_the_identity(
    aws, untrusted
):
    browser = Newcomer()
    assert arrived(browser.come(untrusted))
    assert browser.me()["email_verified"] is False
    (mail,) = mailed(aws)
    assert (mail["template"], mail["to"]) == ("confirm_email", "alice@corp.example")
    confirmed = browser.call("POST", "/me/email/confirm", {"token": token_of(mail)})
    assert (confirmed.status, confirmed.body["email_verified"]) == (200, True)
    assert len(browser.call("GET", "/me/identities").body["items"]) == 1
    assert arrived(Newcomer().come(untrusted))


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("verified", [False, "false", None, "yes", 2])
def test_what_the_provider_does_not_say_is_verified_is_not(corp, verified):
    browser = Newcomer()
    browser.come(corp, email_verified=verified)
    assert browser.me()["email_verified"] is False


@pytest.mark.parametrize("verified", [True, "true", "True", 1, "1"])
def test_what_the_provider_says_is_verified_is(corp, verified):
    browser = Newcomer()
    browser.come(corp, email_verified=verified)
    assert browser.me()["email_verified"] is True


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("email", [None, "no address", 7, "a@b", "x" * 300 + "@corp.example"])
def test_a_person_without_an_address_gets_an_account_without_one(aws, corp, email):
    browser = Newcomer()
    assert arrived(browser.come(corp, email=email))
    assert browser.me()["email"] is None
    assert aws.rows("intents") == []
    assert arrived(Newcomer().come(corp, email=email))
    assert len(aws.rows("users")) == 1


def test_what_breaks_our_rules_is_left_out(corp):
    browser = Newcomer()
    assert arrived(browser.come(corp, name="\u200b", locale="x" * 90, birthdate="tomorrow"))
    me = browser.me()
    assert (me["name"], me["locale"], me["birthdate"]) == (None, None, None)


def test_claims_are_mapped_as_configured(aws, provider):
    claims = {"email": "https://corp.example/mail", "name": "profile.full", "email_verified": "ok"}
    connect(provider, claims=claims, trusted_domains=["corp.example"])
    browser = Newcomer()
    mapped = {"https://corp.example/mail": ADA, "profile": {"full": "Ada King"}, "ok": True}
    browser.come(provider, email=None, name=None, **mapped)
    me = browser.me()
    assert (me["email"], me["name"], me["email_verified"]) == (ADA, "Ada King", True)


def test_what_the_id_token_does_not_tell_the_userinfo_endpoint_does(corp):
    corp.in_id_token = False
    browser = Newcomer()
    assert arrived(browser.come(corp))
    assert browser.me()["email"] == "alice@corp.example"
    assert corp.count("/userinfo") == 1


def test_nothing_is_asked_of_the_userinfo_endpoint_that_the_id_token_tells(corp):
    assert arrived(Newcomer().come(corp))
    assert corp.count("/userinfo") == 0


@pytest.mark.slow
@pytest.mark.peers
def test_keys_and_discovery_are_read_once_for_several(corp):
    for number in range(3):
        assert arrived(Newcomer().come(corp, sub=f"s{number}", email=f"p{number}@corp.example"))
    assert (corp.count("/keys"), corp.count("/.well-known/openid-configuration")) == (1, 1)


@pytest.mark.slow
@pytest.mark.peers
def test_a_provider_that_rotates_its_keys_is_asked_once_more(corp):
    assert arrived(Newcomer().come(corp))
    clock.tick(seconds=61)
    corp.rotate()
    assert arrived(Newcomer().come(corp))
    assert corp.count("/keys") == 2


def test_a_browsers_session_before_ends_and_the_new_one_is_another(aws, corp):
    a_user(email=ADA, password=PASSWORD)
    browser = Newcomer()
    browser.enter(ADA)
    before = dict(browser.cookies)
    assert arrived(browser.come(corp))
    assert browser.cookies["__Host-rollcall_refresh"] != before["__Host-rollcall_refresh"]
    ended = [row for row in aws.rows("sessions") if "deleted_at" in row]
    assert [row["reason"] for row in ended] == ["signed_out"]
    assert browser.me()["email"] == "alice@corp.example"


def test_a_known_device_is_known(aws, corp):
    browser = Newcomer()
    browser.come(corp)
    browser.come(corp)
    marks = sorted(row["new_device"] for row in aws.rows("sessions") if "deleted_at" not in row)
    assert marks == [False]


class TestKnownAddress:
    """A new subject whose address has an account."""

    @pytest.fixture
    def ada(self, aws):
        return a_user(email=ADA, password=PASSWORD)

    @pytest.mark.slow
    @pytest.mark.peers
    def test_is_linked_after_the_account_is_proved(self, ada, untrusted):
        browser = Newcomer()
        assert arrived(browser.come(untrusted, email=ADA), "/account/link")
        assert browser.pending().body == {
            "connection": {"id": "corp", "name": "Corp", "kind": "oidc"},
            "need": "link",
            "factors": [],
            "label": ADA,
            "email": ADA,
            "return_to": None,
        }
        browser.enter(ADA)
        linked = browser.call("POST", "/me/identities", {})
        assert (linked.status, [one["subject"] for one in linked.body["items"]]) == (200, ["alice-1"])
        assert "__Host-rollcall_pending" not in browser.cookies
        other = Newcomer()
        assert arrived(other.come(untrusted, email=ADA))
        assert other.me()["id"] == ada["id"]

    def test_is_linked_by_no_connection_that_was_removed(self, ada, untrusted):
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        connections().remove(connections().get("corp"), None)
        assert (browser.pending().status, browser.pending().body["reason"]) == (410, "expired")
        browser.enter(ADA)
        assert reason(browser.call("POST", "/me/identities", {})) == "expired"

    def test_is_linked_once(self, ada, untrusted):
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        kept = browser.cookies["__Host-rollcall_pending"]
        browser.enter(ADA)
        assert browser.call("POST", "/me/identities", {}).status == 200
        browser.cookies["__Host-rollcall_pending"] = kept
        assert reason(browser.call("POST", "/me/identities", {})) == "expired"

    def test_is_not_linked_to_another_account(self, ada, untrusted):
        a_user(email="eve@corp.example", password=PASSWORD)
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        browser.enter("eve@corp.example")
        assert browser.call("POST", "/me/identities", {}).status == 403
        assert person_of(ADA).get("identities") is None

    def test_is_not_linked_later(self, ada, untrusted):
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        clock.tick(seconds=600)
        browser.enter(ADA)
        assert reason(browser.call("POST", "/me/identities", {})) == "expired"

    def test_is_not_linked_by_a_page_of_another_site(self, ada, untrusted):
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        browser.enter(ADA)
        assert browser.call("POST", "/me/identities", {}, Origin="https://evil.example").status == 403
        assert (
            browser.call("POST", "/sessions/connections/pending", {}, Origin="https://evil.example").status == 403
        )

    def test_is_not_signed_in_by_a_factor_alone(self, ada, untrusted):
        browser = Newcomer()
        browser.come(untrusted, email=ADA)
        answer = browser.call("POST", "/sessions/connections/pending/confirm", {"otp": "123456", "browser": True})
        assert answer.status == 409

    def test_of_a_trusted_domain_is_linked_by_itself(self, ada, corp):
        browser = Newcomer()
        assert arrived(browser.come(corp, email=ADA))
        assert browser.me()["id"] == ada["id"]
        assert Newcomer().enter(ADA).status == 201  # the proved account keeps its password

    @pytest.mark.slow
    @pytest.mark.peers
    def test_of_a_disabled_person_is_refused(self, aws, corp):
        a_user(email=ADA, status="disabled")
        assert reason(Newcomer().come(corp, email=ADA)) == "disabled"


class TestSecondFactor:
    """A person with a second factor, whom the connection does not vouch for."""

    @pytest.fixture
    def app(self, corp):
        browser = Newcomer()
        browser.come(corp)
        app = App(browser.call("POST", "/me/totp").body["secret"])
        assert browser.call("POST", "/me/totp/confirm", {"otp": app.code()}).status < 300
        clock.tick(seconds=60)
        return app

    def confirm(self, browser: Newcomer, **proof: str):
        body = {**proof, "browser": True}
        return browser._keep(browser.call("POST", "/sessions/connections/pending/confirm", body))

    @pytest.mark.slow
    @pytest.mark.peers
    def test_is_asked_for_it(self, aws, corp, app):
        browser = Newcomer()
        assert arrived(browser.come(corp), "/account/link")
        assert "__Host-rollcall_refresh" not in browser.cookies
        pending = browser.pending().body
        assert (pending["need"], pending["factors"]) == ("second_factor", ["totp"])
        assert self.confirm(browser, otp="000000").status == 401
        assert self.confirm(browser, otp=app.code()).status == 201
        assert browser.me()["email"] == "alice@corp.example"
        (session,) = [row for row in aws.rows("sessions") if row["second_factor"] and row.get("connection")]
        assert session["amr"] == ["mfa", "otp"]

    @pytest.mark.slow
    @pytest.mark.peers
    def test_proves_it_once(self, corp, app):
        browser = Newcomer()
        browser.come(corp)
        kept = browser.cookies["__Host-rollcall_pending"]
        assert self.confirm(browser, otp=app.code()).status == 201
        clock.tick(seconds=60)
        browser.cookies["__Host-rollcall_pending"] = kept
        assert reason(self.confirm(browser, otp=app.code())) == "expired"

    @pytest.mark.slow
    @pytest.mark.peers
    def test_is_asked_again_where_nothing_is_sent(self, corp, app):
        browser = Newcomer()
        browser.come(corp)
        answer = self.confirm(browser)
        assert (answer.status, answer.body["type"]) == (401, "factor-required")

    @pytest.mark.slow
    @pytest.mark.peers
    def test_has_as_few_guesses_as_anywhere(self, corp, app):
        browser = Newcomer()
        browser.come(corp)
        statuses = [self.confirm(browser, otp=f"{number:06}").status for number in range(8)]
        assert statuses[:5] == [401] * 5
        assert 429 in statuses

    @pytest.mark.slow
    @pytest.mark.peers
    @pytest.mark.parametrize("claim", [{"amr": ["pwd", "mfa"]}, {"acr": "urn:corp:2fa"}])
    def test_is_not_asked_where_the_provider_vouches(self, aws, corp, app, claim):
        connection = connections().get("corp")
        vouching = {**connection, "vouches_for": {"amr": ["mfa"], "acr": ["urn:corp:2fa"]}}
        aws.put("credentials", vouching)
        browser = Newcomer()
        assert arrived(browser.come(corp, **claim))
        rows = [row for row in aws.rows("sessions") if row.get("connection")]
        assert [row["amr"] for row in rows if row["second_factor"]] == [["mfa"]]

    @pytest.mark.slow
    @pytest.mark.peers
    @pytest.mark.parametrize("claim", [{"amr": ["pwd"]}, {"amr": "mfa"}, {"acr": "1"}, {"acr": ["urn:corp:2fa"]}])
    def test_is_asked_where_the_provider_says_something_else(self, aws, corp, app, claim):
        connection = connections().get("corp")
        vouching = {**connection, "vouches_for": {"amr": ["mfa"], "acr": ["urn:corp:2fa"]}}
        aws.put("credentials", vouching)
        assert arrived(Newcomer().come(corp, **claim), "/account/link")

    @pytest.mark.slow
    @pytest.mark.peers
    def test_only_an_id_token_says_how_somebody_was_authenticated(self, aws, corp, app):
        """The userinfo endpoint tells of the person, as some providers let people write it themselves."""
        connection = connections().get("corp")
        aws.put("credentials", {**connection, "vouches_for": {"amr": ["mfa"], "acr": ["urn:corp:2fa"]}})
        corp.in_id_token = False
        claims = {"amr": ["mfa"], "acr": "urn:corp:2fa"}
        assert arrived(Newcomer().come(corp, **claims), "/account/link")


class TestLimits:
    """Who may come by a connection, and where to."""

    @pytest.mark.slow
    @pytest.mark.peers
    def test_other_domains_may_not(self, aws, provider):
        connect(provider, domains=["corp.example"])
        assert arrived(Newcomer().come(provider))
        assert reason(Newcomer().come(provider, sub="b", email="b@other.example")) == "not-allowed"
        assert reason(Newcomer().come(provider, sub="c", email=None)) == "not-allowed"
        assert reason(Newcomer().come(provider, email="alice@other.example")) == "not-allowed"

    def test_new_people_may_not_where_it_is_closed(self, aws, provider):
        connect(provider, registration=False)
        assert reason(Newcomer().come(provider)) == "registration-closed"
        assert aws.rows("users") == []

    def test_nobody_may_while_it_is_disabled(self, aws, provider):
        connect(provider, enabled=False)
        answer = Newcomer().call("GET", "/sessions/connections/corp")
        assert reason(answer) == "connection-disabled"
        assert Newcomer().call("GET", "/sessions/connections").body["items"] == []

    def test_a_disabled_person_may_not(self, aws, corp):
        browser = Newcomer()
        browser.come(corp)
        aws.put("users", {**person_of("alice@corp.example"), "status": "disabled"})
        assert reason(Newcomer().come(corp)) == "disabled"

    def test_the_page_of_sign_in_lists_what_is_enabled(self, corp):
        answer = Newcomer().call("GET", "/sessions/connections?utm_source=x")
        assert answer.body == {"items": [{"id": "corp", "name": "Corp", "kind": "oidc"}], "next": None}
        assert answer.headers["Cache-Control"] == "public, max-age=60"

    @pytest.mark.slow
    @pytest.mark.peers
    @pytest.mark.parametrize(
        ("return_to", "location"),
        [
            ("/account", "https://rollcall.example/account"),
            ("/account/security", "https://rollcall.example/account/security"),
            (
                "/oauth2/authorize?client_id=a&state=b",
                "https://rollcall.example/oauth2/authorize?client_id=a&state=b",
            ),
            ("https://app.example/back?x=1", "https://app.example/back?x=1"),
        ],
    )
    def test_the_browser_goes_where_it_was_asked_to(self, aws, provider, return_to, location):
        connect(provider, return_urls=["https://app.example/back?x=1"])
        browser = Newcomer()
        answer = browser.arrive(provider.authorize(browser.begin(return_to=return_to)))
        assert (answer.status, answer.headers["Location"]) == (303, location)

    def test_beginning_is_limited_for_a_network(self, aws, corp):
        with settings.held(sign_ins_per_hour=2):
            browser = Newcomer()
            browser.begin()
            browser.begin()
            assert browser.call("GET", "/sessions/connections/corp").status == 429


class TestFailures:
    """Each leads to a page that says so, or to a problem document, and leaves nothing half-made."""

    def refused(self, aws, answer) -> str:
        assert answer.status >= 400, answer
        assert (aws.rows("users"), aws.rows("sessions")) == ([], [])
        return reason(answer)

    def test_a_provider_that_refuses_is_told(self, aws, corp):
        browser = Newcomer()
        parameters = corp.authorize(browser.begin())
        del parameters["code"]
        answer = browser.arrive({**parameters, "error": "access_denied"}, Accept=PAGE)
        assert arrived(answer, "/account/sign-in#problem=cancelled")
        answer = Newcomer().call("GET", callback_of("corp", {"error": "x"}))
        assert self.refused(aws, answer) == "expired"

    @pytest.mark.parametrize(("error", "why"), [("server_error", "provider-error"), ("<b>", "provider-error")])
    def test_errors_of_the_provider(self, aws, corp, caplog, error, why):
        browser = Newcomer()
        parameters = {**corp.authorize(browser.begin()), "error": error}
        assert self.refused(aws, browser.arrive(parameters)) == why
        assert "<b>" not in str([vars(record) for record in caplog.records])

    def test_a_provider_without_discovery(self, aws, corp):
        corp.answers["/.well-known/openid-configuration"] = (500, {}, b"")
        assert self.refused(aws, Newcomer().call("GET", "/sessions/connections/corp")) == "provider-down"
        answer = Newcomer().call("GET", "/sessions/connections/corp", Accept=PAGE)
        assert arrived(answer, "/account/sign-in#problem=provider-down")

    @pytest.mark.slow
    @pytest.mark.peers
    @pytest.mark.parametrize(
        ("path", "bent", "why"),
        [
            ("/token", (500, {}, b""), "provider-down"),
            ("/token", (400, {}, {"error": "invalid_grant"}), "provider-fault"),
            ("/token", (200, {}, {"error": "bad_verification_code"}), "provider-fault"),
            ("/token", (200, {}, b"<html>"), "provider-fault"),
            ("/token", (200, {}, {"access_token": "a", "token_type": "mac"}), "provider-fault"),
            ("/token", (200, {}, {"access_token": "a b", "token_type": "Bearer"}), "provider-fault"),
            ("/token", (200, {}, {"access_token": "a", "token_type": "Bearer"}), "provider-fault"),
            ("/token", (302, {"Location": "https://evil.example"}, b""), "provider-fault"),
            ("/token", (200, {}, b"x" * 70_000), "provider-down"),
            ("/keys", (200, {}, {"keys": []}), "provider-fault"),
            ("/keys", (503, {}, b""), "provider-down"),
        ],
    )
    def test_answers_that_are_none(self, aws, corp, path, bent, why):
        browser = Newcomer()
        parameters = corp.authorize(browser.begin())
        corp.answers[path] = bent
        assert self.refused(aws, browser.arrive(parameters)) == why

    def test_a_userinfo_endpoint_that_tells_of_another(self, aws, corp):
        corp.in_id_token = False
        corp.answers["/userinfo"] = (200, {}, {**ALICE, "sub": "bob"})
        browser = Newcomer()
        assert self.refused(aws, browser.arrive(corp.authorize(browser.begin()))) == "provider-fault"

    def test_a_flow_is_over_after_ten_minutes(self, aws, corp):
        browser = Newcomer()
        parameters = corp.authorize(browser.begin())
        clock.tick(seconds=600)
        assert self.refused(aws, browser.arrive(parameters)) == "expired"

    def test_a_removed_connection_lets_nobody_in(self, aws, corp):
        browser = Newcomer()
        browser.come(corp)
        other = Newcomer()
        parameters = corp.authorize(other.begin())
        connections().remove(connections().get("corp"))
        assert other.arrive(parameters).status == 404
        assert len(browser.call("GET", "/me/identities").body["items"]) == 1

    def test_an_unknown_connection_is_not_there(self, aws):
        assert Newcomer().call("GET", "/sessions/connections/none").status == 404
        answer = Newcomer().call("GET", "/sessions/connections/none", Accept=PAGE)
        assert arrived(answer, "/account/sign-in#problem=unknown-connection")

    @pytest.mark.slow
    @pytest.mark.peers
    def test_several_tabs_do_not_disturb_each_other_and_old_ones_go(self, corp):
        browser = Newcomer()
        locations = []
        for _ in range(6):
            locations.append(browser.begin())
            clock.tick(seconds=1)
        assert sum("_flow_" in name for name in browser.cookies) == 4
        assert reason(browser.arrive(corp.authorize(locations[0]))) == "expired"
        assert arrived(browser.arrive(corp.authorize(locations[4])))
        assert arrived(browser.arrive(corp.authorize(locations[3])))


TERMS = {"terms_url": "https://corp.example/terms", "terms_version": "2026-03"}


def agree(browser, version):
    body = {"browser": True, **({"terms_version": version} if version else {})}
    return browser.call("POST", "/sessions/connections/pending/confirm", body)


def test_somebody_new_agrees_to_the_terms_before_there_is_an_account(aws, corp):
    browser = Newcomer()
    with settings.held(outbound_allow_http=True, **TERMS):
        assert arrived(browser.come(corp), "/account/link")
        assert browser.pending().body["need"] == "terms"
        for version in (None, "2025-01"):
            refused = agree(browser, version)
            assert (refused.status, refused.body["errors"][0]["code"]) == (422, "other-terms")
        assert aws.rows("users") == []
        kept = dict(browser.cookies)
        assert agree(browser, "2026-03").status == 201
        (person,) = aws.rows("users")
        assert (person["terms_version"], person["terms_accepted_at"]) == ("2026-03", clock.timestamp())
        assert (person["name"], person["email"], person["email_verified"]) == (
            "Alice Adams",
            "alice@corp.example",
            True,
        )
        browser.cookies = kept
        assert agree(browser, "2026-03").status == 410
        assert len(aws.rows("users")) == 1


def test_who_has_an_account_is_not_asked_for_terms_of_later(aws, corp):
    Newcomer().come(corp)
    with settings.held(outbound_allow_http=True, **TERMS):
        assert arrived(Newcomer().come(corp))
