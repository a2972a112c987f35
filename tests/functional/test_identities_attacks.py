"""The attacks on coming in from elsewhere (RFC 9700, ASVS 5.0 chapter 10), each by its name."""

from __future__ import annotations

from urllib.parse import urlencode

import jwt
import pytest

from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from tests.authenticator import Authenticator
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import Newcomer, arrived, connect, connected, person_of, reason
from tests.functional.faults import Crash, crashing, listening
from tests.functional.providers import ALICE, CLIENT_SECRET, callback_of
from tests.functional.serial import one_call_at_a_time
from tests.functional.test_identities_linking import begin, link, listed, unlink
from tests.functional.threads import at_once
from tests.functional.visitors import mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

VICTIM = "victim@corp.example"
ATTACKERS_PASSWORD = "copper lantern river nine"


@pytest.fixture
def provider(aws):
    with connected(trusted_domains=["corp.example"]) as one:
        yield one


@pytest.fixture
def evil(provider):
    """A provider that its owner, an attacker, got connected: anything may come from it, and nothing is believed."""
    with connected("evil", person={**ALICE, "sub": "evil", "email": VICTIM}) as one:
        yield one


def signed_in(browser: Newcomer) -> bool:
    return "__Host-rollcall_refresh" in browser.cookies


class TestLoginCsrf:
    @pytest.mark.parametrize("referer", ["", "https://evil.example/", "https://app.example.evil.example/", "x"])
    def test_another_site_has_nobody_sign_in(self, provider, referer):
        """A provider that asks nobody would bring the browser into an account of that site's choice."""
        victim = Newcomer()
        sent = {"Sec_Fetch_Site": "cross-site", **({"Referer": referer} if referer else {})}
        page = victim.call("GET", "/sessions/connections/corp", Accept="text/html", **sent)
        assert page.headers["Location"] == "https://rollcall.example/account/sign-in#problem=begun-elsewhere"
        document = victim.call("GET", "/sessions/connections/corp", **sent)
        assert (document.status, document.body["reason"]) == (403, "begun-elsewhere")
        assert victim.cookies == {}

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"Sec_Fetch_Site": "none"},
            {"Sec_Fetch_Site": "same-origin"},
            {"Sec_Fetch_Site": "same-site"},
            {"Sec_Fetch_Site": "cross-site", "Referer": "https://app.example/signin"},
            {"Sec_Fetch_Site": "cross-site", "Referer": "https://console.example"},
        ],
    )
    def test_a_page_of_ours_or_a_place_where_it_returns_to_does(self, provider, sent):
        connect(provider, "returning", return_urls=["https://app.example/back"])
        with settings.held(allowed_origins=("https://console.example",)):
            answer = Newcomer().call("GET", "/sessions/connections/returning", Accept="text/html", **sent)
        assert answer.status == 303
        assert answer.headers["Location"].startswith(provider.url)

    def test_a_callback_that_an_attacker_began_signs_no_victim_in(self, aws, provider):
        parameters = provider.authorize(Newcomer().begin())
        victim = Newcomer()
        assert reason(victim.arrive(parameters)) == "expired"
        victim.begin()  # a flow of their own does not help
        assert reason(victim.arrive(parameters)) == "expired"
        assert (signed_in(victim), aws.rows("sessions")) == (False, [])

    def test_a_callback_that_an_attacker_began_links_no_victims_account(self, provider):
        a_user(email="attacker@corp.example", password=PASSWORD)
        a_user(email=VICTIM, password=PASSWORD)
        attacker, victim = Newcomer(), Newcomer()
        attacker.enter("attacker@corp.example")
        victim.enter(VICTIM)
        parameters = provider.authorize(begin(attacker), sub="attackers identity")
        assert reason(victim.arrive(parameters)) == "expired"
        assert listed(victim) == []

    def test_what_is_pending_is_linked_to_the_account_of_its_address_alone(self, evil):
        """On a computer that the attacker used before."""
        a_user(email="other@corp.example", password=PASSWORD)
        a_user(email=VICTIM, password=PASSWORD)
        browser = Newcomer()
        assert arrived(browser.come(evil, "evil"), "/account/link")
        browser.enter("other@corp.example")
        assert browser.call("POST", "/me/identities", {}).status == 403


