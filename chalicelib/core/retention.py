"""How long things are kept that no one deletes: the one source, for the templates and for what people are promised."""

from __future__ import annotations

UPLOADS_DAYS = 7
"""Dropped files, in the uploads bucket and in its copy."""

WORK_DAYS = 30
"""Chunks, reports and exports in the work bucket, and the jobs that they are of."""

ANSWERS_DAYS = 2
"""Answers that were too long for HTTP, in the work bucket."""

QUEUE_DAYS = 14
"""Messages of a queue, dead letters too. SQS keeps nothing longer:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

DEAD_LETTER_DAYS = 2 * QUEUE_DAYS
"""A message that was parked on its last day begins anew in the dead-letter queue."""

IDEMPOTENCY_SECONDS = 24 * 3600
"""Answers to requests that carried an `Idempotency-Key`."""

BACKUP_DAYS = 35
"""What DynamoDB's point-in-time recovery goes back:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"""

ERASED_WITHIN_SECONDS = 3600
"""Until the rows about somebody who was deleted are gone."""
