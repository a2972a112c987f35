"""What an operator sees and does over HTTP, with the real permissions of three functions."""

from __future__ import annotations

import json

from chalicelib.core.names import SECRETS
from infra.functions import in_stage
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools import cloud

ADDRESS = "operated@example.com"
LISTED = "/operations/dead-letters"


def test_figures_are_of_the_running_stage(deployed):
    register(deployed, "figures@example.com")
    forget_figures(deployed)
    answer = deployed.admin.call("GET", "/operations")
    assert answer.status == 200, answer.body
    figures = answer.body
    assert {queue["name"] for queue in figures["queues"]} == set(deployed.stage.queues)
    assert {function["name"] for function in figures["functions"]} == {
        function.name for function in in_stage(deployed.stage)
    }
    # The local cloud measures the functions that are invoked directly.
    invoked = next(function for function in figures["functions"] if function["name"] == "create_admin")
    assert invoked["invocations"] > 0
    assert invoked["max_ms"] >= invoked["p99_ms"] >= invoked["p50_ms"] > 0
    # What it does not measure is told as such, and never as zero.
    assert {queue["oldest_seconds"] for queue in figures["queues"]} == {None}
    assert figures["no_data"].startswith("null: ")
    alarms = deployed.admin.call("GET", "/operations/alarms").body["items"]
    assert len(alarms) == figures["alarm_count"]
    assert {alarm["name"] for alarm in alarms} >= {"api-5xx", "mail-age", "on_mail-errors"}
    assert {alarm["about"] for alarm in alarms if alarm["name"] == "mail-age"} == {"queue:mail"}
    assert figures["version"]["deployed_at"]
    assert figures["idle_cost"]["dollars"] > 0
    assert deployed.admin.call("GET", "/operations").body["as_of"] == figures["as_of"]


def test_a_dead_letter_is_found_opened_and_sent_back(deployed):
    deployed.send("mail", {"to": ADDRESS, "subject": "no text"})

    def parked():
        listed = deployed.admin.call("GET", f"{LISTED}/mail").body["letters"]
        return [letter for letter in listed if "body: is not a text" in letter["reason"]]

    (letter, *_) = eventually(parked, "the dead letter")
    everywhere = deployed.admin.call("GET", LISTED).body["queues"]
    assert [f"{queue['queue']}-dlq" for queue in everywhere] == list(deployed.stage.dead_letters)
    assert ADDRESS not in json.dumps(everywhere)
    opened = deployed.admin.call("GET", f"{LISTED}/mail/{letter['id']}").body
    assert json.loads(opened["body"])["to"] == ADDRESS
    body = {"ids": [letter["id"]]}
    answer = deployed.admin.call("POST", f"{LISTED}/mail/redrive", body)
    assert (answer.status, answer.body["redriven"]) == (200, 1), answer.body

    def came_back():
        return [again for again in parked() if again["id"] != letter["id"]]

    eventually(came_back, "what was not mended")
    deployed.receive("mail-dlq", containing="no text")


def test_keys_are_rotated_and_nobody_is_signed_out(deployed):
    person = register(deployed, "rotated@example.com")
    before = {key["kid"] for key in deployed.anyone.call("GET", "/.well-known/jwks.json").body["keys"]}
    keys = deployed.admin.call("GET", "/operations/keys").body["items"]
    assert [key["name"] for key in keys] == list(SECRETS)
    for name in SECRETS:
        answer = deployed.strong_admin.call("POST", f"/operations/keys/{name}/rotate")
        assert (answer.status, answer.body) == (202, {"name": name, "rotation": "done"}), answer.body
    after = {key["kid"] for key in deployed.anyone.call("GET", "/.well-known/jwks.json").body["keys"]}
    assert before & after
    assert person.call("GET", "/me").status == 200
    assert deployed.anyone.signed_in("rotated@example.com", PASSWORD).call("GET", "/me").status == 200


def test_settings_are_those_of_the_stage(deployed):
    by_name = {setting["name"]: setting for setting in deployed.admin.call("GET", "/settings").body["items"]}
    assert (by_name["STAGE"]["value"], by_name["LOG_AWS_CALLS"]["value"]) == ("local", "on")
    assert by_name["LOG_AWS_CALLS"]["set_in"] == "stages"


def test_support_sees_figures_and_no_dead_letter(deployed):
    person = register(deployed, "support-sees@example.com")
    user_id = person.call("GET", "/me").body["id"]
    assert deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["support"]}).status < 300
    support = deployed.anyone.signed_in("support-sees@example.com", PASSWORD)
    assert support.call("GET", "/operations").status == 200
    assert support.call("GET", "/operations/topology").status == 200
    for path in (LISTED, f"{LISTED}/mail", "/operations/keys", "/settings"):
        assert support.call("GET", path).status == 403
    assert support.call("POST", f"{LISTED}/mail/redrive", {}).status == 403


def test_the_api_itself_may_do_none_of_it(deployed):
    """It asks, and everything else is refused by IAM: so nothing of it is among its calls."""
    asked = {
        action
        for call in deployed.calls("api_handler")["api_handler"]
        for action, _ in call["needs"]
        if action.partition(":")[0] in {"cloudwatch", "lambda", "sqs"}
    }
    assert asked <= {"lambda:InvokeFunction", "sqs:SendMessage"}


def forget_figures(deployed):
    for row in deployed.rows("guards"):
        if row["id"].startswith("figures#"):
            cloud.client("dynamodb").delete_item(
                TableName=deployed.stage.names.of("guards"), Key={"id": {"S": row["id"]}}
            )