@pytest.mark.slow
def test_session_fixation_through_the_callback(aws, provider):
    """Whatever session the browser had, and whatever it brings, the new one is another."""
    a_user(email="attacker@corp.example", password=PASSWORD)
    attacker, victim = Newcomer(), Newcomer()
    attacker.enter("attacker@corp.example")
    planted = dict(attacker.cookies)
    victim.cookies = dict(planted)
    assert arrived(victim.come(provider))
    assert victim.cookies["__Host-rollcall_refresh"] != planted["__Host-rollcall_refresh"]
    assert victim.cookies["__Host-rollcall_session"] != planted["__Host-rollcall_session"]
    assert victim.me()["email"] == "alice@corp.example"
    attacker.access_token = ""
    assert attacker.refresh().status == 401  # the one that was planted has ended


class TestCodes:
    def test_a_stolen_code_is_of_no_use_in_another_flow(self, aws, provider):
        """Code injection: PKCE binds a code to the browser that asked for it."""
        stolen = provider.authorize(Newcomer().begin())
        attacker = Newcomer()
        own = provider.authorize(attacker.begin())
        assert reason(attacker.arrive({**own, "code": stolen["code"]})) == "provider-fault"
        assert aws.rows("users") == []

    def test_nor_where_the_provider_does_not_check_pkce(self, aws, provider):
        """The nonce binds the ID token to it."""
        victim = provider.authorize(Newcomer().begin())
        code = provider.codes[victim["code"]]
        tokens = {"access_token": "a", "token_type": "Bearer", "id_token": provider.id_token(code, "a")}
        attacker = Newcomer()
        own = provider.authorize(attacker.begin())
        provider.answers["/token"] = (200, {}, tokens)
        assert reason(attacker.arrive({**own, "code": victim["code"]})) == "provider-fault"
        assert aws.rows("users") == []

    def test_a_callback_is_good_once(self, provider):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        cookies = dict(browser.cookies)
        assert arrived(browser.arrive(parameters))
        browser.cookies = cookies  # also for who kept the cookie
        assert reason(browser.arrive(parameters)) == "expired"
        assert provider.count("/token") == 1

    def test_a_callback_that_failed_is_not_tried_again(self, provider):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        provider.answers["/token"] = (503, {}, b"")
        cookies = dict(browser.cookies)
        assert reason(browser.arrive(parameters)) == "provider-down"
        del provider.answers["/token"]
        browser.cookies = cookies
        assert reason(browser.arrive(parameters)) == "expired"


class TestMixUp:
    """RFC 9700, section 4.4, and RFC 9207."""

    def test_a_code_of_the_honest_provider_never_gets_to_the_other(self, aws, provider, evil):
        browser = Newcomer()
        location = browser.begin("evil")
        state = location.partition("state=")[2].partition("&")[0]
        honest = provider.authorize(Newcomer().begin())
        answer = browser.arrive({**honest, "state": state}, "evil")
        assert reason(answer) == "provider-fault"
        assert evil.count("/token") == 0

    def test_a_flow_ends_at_its_own_callback_alone(self, provider, evil):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        assert reason(browser.arrive(parameters, "evil")) == "expired"
        assert arrived(browser.arrive(parameters))

    @pytest.mark.parametrize("iss", ["https://evil.example", "", None])
    def test_an_answer_says_whose_it_is(self, provider, iss):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        bent = {name: value for name, value in {**parameters, "iss": iss}.items() if value is not None}
        assert reason(browser.arrive(bent)) == "provider-fault"
        assert provider.count("/token") == 0

    def test_also_where_it_is_an_error(self, provider):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        bent = {"state": parameters["state"], "error": "access_denied", "iss": "https://evil.example"}
        assert reason(browser.arrive(bent)) == "provider-fault"

    def test_an_id_token_of_another_provider_with_the_same_client_id_is_refused(self, aws, provider, evil):
        evil.claims = {"iss": provider.url}
        assert reason(Newcomer().come(evil, "evil")) == "provider-fault"
        assert aws.rows("users") == []

    def test_each_connection_has_a_redirect_uri_of_its_own(self, provider, evil):
        browser = Newcomer()
        assert "connections%2Fcorp%2Fcallback" in browser.begin()
        assert "connections%2Fevil%2Fcallback" in browser.begin("evil")


