"""How long data is kept that nobody deletes: the one source, for the templates and for what people are promised."""

from __future__ import annotations

from chalicelib.core.names import READ_MODEL_QUEUES

UPLOADS_DAYS = 7
"""Uploaded files, in the bucket `uploads` and in its copy."""

WORK_DAYS = 30
"""Chunks, reports and exports in the work bucket, and their jobs."""

ANSWERS_DAYS = 2
"""Answers that were too long for HTTP, in the work bucket."""

QUEUE_DAYS = 14
"""Messages of a queue, also of a dead-letter queue. That is the maximum of SQS:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

MAX_RECEIVES = 6
"""Deliveries before SQS itself moves a message to the dead-letter queue; AWS advises five or more:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""

PATIENT_RECEIVES = 1000
"""The same for messages that wait for a database which is away: SQS's most, so that the queue's days are over first.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"""


def max_receives(queue: str) -> int:
    """Deliveries of a message of this queue, by its short name, before SQS moves it to the dead-letter queue."""
    return PATIENT_RECEIVES if queue in READ_MODEL_QUEUES else MAX_RECEIVES


DEAD_LETTER_DAYS = 2 * QUEUE_DAYS
"""A message that was parked on its last day is kept for another `QUEUE_DAYS` in the dead-letter queue."""

IDEMPOTENCY_SECONDS = 24 * 3600
"""Answers to requests that carried an `Idempotency-Key`."""

BACKUP_DAYS = 35
"""How far DynamoDB's point-in-time recovery goes back:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"""

ERASED_WITHIN_SECONDS = 3600
"""Within this time the rows about a removed person are erased."""
