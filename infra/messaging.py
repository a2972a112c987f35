"""Queues, topics, their subscriptions, and SES, as CloudFormation resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.names import PARKED, READ_MODEL_QUEUES, TOPICS
from chalicelib.core.retention import QUEUE_DAYS, max_receives
from chalicelib.mail.model import MAILED_EVENTS
from infra import options
from infra.arns import Arns, logical, sub
from infra.functions import BY_QUEUE, VISIBILITY_FACTOR
from infra.storage import deny_without_tls, kept

if TYPE_CHECKING:
    from infra.stage import Stage

Resources = dict[str, Any]

MESSAGE_BYTES = 1024**2
"""What SQS takes, stated because queues of before August 2025 took a quarter by default, and an item has up to 300 KB:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

MAILED_TYPES = sorted(MAILED_EVENTS.keys() - {"session.started"})
"""The events that have a mail of their own; so has `session.started`, on a new device."""

UNCOUNTED_TYPES = sorted(
    ("item.changed", "item.deleted", "segment.entered", "segment.left", "session.expired", "session.revoked")
)
"""What comes often and is in no statistics (`chalicelib.insights.model`): each message of a queue is paid for."""

SUBSCRIPTIONS: dict[str, dict[str, Any]] = {
    "history": {"replayed": [{"exists": False}]},
    "insights": {"type": [{"anything-but": UNCOUNTED_TYPES}], "replayed": [{"exists": False}]},
    "mail": {
        "$or": [{"type": MAILED_TYPES}, {"type": ["session.started"], "new_device": ["true"]}],
        "replayed": [{"exists": False}],
        "bulk": [{"exists": False}],
    },
    "webhooks": {},
}
"""Which published events each built-in consumer gets: SNS filter policies on message attributes."""


def subscriptions(stage: Stage) -> dict[str, dict[str, Any]]:
    """Those of a stage. A read model takes everything, replayed events too: writing one again changes nothing."""
    return SUBSCRIPTIONS | ({queue: {} for queue in READ_MODEL_QUEUES} if stage.read_model else {})


MAKES_MAIL_IDENTITY = "MakesMailIdentity"
"""The template's condition that the mail domain is no identity of SES yet; one exists once in a region and account."""


def resources(stage: Stage) -> Resources:
    template_resources: Resources = {}
    for queue in stage.queues:
        template_resources[f"{logical(queue)}Dlq"] = _dead_letters(stage, f"{queue}-dlq", source=queue)
        template_resources[f"{logical(queue)}Queue"] = _queue(stage, queue)
        template_resources[f"{logical(queue)}QueuePolicy"] = _queue_policy(stage, queue, logical(queue) + "Queue")
        template_resources[f"{logical(queue)}DlqPolicy"] = _queue_policy(
            stage, f"{queue}-dlq", logical(queue) + "Dlq"
        )
    for parked in PARKED:
        name = logical(parked.removesuffix("-dlq")) + "Dlq"
        template_resources[name] = _dead_letters(stage, parked)
        template_resources[f"{name}Policy"] = _queue_policy(stage, parked, name)
    template_resources["TopicsKey"] = _topics_key(stage)
    for topic in TOPICS:
        template_resources[f"{logical(topic)}Topic"] = _topic(stage, topic)
        template_resources[f"{logical(topic)}TopicPolicy"] = _topic_policy(stage, topic)
    for queue, event_types in subscriptions(stage).items():
        template_resources[f"{logical(queue)}Subscription"] = {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": f"{logical(queue)}QueuePolicy",
            "Properties": {
                "TopicArn": {"Ref": "UserEventsTopic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": [f"{logical(queue)}Queue", "Arn"]},
                "RawMessageDelivery": True,
                **({"FilterPolicyScope": "MessageAttributes", "FilterPolicy": event_types} if event_types else {}),
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": [f"{logical(queue)}Dlq", "Arn"]}},
            },
        }
    return template_resources | _mail(stage)


def _queue(stage: Stage, name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": stage.names.of(name),
            **_encryption(stage),
            "MaximumMessageSize": MESSAGE_BYTES,
            "VisibilityTimeout": BY_QUEUE[name].timeout * VISIBILITY_FACTOR,
            "MessageRetentionPeriod": QUEUE_DAYS * 86400,
            "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": [f"{logical(name)}Dlq", "Arn"]},
                "maxReceiveCount": max_receives(name),
            },
        },
    }


def _encryption(stage: Stage) -> dict[str, Any]:
    """By SQS's own key, or the owner's."""
    if stage.emulated:
        return {"SqsManagedSseEnabled": True}
    return {
        "SqsManagedSseEnabled": options.keyed(stage, False, True),
        "KmsMasterKeyId": options.keyed(stage, options.KEY, {"Ref": "AWS::NoValue"}),
    }