class TestDowngrades:
    @pytest.mark.parametrize("state", [None, "", "another", "x" * 500])
    def test_without_the_right_state_nothing_happens(self, aws, provider, state):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        bent = {name: value for name, value in {**parameters, "state": state}.items() if value is not None}
        assert reason(browser.arrive(bent)) == "expired"
        assert provider.count("/token") == 0

    @pytest.mark.parametrize("nonce", [None, "", "another"])
    def test_an_id_token_without_the_right_nonce_is_refused(self, provider, nonce):
        provider.claims = {"nonce": nonce}
        assert reason(Newcomer().come(provider)) == "provider-fault"

    def test_pkce_is_always_asked_for(self, provider):
        assert "code_challenge_method=S256" in Newcomer().begin()

    @pytest.mark.slow
    def test_the_verifier_is_sent_and_is_of_this_flow(self, provider):
        for _ in range(2):
            assert arrived(Newcomer().come(provider))
        verifiers = [asked.form["code_verifier"] for asked in provider.asked if asked.path == "/token"]
        assert len(set(verifiers)) == 2
        assert min(map(len, verifiers)) == 43

    @pytest.mark.parametrize(
        "bend", [lambda v: v[:-4] + "AAAA", lambda v: "9." + v.partition(".")[2], lambda _: "x"]
    )
    def test_a_cookie_that_somebody_changed_is_none(self, provider, bend):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        (name,) = browser.cookies
        browser.cookies[name] = bend(browser.cookies[name])
        assert reason(browser.arrive(parameters)) == "expired"

    def test_what_is_pending_is_no_flow_and_a_flow_is_nothing_pending(self, evil):
        a_user(email=VICTIM, password=PASSWORD)
        browser = Newcomer()
        browser.come(evil, "evil")
        pending = browser.cookies["__Host-rollcall_pending"]
        parameters = evil.authorize(browser.begin("evil"))
        (name,) = [name for name in browser.cookies if "_flow_" in name]
        flow = browser.cookies[name]
        browser.cookies |= {name: pending, "__Host-rollcall_pending": flow}
        assert reason(browser.arrive(parameters, "evil")) == "expired"
        assert reason(browser.pending()) == "expired"


class TestOpenRedirect:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        "return_to",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/account\\..\\..\\evil",
            "/account.evil.example",
            "/accountant",
            "/account#token=x",
            "/account\r\nSet-Cookie: x=y",
            "/users",
            "javascript:alert(1)",
            "https://app.example/back#x",
            "https://app.example/back?next=//evil",
            "https://app.example:8443/back",
            "https://app.example@evil.example/back",
            "https://user@app.example/back",
            "https://APP.example/back",
            "https://app.example/back/",
            "/account/" + "x" * 1300,
        ],
    )
    def test_a_browser_is_sent_to_what_is_on_the_list_alone(self, aws, return_to):
        with connected(return_urls=["https://app.example/back"]):
            answer = Newcomer().call("GET", f"/sessions/connections/corp?{urlencode({'return_to': return_to})}")
        assert answer.status == 422
        assert "Location" not in answer.headers

    def test_the_callback_takes_no_destination(self, provider):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        assert arrived(browser.arrive({**parameters, "return_to": "https://evil.example"}))


