"""Each test has a stage of its own: the harness keeps one as bytes, and what one test leaves no other meets."""

from __future__ import annotations

import pytest

from chalicelib.core.aws import clients
from chalicelib.core.names import BUCKETS, QUEUES
from chalicelib.core.settings import settings
from infra.tables import SPECS
from tests.builders import a_user
from tests.cloudlike import NAMES, stage, topic_messages
from tests.environment import ACCOUNT, REGION


def leave_traces(cloud):
    """Write to every kind of thing that a stage has."""
    a_user(email="ann@example.com", password="violet otter sings at noon")
    clients.send("mail", "{}")
    topic_messages(cloud, "history")
    s3 = cloud.session.client("s3", region_name=REGION)
    s3.put_object(Bucket=NAMES.bucket("uploads", ACCOUNT, REGION), Key="other/a", Body=b"one")
    secrets = cloud.session.client("secretsmanager", region_name=REGION)
    secrets.put_secret_value(SecretId=NAMES.of("signing-key"), SecretString="{}")
    cloud.session.client("sesv2", region_name=REGION).delete_email_identity(EmailIdentity="rollcall.example")
    cloud.session.client("sqs", region_name=REGION).create_queue(QueueName="another")


@pytest.mark.slow
def test_a_stage_is_empty_whatever_was_left_in_the_one_before():
    for _ in range(2):
        with stage() as cloud:
            assert [spec.name for spec in SPECS if cloud.rows(spec.name)] == []
            assert [queue for queue in QUEUES if cloud.take(queue)] == []
            assert [bucket for bucket in BUCKETS if cloud.objects(bucket)] == []
            sns = cloud.session.client("sns", region_name=REGION)
            assert sns.list_subscriptions()["Subscriptions"] == []
            assert '"kid": "test-1"' in clients.secret("signing-key")
            ses = cloud.session.client("sesv2", region_name=REGION)
            assert len(ses.list_email_identities()["EmailIdentities"]) == 1
            queues = cloud.session.client("sqs", region_name=REGION).list_queues()["QueueUrls"]
            assert [url for url in queues if "another" in url] == []
            assert settings().stage == "test"
            leave_traces(cloud)


def test_what_holds_a_stage_is_taken_apart_with_it():
    with stage():
        first = clients.database()
    with stage():
        assert clients.database() is not first
