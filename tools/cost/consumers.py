"""What each consumer, task and schedule takes: once for an invocation, and for each record of its batch.

Events are published by ten in a call. A file's tasks count a hundred rows as one.
"""

from __future__ import annotations

from tools.cost.budgets import BatchBudget, Budget

CONSUMERS = {
    "every_day, with nothing to do": BatchBudget(
        once=Budget("GetItem, 2 Query, 33 SendMessage, 2 UpdateItem", reads=2, writes=2)
    ),
    "every_five_minutes, with nothing to do": BatchBudget(once=Budget("7 Query", reads=3.5, logged=200)),
    "every_hour, a change": BatchBudget(
        once=Budget("9 GetItem, GetQueueAttributes, 488 Query, 2 UpdateItem", reads=253, writes=18, logged=420),
        each=Budget("BatchGetItem", reads=0.5),
    ),
    "every_hour, with nothing to do": BatchBudget(
        once=Budget("9 GetItem, GetQueueAttributes, 328 Query, 2 UpdateItem", reads=172, writes=18, logged=420)
    ),
    "finish_import": BatchBudget(
        once=Budget("DeleteObject, 2 GetItem, 3 Query, UpdateItem", reads=5, writes=3, logged=320),
        each=Budget(kept=150),
    ),
    "import_chunk": BatchBudget(
        once=Budget("GetObject, PutItem", writes=1, logged=300),
        each=Budget("2 TransactWriteItems", writes=800, kept=223000),
    ),
    "on_alert": BatchBudget(once=Budget("SendMessage", logged=240)),
    "on_delivery": BatchBudget(
        once=Budget(logged=240),
        each=Budget("BatchGetItem, GetItem, SendMessage, 4 UpdateItem", reads=1.5, writes=4, kept=240, logged=560),
    ),
    "on_delivery, end of a session": BatchBudget(
        once=Budget("UpdateItem", writes=1, kept=250, logged=240),
        each=Budget("BatchGetItem, GetItem, 4 UpdateItem", reads=2, writes=6, kept=200, logged=600),
    ),
    "on_history, expired session": BatchBudget(
        once=Budget("BatchExecuteStatement, BatchGetItem", reads=0.25, logged=420),
        each=Budget(reads=0.25, writes=2, kept=1400),
    ),
    "on_history, item": BatchBudget(
        once=Budget("BatchExecuteStatement, BatchGetItem", logged=420), each=Budget(reads=0.5, writes=2, kept=1450)
    ),
    "on_history, person": BatchBudget(
        once=Budget("BatchExecuteStatement, BatchGetItem", reads=0.25, logged=420),
        each=Budget(reads=0.25, writes=2, kept=1500),
    ),
    "on_history, session": BatchBudget(
        once=Budget("BatchExecuteStatement, BatchGetItem", logged=420),
        each=Budget(reads=0.5, writes=2, kept=1750, logged=60),
    ),
    "on_intent": BatchBudget(
        each=Budget("4 GetItem, 2 PutItem, SendMessage, 3 UpdateItem", reads=4, writes=7, kept=1550, logged=240)
    ),
    "on_item_change, item": BatchBudget(once=Budget("PublishBatch", logged=680)),
    "on_items": BatchBudget(once=Budget(logged=400), each=Budget("UpdateItem", writes=2, kept=600)),
    "on_mail": BatchBudget(
        once=Budget(logged=220),
        each=Budget("2 GetItem, SendEmail, SendMessage, 2 UpdateItem", reads=1, writes=4, kept=350, logged=500),
    ),
    "on_mail, new device": BatchBudget(
        once=Budget(logged=220),
        each=Budget(
            "3 GetItem, Query, SendEmail, SendMessage, 2 UpdateItem", reads=3, writes=4, kept=950, logged=520
        ),
    ),
    "on_mail, with a token": BatchBudget(
        each=Budget("3 GetItem, SendEmail, SendMessage, 2 UpdateItem", reads=2, writes=4, kept=350, logged=760)
    ),
    "on_mail_feedback": BatchBudget(
        once=Budget("GetItem, SendMessage, UpdateItem", reads=1, writes=2, kept=50, logged=480)
    ),
    "on_session_change, session": BatchBudget(once=Budget("PublishBatch", logged=700), each=Budget(logged=60)),
    "on_upload": BatchBudget(
        once=Budget("CopyObject, 3 PutItem, StartExecution, UpdateItem", writes=6, kept=1550, logged=440)
    ),
    "on_user_change, person": BatchBudget(once=Budget("PublishBatch", logged=680), each=Budget(logged=20)),
    "on_user_event, outcome": BatchBudget(
        once=Budget("TransactWriteItems", writes=2, logged=240), each=Budget(writes=2, kept=350)
    ),
    "on_user_event, person": BatchBudget(
        once=Budget("TransactWriteItems", writes=2, logged=240), each=Budget(writes=2, kept=350)
    ),
    "on_user_event, session": BatchBudget(
        once=Budget("BatchGetItem, TransactWriteItems", writes=2, logged=240),
        each=Budget(reads=0.5, writes=2, kept=550),
    ),
    "on_webhook, end of a session": BatchBudget(
        once=Budget("Query, BatchExecuteStatement, SendMessageBatch", reads=0.5, logged=240),
        each=Budget("BatchGetItem, Query", reads=1.5, writes=2, kept=900),
    ),
    "on_webhook, item": BatchBudget(once=Budget("Query", reads=0.5, logged=240)),
    "on_webhook, one endpoint": BatchBudget(
        once=Budget("Query, BatchExecuteStatement, SendMessageBatch", reads=0.5, logged=240),
        each=Budget(writes=1, kept=450),
    ),
    "on_webhook, person": BatchBudget(once=Budget("Query", reads=0.5, logged=240)),
    "on_webhook, session": BatchBudget(once=Budget("Query", reads=0.5, logged=240)),
    "plan_import": BatchBudget(
        once=Budget("4 GetItem, GetObject, 2 PutObject, 2 UpdateItem", reads=4, writes=6, logged=240),
        each=Budget(kept=300),
    ),
}