class TestPreHijacking:
    """An attacker makes the account before its owner comes, in every order."""

    def attacker_registers(self) -> Newcomer:
        with settings.held(email_verification="optional"):
            body = {"email": VICTIM, "password": ATTACKERS_PASSWORD}
            assert Newcomer().call("POST", "/users", body).status == 201
        attacker = Newcomer()
        attacker.enter(VICTIM, ATTACKERS_PASSWORD)
        assert signed_in(attacker)
        return attacker

    def check_attacker_is_out(self, attacker: Newcomer, evil) -> None:
        assert attacker.call("GET", "/me").status == 401
        assert attacker.refresh().status == 401
        assert Newcomer().enter(VICTIM, ATTACKERS_PASSWORD).status == 401
        again = Newcomer()
        again.come(evil, "evil")
        assert not signed_in(again)

    @pytest.mark.slow
    def test_a_registered_account_whose_owner_comes_from_a_trusted_provider(self, provider, evil):
        attacker = self.attacker_registers()
        with settings.held(outbound_allow_http=True):
            assert arrived(link(attacker, evil, "evil"), "/account/security")
        owner = Newcomer()
        assert arrived(owner.come(provider, sub="owner", email=VICTIM))
        me = owner.me()
        assert (me["email"], me["email_verified"]) == (VICTIM, True)
        assert [identity["subject"] for identity in listed(owner)] == ["owner"]
        self.check_attacker_is_out(attacker, evil)

    @pytest.mark.slow
    def test_an_account_from_a_lying_provider_whose_owner_comes_from_a_trusted_one(self, provider, evil):
        attacker = Newcomer()
        assert arrived(attacker.come(evil, "evil"))
        assert attacker.me()["email_verified"] is False
        owner = Newcomer()
        assert arrived(owner.come(provider, sub="owner", email=VICTIM))
        assert [identity["subject"] for identity in listed(owner)] == ["owner"]
        self.check_attacker_is_out(attacker, evil)

    @pytest.mark.slow
    def test_an_account_from_a_lying_provider_whose_owner_resets_the_password(self, aws, provider, evil):
        attacker = Newcomer()
        attacker.come(evil, "evil")
        Newcomer().call("POST", "/password-resets", {"email": VICTIM})
        token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
        reset = {"token": token, "password": PASSWORD}
        assert Newcomer().call("POST", "/password-resets/confirm", reset).status == 204
        owner = Newcomer()
        owner.enter(VICTIM)
        assert listed(owner) == []
        self.check_attacker_is_out(attacker, evil)

    @pytest.mark.slow
    def test_an_account_from_a_lying_provider_whose_owner_comes_by_a_mailed_code(self, aws, provider, evil):
        attacker = Newcomer()
        attacker.come(evil, "evil")
        Newcomer().call("POST", "/sessions/email", {"email": VICTIM})
        token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "sign_in_code")
        owner = Newcomer()
        owner._keep(owner.call("POST", "/sessions/email/confirm", {"code": token, "browser": True}))
        assert (owner.me()["email_verified"], listed(owner)) == (True, [])
        self.check_attacker_is_out(attacker, evil)

    def test_the_mail_about_an_account_from_a_lying_provider_is_of_no_use_to_who_gets_it_unasked(
        self, aws, provider, evil
    ):
        """It confirms for the session of who came, and there alone."""
        attacker = Newcomer()
        attacker.come(evil, "evil")
        (mail,) = mailed(aws)
        body = {"token": token_of(mail), "password": PASSWORD}
        assert Newcomer().call("POST", "/users/confirm", body).status in {410, 422}
        assert person_of(VICTIM)["email_verified"] is False

    @pytest.mark.slow
    def test_what_was_linked_while_nobody_had_proved_the_mailbox_goes_with_the_first_proof(
        self, aws, provider, evil
    ):
        attacker = self.attacker_registers()
        link(attacker, evil, "evil")
        token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "confirm_registration")
        owner = Newcomer()
        confirm = {"token": token, "password": PASSWORD}
        assert owner.call("POST", "/users/confirm", confirm).status == 201
        owner.enter(VICTIM)
        assert listed(owner) == []
        self.check_attacker_is_out(attacker, evil)

    @pytest.mark.slow
    def test_what_the_registrant_linked_stays_when_they_confirm_with_their_password(self, aws, provider, evil):
        registrant = self.attacker_registers()  # this time they own the mailbox
        link(registrant, evil, "evil")
        token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "confirm_registration")
        confirm = {"token": token, "password": ATTACKERS_PASSWORD}
        assert registrant.call("POST", "/users/confirm", confirm).status == 201
        assert arrived(Newcomer().come(evil, "evil"))

    @pytest.mark.slow
    @pytest.mark.parametrize("way", ["link", "trust"])
    def test_an_attacker_who_takes_their_identity_elsewhere_keeps_nobody_from_linking(
        self, aws, provider, evil, way
    ):
        Newcomer().come(evil, "evil")
        Newcomer().call("POST", "/password-resets", {"email": VICTIM})
        token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
        reset = {"token": token, "password": PASSWORD}
        assert Newcomer().call("POST", "/password-resets/confirm", reset).status == 204
        attacker, owner = Newcomer(), Newcomer()
        assert arrived(attacker.come(evil, "evil", email="attacker@evil.example"))
        if way == "link":
            owner.enter(VICTIM)
            assert arrived(link(owner, provider, sub="owner"), "/account/security")
        else:
            assert arrived(owner.come(provider, sub="owner", email=VICTIM))
        assert [identity["subject"] for identity in listed(owner)] == ["owner"]
        assert [identity["subject"] for identity in listed(attacker)] == ["evil"]

    @pytest.mark.parametrize("verified", [False, None])
    def test_an_unverified_address_of_a_trusted_provider_takes_nothing_over(self, provider, verified):
        victim = a_user(email=VICTIM, password=PASSWORD)
        browser = Newcomer()
        assert arrived(browser.come(provider, sub="x", email=VICTIM, email_verified=verified), "/account/link")
        assert (signed_in(browser), person_of(VICTIM)) == (False, victim)

    def test_a_verified_address_of_another_domain_takes_nothing_over(self, provider):
        victim = a_user(email="victim@other.example", password=PASSWORD)
        browser = Newcomer()
        assert arrived(browser.come(provider, sub="x", email="victim@other.example"), "/account/link")
        assert person_of("victim@other.example") == victim

    @pytest.mark.parametrize(
        "email", ["victim@corp.example.", "victim@corp.example@evil.example", "VICTIM@CORP.EXAMPLE"]
    )
    def test_spellings_of_a_domain_make_no_difference(self, provider, email):
        """The last one is the same mailbox, and its provider is trusted for it."""
        a_user(email=VICTIM, password=PASSWORD)
        browser = Newcomer()
        browser.come(provider, sub="x", email=email)
        assert (browser.me()["email"] == VICTIM) is email.isupper()


