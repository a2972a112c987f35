"""What an operator sees and does over HTTP, and that it is two other functions that may."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.core import clock
from chalicelib.core.aws import batch, clients
from chalicelib.core.aws.invocations import PATIENCE_SECONDS
from chalicelib.core.errors import Malformed
from chalicelib.core.names import DEAD_LETTERS, QUEUES
from chalicelib.core.settings import settings
from chalicelib.operations.observation import observe
from chalicelib.operations.operating import operate
from chalicelib.operations.routes import operations
from tests.builders import EVENT
from tests.cloudlike import NAMES
from tests.functional.apps import ApiClient
from tests.functional.faults import failing, listening
from tests.functional.operated import answering, functions, measured
from tests.functional.streams import queue_event
from tests.replies import refused

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("held_clock")]

SECRET = "ada@example.com"


@pytest.fixture
def admin(aws):
    client = ApiClient(operations)
    client.sign_in("A1", "admin", second_factor=True)
    with functions():
        yield client


def park(queue, *bodies):
    def refuse(_message):
        raise Malformed("no such thing")

    batch.from_queue(queue, queue_event(queue, bodies), refuse)


def letters(client, queue):
    return client.call("GET", f"/operations/dead-letters/{queue}").body["letters"]


class TestFigures:
    def test_are_of_every_part_and_null_where_nothing_was_measured(self, admin):
        clients.send("mail", "{}")
        park("history", json.dumps(EVENT))
        on_mail = {"FunctionName": NAMES.of("on_mail")}
        with measured(
            {("Invocations", *on_mail.values()): [3, 4], ("Duration", *on_mail.values()): [20.5, 90.25]}
        ):
            figures = admin.call("GET", "/operations").body
        queues = {queue["name"]: queue for queue in figures["queues"]}
        assert queues.keys() == set(QUEUES)
        assert (queues["mail"]["waiting"], queues["mail"]["oldest_seconds"]) == (1, None)
        assert queues["history"]["dead_letters"] == 1
        assert {queue["name"]: queue["count"] for queue in figures["dead_letters"]} == {
            **{name.removesuffix("-dlq"): 0 for name in DEAD_LETTERS},
            "history": 1,
        }
        functions_by_name = {function["name"]: function for function in figures["functions"]}
        of_mail = functions_by_name["on_mail"]
        assert (of_mail["invocations"], of_mail["max_ms"], of_mail["throttles"]) == (7, 90.2, None)
        assert functions_by_name["on_user_change"]["iterator_age_ms"] is None
        assert figures["version"]["runtime"] == "python3.13"

    def test_show_alarms_that_go_off_first(self, admin):
        with measured({}, alarms={"mail-age": "OK", "on_mail-errors": "ALARM", "nothing-of-ours": "ALARM"}):
            alarms = admin.call("GET", "/operations/alarms").body["items"]
            figures = admin.call("GET", "/operations").body
        assert [(alarm["name"], alarm["about"], alarm["state"]) for alarm in alarms] == [
            ("on_mail-errors", "function:on_mail", "alarm"),
            ("mail-age", "queue:mail", "ok"),
        ]
        assert alarms[0]["since"] == "2026-03-01T11:00:00.000Z"
        assert (figures["alarms"], figures["alarm_count"]) == (alarms[:1], 2)

    def test_are_made_once_a_minute_whoever_asks(self, admin):
        with measured({}) as asked:
            first = admin.call("GET", "/operations").body
            clock.tick(seconds=59)
            assert admin.call("GET", "/operations").body == first
            clock.tick(seconds=2)
            assert admin.call("GET", "/operations").body["as_of"] > first["as_of"]
        assert asked.count("GetMetricData") == 2

    @settings.held(idle_costs='{"secrets": [2, 0.8], "alarm metrics": [17, 0.7]}')
    def test_tell_what_it_costs_idle_where_the_template_says_so(self, aws):
        client = ApiClient(operations)
        client.sign_in("S1", "support")
        with functions(), measured({}):
            cost = client.call("GET", "/operations").body["idle_cost"]
        assert cost["dollars"] == 1.5
        assert cost["lines"][0] == {"what": "secrets", "count": 2, "dollars": 0.8}

    def test_are_more_than_one_call_where_cloudwatch_pages(self, admin):
        with measured({("Invocations", NAMES.of("on_mail")): [1]}, in_pages=True):
            figures = admin.call("GET", "/operations").body
        of_mail = next(function for function in figures["functions"] if function["name"] == "on_mail")
        assert of_mail["invocations"] == 2

    def test_support_reads_them_and_the_topology_and_nothing_else(self, admin):
        admin.sign_in("S1", "support")
        with measured({}):
            assert admin.call("GET", "/operations").status == 200
        assert admin.call("GET", "/operations/topology").status == 200
        for path in ("/operations/dead-letters", "/operations/dead-letters/mail", "/operations/keys", "/settings"):
            assert admin.call("GET", path).status == 403


class TestTopology:
    def test_leads_from_a_request_to_what_comes_of_it(self, admin):
        topology = admin.call("GET", "/operations/topology").body
        ids = [node["id"] for node in topology["nodes"]]
        edges = {(edge["source"], edge["kind"], edge["target"]) for edge in topology["edges"]}
        assert len(ids) == len(set(ids))
        assert {end for source, _, target in edges for end in (source, target)} <= set(ids)
        for arrow in (
            ("http:requests", "triggers", "function:api_handler"),
            ("function:api_handler", "writes", "table:users"),
            ("table:users", "triggers", "function:on_user_change"),
            ("function:on_user_change", "publishes", "topic:user-events"),
            ("topic:user-events", "delivers", "queue:mail"),
            ("queue:mail", "triggers", "function:on_mail"),
            ("queue:mail", "parks", "queue:mail-dlq"),
            ("function:on_mail", "mails", "mail:ses"),
            ("state_machine:import", "runs", "function:import_chunk"),
        ):
            assert arrow in edges
        named = {node["id"]: node["aws_name"] for node in topology["nodes"]}
        assert (named["function:api_handler"], named["queue:mail"]) == ("rollcall-test", "rollcall-test-mail")


class TestDeadLetters:
    def test_are_listed_without_contents_and_stay(self, admin, aws):
        park("mail", json.dumps({"to": SECRET, "subject": "Hello"}))
        for _ in range(2):
            answer = admin.call("GET", "/operations/dead-letters")
            queues = {queue["queue"]: queue for queue in answer.body["queues"]}
            (letter,) = queues["mail"]["letters"]
            assert (queues["mail"]["count"], queues["items"]["letters"]) == (1, [])
            assert (letter["source"], letter["reason"]) == ("queue mail", "Malformed: no such thing")
            assert SECRET not in json.dumps(answer.body)
        assert len(aws.take("mail-dlq")) == 1

    def test_are_opened_with_a_recent_proof(self, admin):
        park("mail", json.dumps({"to": SECRET, "subject": "Hello"}))
        (letter,) = letters(admin, "mail")
        opened = admin.call("GET", f"/operations/dead-letters/mail/{letter['id']}").body
        assert json.loads(opened["body"])["to"] == SECRET
        assert opened["attributes"]["reason"] == "Malformed: no such thing"
        admin.sign_in("A1", "admin", seconds_ago=400)
        assert admin.call("GET", f"/operations/dead-letters/mail/{letter['id']}").status == 401

    def test_that_are_none_are_not_found(self, admin):
        assert admin.call("GET", "/operations/dead-letters/users").status == 404
        assert admin.call("GET", "/operations/dead-letters/mail/nothing").status == 404
        assert admin.call("POST", "/operations/dead-letters/users/redrive", {}).status == 404

    def test_long_contents_are_cut(self, admin):
        park("items", json.dumps({"x": "é" * 300_000}, ensure_ascii=False))
        (letter,) = letters(admin, "items")
        opened = admin.call("GET", f"/operations/dead-letters/items/{letter['id']}").body
        assert not opened["is_whole"]
        assert len(opened["body"].encode()) <= 256 * 1024


class TestRedrive:
    def test_sends_all_back_with_their_attributes(self, admin, aws):
        park("history", "one", "two")
        answer = admin.call("POST", "/operations/dead-letters/history-dlq/redrive", {})
        assert (answer.status, answer.body["redriven"], answer.body["left"]) == (200, 2, 0)
        assert sorted(record["body"] for record in aws.take("history")) == ["one", "two"]
        assert aws.take("history-dlq") == []

    def test_sends_chosen_ones_back(self, admin, aws):
        park("history", "one", "two", "three")
        chosen = letters(admin, "history")[:2]
        body = {"ids": [letter["id"] for letter in chosen]}
        answer = admin.call("POST", "/operations/dead-letters/history/redrive", body).body
        assert (answer["redriven"], answer["left"]) == (2, 1)
        assert len(aws.take("history")) == 2

    def test_stops_at_a_number(self, admin, aws):
        park("history", "one", "two", "three")
        answer = admin.call("POST", "/operations/dead-letters/history/redrive", {"most": 1}).body
        assert (answer["redriven"], answer["left"]) == (1, 2)

    def test_says_what_stays_and_why(self, admin):
        clients.send("invocations-dlq", json.dumps({"source": "aws:s3", "keys": {"key": "k"}, "reason": "no"}))
        answer = admin.call("POST", "/operations/dead-letters/invocations/redrive", {}).body
        (kept,) = answer["kept"]
        assert (answer["redriven"], answer["left"]) == (0, 1)
        assert "upload it again" in kept["reason"]

    def test_invokes_no_function_that_answers_somebody(self, admin):
        """A message that somebody put there must not make an administrator."""
        arn = settings().arn("lambda", f"function:{NAMES.of('create_admin')}")
        forged = {"requestContext": {"functionArn": arn}, "requestPayload": {"email": "eve@example.com"}}
        clients.send("invocations-dlq", json.dumps(forged))
        with functions() as invoked:
            answer = admin.call("POST", "/operations/dead-letters/invocations/redrive", {}).body
        assert (answer["redriven"], invoked) == (0, [])

    @pytest.mark.parametrize("body", [{"ids": []}, {"most": 0}, {"ids": ["x" * 101]}, {"other": 1}])
    def test_of_nonsense_is_refused(self, admin, body):
        assert admin.call("POST", "/operations/dead-letters/mail/redrive", body).status == 422

    def test_wants_a_recent_proof_and_an_administrator(self, admin):
        admin.sign_in("A1", "admin", seconds_ago=400)
        assert admin.call("POST", "/operations/dead-letters/mail/redrive", {}).status == 401
        admin.sign_in("S1", "support")
        assert admin.call("POST", "/operations/dead-letters/mail/redrive", {}).status == 403


class TestKeys:
    def test_tell_their_age_and_nothing_else(self, admin):
        answer = admin.call("GET", "/operations/keys")
        keys = {key["name"]: key for key in answer.body["items"]}
        assert keys.keys() == {"signing-key", "app-keys"}
        assert keys["app-keys"]["made_at"] is not None
        assert not keys["app-keys"]["is_scheduled"]
        assert clients.secret("app-keys") not in json.dumps(answer.body)

    def test_of_another_name_are_not_found(self, admin):
        assert admin.call("POST", "/operations/keys/webhooks/rotate").status == 404

    def test_want_a_second_factor(self, admin):
        admin.sign_in("A1", "admin")
        assert admin.call("POST", "/operations/keys/signing-key/rotate").status == 401


@pytest.mark.parametrize("key", ["signing-key", "app-keys"])
def test_a_key_without_a_schedule_is_rotated_by_the_four_steps(aws, key):
    function = f"rotate_{key.replace('-', '_')}"
    client = ApiClient(operations)
    client.sign_in("A1", "admin", second_factor=True)
    with functions(**{function: lambda _: None}) as invoked:
        answer = client.call("POST", f"/operations/keys/{key}/rotate")
    assert (answer.status, answer.body) == (202, {"name": key, "rotation": "done"})
    assert [name for name, _ in invoked] == [function] * 4
    assert [event["Step"] for _, event in invoked] == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    assert len({event["ClientRequestToken"] for _, event in invoked}) == 1


class TestScheduledKeys:
    @pytest.fixture
    def secrets(self, admin):
        scheduled = {
            "RotationEnabled": True,
            "RotationRules": {"AutomaticallyAfterDays": 30},
            "CreatedDate": 1772366400.0,
            "LastRotatedDate": 1772366400.0,
            "NextRotationDate": 1774958400.0,
        }
        client = clients.client("secretsmanager")
        with answering(client, "DescribeSecret", lambda _: scheduled):
            yield client

    def test_tell_when_the_next_one_is_due(self, admin, secrets):
        key = admin.call("GET", "/operations/keys").body["items"][0]
        assert (key["rotated_at"], key["next_rotation_at"]) == (
            "2026-03-01T12:00:00.000Z",
            "2026-03-31T12:00:00.000Z",
        )
        assert (key["is_scheduled"], key["rotation_days"]) == (True, 30)

    def test_are_rotated_by_secrets_manager(self, admin, secrets):
        asked = []
        with answering(secrets, "RotateSecret", lambda params: asked.append(json.loads(params["body"])) or {}):
            answer = admin.call("POST", "/operations/keys/signing-key/rotate")
        assert (answer.status, answer.body["rotation"]) == (202, "started")
        assert asked[0]["SecretId"] == NAMES.of("signing-key")

    def test_are_not_rotated_twice_at_once(self, admin, secrets):
        with failing("secretsmanager", "RotateSecret", "InvalidRequestException"):
            assert admin.call("POST", "/operations/keys/signing-key/rotate").status == 409


class TestSettings:
    @settings.held(history_days=30, proxy_secret_hashes=("ab" * 32,))
    def test_are_told_with_what_they_are_for_and_nothing_secret(self, aws):
        client = ApiClient(operations)
        client.sign_in("A1", "admin")
        answer = client.call("GET", "/settings").body
        by_name = {setting["name"]: setting for setting in answer["items"]}
        history, proxies = by_name["HISTORY_DAYS"], by_name["PROXY_SECRET_HASHES"]
        assert (history["value"], history["default"], history["set_in"]) == ("30", "365", "stages")
        assert "how far back" in history["purpose"]
        assert (proxies["value"], proxies["is_secret"], proxies["is_set"]) == (None, True, True)
        assert "ab" * 32 not in json.dumps(answer)
        assert by_name["BIRTHDAY_MAIL"]["value"] == "off"
        assert by_name["KINESIS_ITEMS"]["value"] == "on"
        assert by_name["ALLOWED_ORIGINS"]["value"] == "https://app.example"
        assert (by_name["ALARMS"]["set_in"], by_name["ALARMS"]["value"]) == ("unseen", None)
        assert by_name["ACCOUNT_ID"]["set_in"] == "deployment"
        assert by_name["CONFIRM_HOURS"]["set_in"] == "default"


class TestFailures:
    """The API is up where the two functions are not."""

    def test_of_the_function_are_told_as_such(self, admin):
        with failing("cloudwatch", "GetMetricData", "InternalServiceFault", 500):
            answer = admin.call("GET", "/operations")
        assert answer.status == 503
        assert answer.body["detail"] == "observe_stage failed: its log says why"

    def test_of_invoking_it_are_told_as_such(self, aws):
        client = ApiClient(operations)
        client.sign_in("A1", "admin")
        lambdas = clients.client("lambda", PATIENCE_SECONDS)
        with listening(lambdas, "before-call.lambda.Invoke", lambda **_: refused("AccessDeniedException", 403)):
            answer = client.call("GET", "/operations/keys")
        assert answer.status == 503
        assert answer.body["detail"] == "observe_stage cannot be invoked: AccessDeniedException"

    def test_of_waiting_say_that_it_may_go_on(self, aws):
        def late(**_):
            raise ReadTimeoutError(endpoint_url="lambda")

        client = ApiClient(operations)
        client.sign_in("A1", "admin")
        with listening(clients.client("lambda", PATIENCE_SECONDS), "before-call.lambda.Invoke", late):
            answer = client.call("POST", "/operations/dead-letters/mail/redrive", {})
        assert answer.status == 503
        assert "may go on" in answer.body["detail"]

    @pytest.mark.parametrize("event", [None, {}, {"do": "rm"}, {"see": "users"}, []])
    def test_neither_does_what_it_does_not_know(self, event):
        for function in (observe, operate):
            with pytest.raises(Malformed):
                function(event)

    def test_a_message_that_sqs_does_not_delete_is_told(self, admin):
        park("history", "one")
        with listening(
            clients.client("sqs"),
            "after-call.sqs.DeleteMessageBatch",
            lambda parsed, **_: parsed.update(Failed=[{"Id": "0"}]),
        ):
            assert admin.call("POST", "/operations/dead-letters/history/redrive", {}).status == 503
