"""What each route about the read model's own tables takes, as `requests` has the others."""

from __future__ import annotations

from tools.cost.budgets import Budget

READ_MODEL_REQUESTS = {
    "GET /read-model": Budget("BatchGetItem, Invoke, Query", reads=2.5, logged=300),
    "GET /read-model/jobs": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /read-model/jobs/{job_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "POST /read-model/jobs/{job_id}/cancel": Budget(
        "BatchGetItem, 2 GetItem, SendMessage, UpdateItem", reads=4, writes=4, kept=50, logged=300
    ),
    "POST /read-model/rebuild": Budget(
        "BatchGetItem, GetItem, SendMessage, TransactWriteItems", reads=3, writes=8, kept=1400, logged=280
    ),
    "POST /read-model/verify": Budget(
        "BatchGetItem, 2 GetItem, SendMessage, TransactWriteItems", reads=4, writes=8, kept=1400, logged=280
    ),
}
