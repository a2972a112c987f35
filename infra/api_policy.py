"""What the API's function may do: one function serves every route, so its policy is the union of the routes'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.allow import ALL_BUT_THE_MARK

if TYPE_CHECKING:
    from infra.allow import Allow, May


def of_api(may: May) -> list[Allow]:
    """The statements of it. It reads neither dead letters nor metrics, and rotates nothing: two functions do."""
    return [
        may.table("users", "BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem"),
        may.index("users", "age-index", "name-index", "roles-index", "created-index"),
        may.credentials("ConditionCheckItem", of=("password", "factors")),
        may.credentials("UpdateItem", of=("password",)),
        may.credentials("DeleteItem", "GetItem", "PutItem", of=ALL_BUT_THE_MARK),
        may.credentials("BatchGetItem", of=("client", "connection")),
        may.index("credentials", "kind-index"),
        may.table("clients", "BatchGetItem", "PutItem"),
        may.table("grants", "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        may.index("grants", "user-index"),
        may.table("sessions", "BatchGetItem", "GetItem", "PutItem"),
        may.index("sessions", "user-index"),
        may.table("intents", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        may.index("intents", "account-index"),
        may.table("guards", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        may.table("items", "GetItem", "Query", "UpdateItem"),
        may.table("history", "GetItem", "Query"),
        may.index("history", "feed-index"),
        may.table("jobs", "GetItem", "PutItem", "Query", "UpdateItem"),
        may.index("jobs", "kind-index"),
        may.index("mail", "user-index"),
        may.table("mail", "DeleteItem"),
        may.table("webhooks", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        may.table("deliveries", "BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        may.table("insights", "BatchGetItem"),
        may.table("idempotency", "DeleteItem", "PutItem", "UpdateItem"),
        may.send("items", "jobs", "deliveries"),
        may.start("export"),
        may.invoke("observe_stage", "operate_stage"),
        # What a presigned link may do is what its signer may do.
        may.objects("uploads", "imports/*", "PutObject"),
        may.objects("work", "imports/*", "GetObject"),
        may.objects("work", "exports/*", "GetObject"),
        may.objects("work", "answers/*", "GetObject", "PutObject"),
        may.secret("signing-key", "app-keys"),
    ]
