"""What the preflight makes of an account, by AWS's documented answers."""

from __future__ import annotations

import pytest

from tests.unit.rehearse.rehearsing import ACCOUNT, a_rehearsal, refused
from tools.rehearse import cli, costs, preflight
from tools.rehearse.context import Sizes
from tools.rehearse.inventory import LISTINGS
from tools.rehearse.plan import STEPS
from tools.rehearse.steps import Failed

EMPTY = {f"{listing.service}.{listing.operation}": {listing.path: []} for listing in LISTINGS.values()}
FREE = refused("404", "Not Found", "HeadBucket", 404)
FOREIGN = refused("403", "Forbidden", "HeadBucket", 403)

SENDING = {
    "ProductionAccessEnabled": False,
    "SendingEnabled": True,
    "EnforcementStatus": "HEALTHY",
    "SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0},
}
NO_IDENTITY = refused("NotFoundException", "Email identity does not exist", "GetEmailIdentity", 404)
VERIFIED = {"VerifiedForSendingStatus": True}


@pytest.fixture
def bucket_name(monkeypatch):
    monkeypatch.setenv("DEPLOYMENTS_BUCKET", f"rollcall-deployments-{ACCOUNT}-eu-north-1")


def test_the_caller_is_told_without_a_name():
    identity = {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"}
    evidence = preflight.caller(a_rehearsal({"sts.get_caller_identity": identity}))
    assert evidence == {"region": "eu-north-1", "partition": "aws", "by": "assumed-role"}


def test_another_partition_is_refused():
    identity = {"Account": ACCOUNT, "Arn": f"arn:aws-cn:iam::{ACCOUNT}:user/alice"}
    with pytest.raises(Failed, match="aws-cn"):
        preflight.caller(a_rehearsal({"sts.get_caller_identity": identity}))


@pytest.mark.parametrize(
    ("account", "identity", "has", "can"),
    [
        (SENDING, NO_IDENTITY, False, False),
        (SENDING, {"VerifiedForSendingStatus": False}, True, False),
        (SENDING, VERIFIED, True, True),
        ({**SENDING, "SendQuota": {**SENDING["SendQuota"], "Max24HourSend": -1.0}}, VERIFIED, True, True),
    ],
)
def test_the_sandbox_and_the_domain_are_told(account, identity, has, can):
    rehearsal = a_rehearsal({"sesv2.get_account": account, "sesv2.get_email_identity": identity})
    evidence = preflight.mail_account(rehearsal)
    assert (rehearsal.has_identity, rehearsal.can_mail) == (has, can)
    assert evidence["sandbox"] is True


@pytest.mark.parametrize(
    "account",
    [
        {**SENDING, "SendingEnabled": False},
        {**SENDING, "SendQuota": {**SENDING["SendQuota"], "SentLast24Hours": 180.0}},
    ],
)
def test_an_account_that_may_not_send_is_refused(account):
    answers = {"sesv2.get_account": account, "sesv2.get_email_identity": VERIFIED}
    with pytest.raises(Failed, match="SES"):
        preflight.mail_account(a_rehearsal(answers))


def a_quota(at_once, stacks):
    return {
        **EMPTY,
        "lambda.get_account_settings": {
            "AccountLimit": {"ConcurrentExecutions": at_once},
            "AccountUsage": {"FunctionCount": 3},
        },
        "cloudformation.describe_account_limits": {"AccountLimits": [{"Name": "StackLimit", "Value": stacks}]},
        "apigateway.get_account": {"throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000}},
    }


def test_quotas_are_told():
    evidence = preflight.quotas(a_rehearsal(a_quota(10, 2000)))
    assert (evidence["functions_at_once"], evidence["stacks"]) == (10, "0 of 2000")


@pytest.mark.parametrize("quota", [(5, 2000), (1000, 1)])
def test_quotas_without_room_are_refused(quota):
    with pytest.raises(Failed, match=r"only 5 functions|no room for another stack"):
        preflight.quotas(a_rehearsal(a_quota(*quota)))


def test_free_names_are_free(bucket_name):
    rehearsal = a_rehearsal({**EMPTY, "s3.head_bucket": FREE})
    assert preflight.free_names(rehearsal) == {"deployments_bucket": "to be made"}
    assert rehearsal.made_bucket
    assert preflight.earlier_rehearsals(rehearsal) == {}
    assert {call["ExpectedBucketOwner"] for call in rehearsal.client.called("head_bucket")} == {ACCOUNT}


@pytest.mark.parametrize(
    ("call", "answer", "told"),
    [
        ("s3.head_bucket", FOREIGN, "somebody else's"),
        ("dynamodb.list_tables", {"TableNames": ["rollcall-rehearse-abcd-users"]}, "rollcall-rehearse-abcd-users"),
        (
            "secretsmanager.list_secrets",
            {"SecretList": [{"Name": "rollcall-rehearse-abcd-app-keys", "DeletedDate": "…"}]},
            "rollcall-rehearse-abcd-app-keys",
        ),
        (
            "logs.describe_log_groups",
            {"logGroups": [{"logGroupName": "/aws/lambda/rollcall-rehearse-abcd"}]},
            "rollcall-rehearse-abcd",
        ),
    ],
)
def test_a_taken_name_is_told(bucket_name, call, answer, told):
    rehearsal = a_rehearsal({**EMPTY, "s3.head_bucket": FREE, call: answer})
    with pytest.raises(Failed, match=told):
        preflight.free_names(rehearsal)


def test_secrets_that_wait_for_their_deletion_are_asked_for(bucket_name):
    rehearsal = a_rehearsal({**EMPTY, "s3.head_bucket": FREE})
    preflight.free_names(rehearsal)
    assert rehearsal.client.called("list_secrets") == [{"IncludePlannedDeletion": True}]


def test_what_an_earlier_rehearsal_left_is_told(bucket_name):
    topics = {"Topics": [{"TopicArn": f"arn:aws:sns:eu-north-1:{ACCOUNT}:rollcall-rehearse-wxyz-user-events"}]}
    rehearsal = a_rehearsal({**EMPTY, "s3.head_bucket": FREE, "sns.list_topics": topics})
    preflight.free_names(rehearsal)
    with pytest.raises(Failed, match="rehearse-wxyz") as failed:
        preflight.earlier_rehearsals(rehearsal)
    assert "--remove rehearse-wxyz" in failed.value.look


def test_a_dear_rehearsal_is_refused():
    dear = a_rehearsal(sizes=Sizes(import_rows=2_000_000))
    with pytest.raises(cli.Problem, match=r"above \$5\.00"):
        cli.refuse_dear_ones(STEPS, dear)
    cli.refuse_dear_ones(STEPS, a_rehearsal())
    assert costs.estimate(STEPS, dear.sizes) > costs.LIMIT
