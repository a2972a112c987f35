"""The edge between a batch of records and a handler of one; whoever has a batch imports from here."""

from chalicelib.core.aws.batch.runs import (
    FIRST_ID,
    FIRST_SENT_AT,
    Change,
    Message,
    comes_again,
    from_queue,
    from_source,
    from_stream,
    is_transient,
    park,
    reason,
)

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