def new_passkey(browser: Newcomer) -> dict[str, str]:
    made = Authenticator().create(browser.call("POST", "/me/passkeys/options").body)
    return browser.call("POST", "/me/passkeys", {"name": "Key", "response": made}).body


class TestLastWayIn:
    @pytest.mark.slow
    def test_two_at_once_do_not_unlink_the_last_two(self, provider):
        browser = Newcomer()
        browser.come(provider)
        link(browser, provider, sub="another")
        with one_call_at_a_time():
            statuses = sorted(
                answer.status for answer in at_once(lambda one: unlink(browser, one), listed(browser))
            )
        assert statuses[0] == 204
        assert len(listed(browser)) == 1

    @pytest.mark.slow
    def test_who_has_no_address_keeps_the_last_passkey(self, provider):
        browser = Newcomer()
        browser.come(provider, email=None)
        passkey = new_passkey(browser)
        assert unlink(browser, listed(browser)[0]).status == 204
        kept = browser.call("DELETE", f"/me/passkeys/{passkey['id']}")
        assert (kept.status, kept.body["code"]) == (409, "last-way-in")
        new_passkey(browser)
        assert browser.call("DELETE", f"/me/passkeys/{passkey['id']}").status == 204

    @pytest.mark.slow
    def test_a_passkey_that_goes_meanwhile_is_no_way_in(self, provider):
        browser = Newcomer()
        browser.come(provider)
        passkey = new_passkey(browser)
        (identity,) = listed(browser)
        token = browser.access_token

        def remove_passkey(**_: object) -> None:
            other = Newcomer()
            other.access_token = token
            gone.append(other.call("DELETE", f"/me/passkeys/{passkey['id']}").status)

        gone: list[int] = []
        event = "before-call.dynamodb.TransactWriteItems"

        def once(**kwargs: object) -> None:
            if not gone:
                gone.append(0)
                remove_passkey()

        with listening(clients.client("dynamodb"), event, once):
            answer = unlink(browser, identity)
        assert gone == [0, 204]
        assert answer.status == 409
        assert listed(browser) == [identity]


