"""What each route of segments takes, in an ordinary case. SQL's part is that of the function `query_read_model`."""

from __future__ import annotations

from tools.cost.budgets import Budget

SEGMENT_REQUESTS = {
    "DELETE /segments/{segment_id}": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=3, kept=150, logged=300
    ),
    "GET /segments": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /segments/{segment_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /segments/{segment_id}/changes": Budget("BatchGetItem, 2 Query", reads=3.5, logged=310),
    "GET /segments/{segment_id}/changes/{job_id}": Budget("BatchGetItem, GetItem, Query", reads=4, logged=320),
    "GET /segments/{segment_id}/counts": Budget("2 BatchGetItem, GetItem, Invoke", reads=18.5, logged=300),
    "GET /segments/{segment_id}/people": Budget("BatchGetItem, GetItem, Invoke", reads=3, logged=300),
    "PATCH /segments/{segment_id}": Budget(
        "BatchGetItem, GetItem, PutItem, Query", reads=3.5, writes=3, logged=300
    ),
    "POST /segments": Budget("BatchGetItem, PutItem, Query", reads=2.5, writes=3, kept=850, logged=280),
    "POST /segments/{segment_id}/changes": Budget(
        "BatchGetItem, GetItem, Invoke, PutItem, Query, SendMessage", reads=4, writes=3, kept=1250, logged=300
    ),
    "POST /segments/{segment_id}/changes/{job_id}/cancel": Budget(
        "BatchGetItem, 2 GetItem, Query, UpdateItem", reads=5, writes=4, kept=50, logged=330
    ),
    "POST /segments/{segment_id}/exports": Budget(
        "BatchGetItem, GetItem, PutItem, Query, StartExecution", reads=4, writes=3, kept=1250, logged=300
    ),
}
