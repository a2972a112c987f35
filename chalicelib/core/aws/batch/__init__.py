"""The edge between a batch of records and a handler of one: what is repeated, what is parked, what is done.

Each record's handler ends in one of four ways:

* it returns: the record is done;
* it raises something *transient* (throttle, time-out, network, missing permission): the record must come again,
  so the whole invocation raises after the neighbours were handled;
* it raises `Postponed`: on a queue the record is sent anew, to come again after its time. What SQS counts begins anew
  too, so waiting never makes a dead letter, for as long as a queue keeps a message; elsewhere it is transient;
* it raises anything else: the record can never succeed, so it is parked in a dead-letter queue with the reason,
  and its neighbours go on.

Work that pays in bulk (publishing ten events in one call) is done by `finish`, once for what the handler gave back for
all records. It ends in the same ways: where it fails for good, the batch is finished by halves until the record that
it fails for is found; that one is parked, and its neighbours go on.

Nothing here depends on `ReportBatchItemFailures`: `chalice deploy` cannot set it, and where it is missing Lambda
takes a returned list of failures for success. On SQS what succeeded is deleted before raising.

Whoever has a batch imports from here: `queues` (SQS), `streams` (DynamoDB), `sources` (SNS, S3, Kinesis). Behind them
`runs` handles and finishes, `failures` tells errors apart, and `parking` keeps what can never succeed.
"""

from chalicelib.core.aws.batch.failures import comes_again, is_transient, reason
from chalicelib.core.aws.batch.parking import park
from chalicelib.core.aws.batch.queues import FIRST_ID, FIRST_SENT_AT, Message, from_queue
from chalicelib.core.aws.batch.sources import from_source
from chalicelib.core.aws.batch.streams import Change, from_stream

__all__ = [
    "FIRST_ID",
    "FIRST_SENT_AT",
    "Change",
    "Message",
    "comes_again",
    "from_queue",
    "from_source",
    "from_stream",
    "is_transient",
    "park",
    "reason",
]