class TestIdTokens:
    """In a whole flow; `test_connections_id_tokens.py` has every check."""

    def test_algorithm_confusion(self, aws, provider):
        def forged(_: object):
            claims = {"iss": provider.url, "aud": provider.client_id, "sub": "x", "iat": clock.epoch()}
            claims |= {"exp": clock.epoch() + 60, "nonce": next(iter(provider.codes.values())).query["nonce"]}
            token = jwt.encode(claims, CLIENT_SECRET.ljust(64, "x"), "HS256")
            return 200, {}, {"access_token": "a", "token_type": "Bearer", "id_token": token}

        provider.answers["/token"] = forged
        assert reason(Newcomer().come(provider)) == "provider-fault"
        assert aws.rows("users") == []

    def test_a_jwks_with_10000_keys(self, aws, provider):
        provider.published = [
            {"kty": "EC", "crv": "P-256", "kid": str(n), "x": "x", "y": "y"} for n in range(10_000)
        ]
        assert reason(Newcomer().come(provider)) in {"provider-down", "provider-fault"}
        assert aws.rows("users") == []

    @pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint"])
    def test_a_discovery_document_that_points_into_private_networks(self, aws, provider, name):
        provider.discovery[name] = "https://169.254.169.254/latest/meta-data"
        assert reason(Newcomer().come(provider)) == "provider-down"
        assert aws.rows("users") == []

    def test_a_discovery_document_of_another_issuer(self, provider):
        provider.discovery["issuer"] = "https://evil.example"
        assert reason(Newcomer().call("GET", "/sessions/connections/corp")) == "provider-fault"

    @pytest.mark.slow
    def test_an_unknown_kid_costs_one_request_a_minute(self, provider):
        provider.header = {"kid": "unknown"}
        for _ in range(3):
            assert reason(Newcomer().come(provider)) == "provider-fault"
        assert provider.count("/keys") == 1
        clock.tick(seconds=61)
        for _ in range(3):
            Newcomer().come(provider)
        assert provider.count("/keys") == 2


class TestRaces:
    def test_two_callbacks_at_once_make_one_person(self, aws, provider):
        def come(browser: Newcomer) -> int:
            return browser.arrive(provider.authorize(browser.begin())).status

        with one_call_at_a_time():
            statuses = at_once(come, [Newcomer() for _ in range(4)])
        assert statuses == [303] * 4
        assert len(aws.rows("users")) == 1
        assert len(aws.rows("sessions")) == 4

    @pytest.mark.slow
    def test_two_callbacks_at_once_without_an_address_make_one_person(self, aws, provider):
        def come(browser: Newcomer) -> int:
            return browser.arrive(provider.authorize(browser.begin(), email=None)).status

        with one_call_at_a_time():
            assert at_once(come, [Newcomer() for _ in range(4)]) == [303] * 4
        assert len(aws.rows("users")) == 1

    @pytest.mark.slow
    def test_one_identity_is_never_linked_to_two(self, aws, provider):
        browsers = []
        for number in range(2):
            a_user(email=f"p{number}@corp.example", password=PASSWORD)
            browser = Newcomer()
            browser.enter(f"p{number}@corp.example")
            browsers.append(browser)
        with one_call_at_a_time():
            at_once(lambda browser: link(browser, provider), browsers)
        assert sorted(len(listed(browser)) for browser in browsers) == [0, 1]

    def test_a_callback_of_two_tabs_is_taken_once(self, provider):
        browser = Newcomer()
        parameters = provider.authorize(browser.begin())
        with one_call_at_a_time():
            answers = at_once(lambda _: _same(browser).arrive(parameters).status, [1, 2])
        assert sorted(answers) == [303, 410]