def _dead_letters(stage: Stage, name: str, source: str = "") -> dict[str, Any]:
    properties: dict[str, Any] = {
        "QueueName": stage.names.of(name),
        **_encryption(stage),
        "MaximumMessageSize": MESSAGE_BYTES,
        "MessageRetentionPeriod": QUEUE_DAYS * 86400,
    }
    if source:
        properties["RedriveAllowPolicy"] = {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [sub(Arns(stage.names).queue(source))],
        }
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def _queue_policy(stage: Stage, name: str, resource: str) -> dict[str, Any]:
    arn = {"Fn::GetAtt": [resource, "Arn"]}
    statements: list[dict[str, Any]] = []
    if not stage.emulated:
        statements.append(deny_without_tls("sqs:*", [arn]))
    if name.removesuffix("-dlq") in subscriptions(stage):
        statements.append(
            {
                "Sid": "UserEvents",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": sub(Arns(stage.names).topic("user-events"))}},
            }
        )
    if name == "invocations-dlq":
        statements.append(
            {
                "Sid": "Schedules",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
                "Condition": {"ArnLike": {"aws:SourceArn": sub(Arns(stage.names).rules())}},
            }
        )
    statements.append(_account_only("sqs:SendMessage", arn))
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": resource}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _account_only(action: str, resource: Any) -> dict[str, Any]:
    return {
        "Sid": "ThisAccount",
        "Effect": "Allow",
        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": action,
        "Resource": resource,
    }


def _topics_key(stage: Stage) -> dict[str, Any]:
    """CloudWatch and SES cannot publish to topics encrypted with AWS's own `alias/aws/sns`, so these two have a key
    whose policy lets them: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html

    SES is not known to say for which account it asks for the key. The topics' policies keep other accounts out.
    """
    ours = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    return {
        "Type": "AWS::KMS::Key",
        **({} if stage.emulated else {"Condition": options.WITHOUT_KEY}),
        "Properties": {
            "Description": "Encrypts the topics that AWS services publish to.",
            "EnableKeyRotation": True,
            "RotationPeriodInDays": TOPICS_KEY_DAYS,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Account",
                        "Effect": "Allow",
                        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
                        "Action": "kms:*",
                        "Resource": "*",
                    },
                    _key_for("cloudwatch.amazonaws.com", Condition=ours),
                    _key_for("ses.amazonaws.com"),
                ],
            },
        },
    }


def _key_for(service: str, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
        **more,
    }


TOPICS_KEY_DAYS = 2560
"""The longest period. Messages live for seconds, and each of a key's first two rotations costs another dollar a month:
https://aws.amazon.com/kms/pricing/"""

PUBLISHERS = {"mail-feedback": "ses.amazonaws.com", "ops-alerts": "cloudwatch.amazonaws.com"}


def _topic(stage: Stage, name: str) -> dict[str, Any]:
    own: Any = {"Fn::GetAtt": ["TopicsKey", "Arn"]} if name in PUBLISHERS else "alias/aws/sns"
    return {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "TopicName": stage.names.of(name),
            "KmsMasterKeyId": options.keyed(stage, options.KEY, own),
        },
    }


def _topic_policy(stage: Stage, name: str) -> dict[str, Any]:
    topic = {"Ref": f"{logical(name)}Topic"}
    statements: list[dict[str, Any]] = [_account_only("sns:Publish", topic)]
    if not stage.emulated:
        statements.append(deny_without_tls("sns:Publish", [topic]))
    if name in PUBLISHERS:
        statements.append(
            {
                "Sid": "Publisher",
                "Effect": "Allow",
                "Principal": {"Service": PUBLISHERS[name]},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
            }
        )
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [topic],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _mail(stage: Stage) -> Resources:
    return {
        # Another stage, or whatever else sends mail by this domain, goes on with it when this stage is deleted.
        "MailIdentity": kept(
            stage,
            {
                "Type": "AWS::SES::EmailIdentity",
                "Condition": MAKES_MAIL_IDENTITY,
                "Properties": {"EmailIdentity": {"Ref": "MailDomain"}},
            },
        ),
        "MailConfiguration": {
            "Type": "AWS::SES::ConfigurationSet",
            "Properties": {
                "Name": stage.names.of("mail"),
                "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
                "ReputationOptions": {"ReputationMetricsEnabled": True},
                # Complaints are ours to weigh: SES would keep what an owner needs from them as well.
                "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
            },
        },
        "MailFeedback": {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            "DependsOn": "MailFeedbackTopicPolicy",
            "Properties": {
                "ConfigurationSetName": {"Ref": "MailConfiguration"},
                "EventDestination": {
                    "Name": "mail-feedback",
                    "Enabled": True,
                    "MatchingEventTypes": ["bounce", "complaint", "delivery", "reject"],
                    "SnsDestination": {"TopicARN": {"Ref": "MailFeedbackTopic"}},
                },
            },
        },
    }
