"""The edge between a batch of records and the handler of one record: it decides what is repeated, parked, or done.

Each record's handler ends in one of four ways:

* it returns: the record is done;
* it raises something *transient* (throttle, time-out, network, missing permission): the record must come again,
  so the whole invocation raises after the neighbours were handled;
* it raises `Postponed`: on a queue the message is sent anew, to come again after its time. SQS then counts its receives
  anew too, so that waiting alone never makes a dead letter while the queue keeps the message. Elsewhere it is
  transient; * it raises anything else: the record can never succeed, so it is parked in a dead-letter queue with the
  reason, and its neighbours go on.

Work that is cheaper in bulk (publishing ten events in one call) is done by `finish`, once, with the results of the
handler for all records. It ends in the same ways: where it fails for good, the batch is finished by halves until the
record that it fails for is found; that one is parked, and its neighbours go on. Where one call succeeds for some and
not for others, it returns the error of each instead, and each ends by its own.

Nothing here depends on `ReportBatchItemFailures`: `chalice deploy` cannot set it, and where it is missing Lambda
takes a returned list of failures for success. On SQS what succeeded is deleted before raising.

Handlers of batches import from here: `queues` (SQS), `streams` (DynamoDB), `sources` (SNS, S3, Kinesis). Behind them
`runs` handles and finishes, `failures` classifies errors, and `parking` stores what can never succeed.
"""

from chalicelib.core.aws.batch.failures import is_throttle, is_transient, is_transient_code, reason
from chalicelib.core.aws.batch.parking import park
from chalicelib.core.aws.batch.queues import FIRST_ID, FIRST_SENT_AT, Message, from_queue
from chalicelib.core.aws.batch.sources import from_source
from chalicelib.core.aws.batch.streams import Change, from_stream

__all__ = [
    "FIRST_ID",
    "FIRST_SENT_AT",
    "Change",
    "Message",
    "from_queue",
    "from_source",
    "from_stream",
    "is_throttle",
    "is_transient",
    "is_transient_code",
    "park",
    "reason",
]