def _same(browser: Newcomer) -> Newcomer:
    other = Newcomer()
    other.cookies = dict(browser.cookies)
    return other


OPERATIONS = ("GetItem", "PutItem", "TransactWriteItems", "UpdateItem")


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("skip", range(4))
def test_a_crash_between_any_two_calls_leaves_nothing_half_made_and_can_be_repeated(
    aws, provider, operation, skip, after
):
    browser = Newcomer()
    try:
        with crashing("dynamodb", operation, after=after, skip=skip):
            browser.come(provider)
    except Crash:
        pass
    people = aws.rows("users")
    owners = {row["id"]: row for row in aws.rows("credentials") if row["id"].startswith("identit")}
    for person in people:
        assert f"identities#{person['id']}" in owners
        assert [f"identity#{one['id']}" in owners for one in person["identities"]] == [True]
    assert len(owners) == 2 * len(people)
    assert arrived(browser.come(provider))
    assert browser.me()["email"] == "alice@corp.example"
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
def test_a_connection_made_anew_for_another_issuer_inherits_no_identities(aws, provider):
    browser = Newcomer()
    browser.come(provider)
    owner = browser.me()["id"]
    connections().remove(connections().get("corp"))
    with connected() as other:
        stranger = Newcomer()
        assert arrived(stranger.come(other, email="stranger@corp.example"))
        assert stranger.me()["id"] != owner
    connections().remove(connections().get("corp"))
    connect(provider)
    again = Newcomer()
    assert arrived(again.come(provider))
    assert again.me()["id"] == owner


def test_what_a_connection_proved_before_it_was_made_anew_is_proved_by_none(aws, provider):
    """A trusted connection that takes the place of another believes nothing that the other one has said."""
    with settings.held(terms_version="1", terms_url="https://rollcall.example/terms"):
        with connected("other", person={**ALICE, "email": VICTIM}) as evil:
            attacker = Newcomer()
            assert arrived(attacker.come(evil, "other"), "/account/link")
        connections().remove(connections().get("other"))
        connect(provider, "other", trusted_domains=["corp.example"])
        assert reason(attacker.pending()) == "expired"
        body = {"terms_version": "1", "browser": True}
        assert reason(attacker.call("POST", "/sessions/connections/pending/confirm", body)) == "expired"
    assert aws.rows("users") == []


@pytest.mark.slow
def test_whoever_leads_a_browser_here_again_and_again_does_not_fill_its_headers(aws, provider, evil):
    """API Gateway refuses requests with more than 10 KB of them: until the cookies are over, nobody could come in."""
    a_user(email=VICTIM, password=PASSWORD)
    a_user(email="other@corp.example", password=PASSWORD)
    browser, long = Newcomer(), "/account/" + "x" * 1190
    browser.enter("other@corp.example")
    parameters = evil.authorize(browser.begin("evil", return_to=long))
    assert arrived(browser.arrive(parameters, "evil"), "/account/link")
    for _ in range(6):
        parameters = provider.authorize(browser.begin(return_to=long))
    assert sum(len(f"{name}={value}; ") for name, value in browser.cookies.items()) < 8000
    assert arrived(browser.arrive(parameters), long)  # the latest goes on


def test_a_callback_without_its_cookie_reads_and_writes_nothing(aws, provider):
    with telemetry.recording() as record:
        answer = Newcomer().call("GET", callback_of("corp", {"state": "x", "code": "y"}))
    assert (reason(answer), record.names) == ("expired", [])
