"""How long functions run: CPU that was measured, and waiting for AWS that is assumed.

`python -m benchmarks costs` measures the CPU of what is here and prints the table anew; what is not in it takes as much
as its neighbours at most. A deployed stage knows better: `rollcall rehearse` adds up what Lambda counted (`usage`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.cost.budgets import Budget

CORE_MEGABYTES = 1769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

MEASURED = "2026-11-29"
"""When the CPU was measured, on one core of a machine of two."""

CPU = {
    "POST /users": (22.5, 0.0),
    "POST /users/confirm": (29.0, 0.0),
    "POST /sessions": (28.9, 0.0),
    "POST /sessions, on a known device": (27.5, 0.0),
    "POST /sessions/refresh": (3.6, 0.0),
    "GET /me": (1.7, 0.0),
    "PATCH /me": (2.9, 0.0),
    "on_user_change, person": (1.1, 0.52),
    "on_session_change, session": (1.3, 0.25),
    "on_history, session": (2.3, 0.08),
    "on_user_event, session": (1.1, 0.24),
    "on_webhook, session": (1.2, 0.03),
    "on_intent": (0.5, 5.0),
    "on_mail, with a token": (0.5, 6.0),
}
"""Milliseconds of one core: of an invocation, and of each record in its batch."""

OTHERWISE = (4.0, 1.0)
"""Of what is not measured: more than any measured operation that computes no hash."""

WAITS = {
    **dict.fromkeys(("GetItem", "BatchGetItem", "Query"), 4.0),
    **dict.fromkeys(("PutItem", "UpdateItem", "DeleteItem"), 5.0),
    **dict.fromkeys(("TransactWriteItems", "BatchExecuteStatement", "SendMessage", "SendMessageBatch"), 12.0),
    **dict.fromkeys(("PublishBatch", "GetObject", "PutObject", "CopyObject"), 25.0),
    "SendEmail": 80.0,
}
"""Milliseconds that a call of AWS takes within its region. These are assumed: single digits are what DynamoDB promises
(https://aws.amazon.com/dynamodb/features/), the others are generous."""

ELSE_WAITS = 20.0


def milliseconds(operation: str, memory: int, once: Budget, each: Budget, records: float) -> float:
    """How long one invocation with so many records runs, with this memory in MB."""
    first, further = CPU.get(operation, OTHERWISE)
    cpu = (first + further * records) / min(1.0, memory / CORE_MEGABYTES)
    return cpu + _waits(once) + _waits(each) * records


def _waits(budget: Budget) -> float:
    return sum(WAITS.get(name, ELSE_WAITS) * number for name, number in budget.counted.items())
