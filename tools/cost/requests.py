"""What each route takes, in an ordinary case: one person, one thing, a short list.

Signed-in routes read session and person, which is two read units of each. What a process asks once and keeps (keys,
settings) is left out. The hundred queries of `GET /events` are those of a day in which nothing happened.
"""

from __future__ import annotations

from tools.cost.budgets import Budget
from tools.cost.read_model_requests import READ_MODEL_REQUESTS
from tools.cost.segment_requests import SEGMENT_REQUESTS

REQUESTS = {
    "DELETE /clients/registration-tokens/{token_id}": Budget(
        "BatchGetItem, DeleteItem", reads=2, writes=1, logged=300
    ),
    "DELETE /clients/{client_id}": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=7, logged=600
    ),
    "DELETE /connections/{connection_id}": Budget(
        "BatchGetItem, DeleteItem, GetItem", reads=3, writes=2, logged=620
    ),
    "DELETE /me": Budget("BatchGetItem, SendMessage, TransactWriteItems", reads=2, writes=23, logged=280),
    "DELETE /me/consents/{client_id}": Budget(
        "BatchGetItem, DeleteItem, PutItem, Query", reads=2.5, writes=9, logged=560
    ),
    "DELETE /me/identities/{identity_id}": Budget(
        "BatchGetItem, 3 GetItem, TransactWriteItems", reads=5, writes=9, logged=300
    ),
    "DELETE /me/items/{key}": Budget("BatchGetItem, GetItem, UpdateItem", reads=3, writes=3, logged=300),
    "DELETE /me/passkeys/{passkey_id}": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=12, logged=300
    ),
    "DELETE /me/totp": Budget("BatchGetItem, 2 GetItem, TransactWriteItems", reads=4, writes=10, logged=280),
    "DELETE /sessions": Budget(
        "BatchGetItem, 3 PutItem, Query, TransactWriteItems", reads=2.5, writes=23, logged=280
    ),
    "DELETE /sessions/current": Budget("BatchGetItem, GetItem, PutItem", reads=3, writes=4, logged=300),
    "DELETE /sessions/{session_id}": Budget("BatchGetItem, GetItem, PutItem", reads=3, writes=4, logged=300),
    "DELETE /users/{user_id}": Budget(
        "BatchGetItem, GetItem, SendMessage, TransactWriteItems", reads=3, writes=24, logged=300
    ),
    "DELETE /users/{user_id}/consents/{client_id}": Budget(
        "BatchGetItem, DeleteItem, GetItem, PutItem, Query", reads=3.5, writes=9, logged=560
    ),
    "DELETE /users/{user_id}/factors": Budget("BatchGetItem, 2 GetItem", reads=4, logged=300),
    "DELETE /users/{user_id}/identities/{identity_id}": Budget(
        "BatchGetItem, 2 GetItem, TransactWriteItems", reads=4, writes=9, logged=320
    ),
    "DELETE /users/{user_id}/passkeys/{passkey_id}": Budget(
        "BatchGetItem, 3 GetItem, TransactWriteItems", reads=5, writes=12, logged=320
    ),
    "DELETE /users/{user_id}/sessions": Budget(
        "BatchGetItem, GetItem, 2 PutItem, Query", reads=3.5, writes=9, logged=300
    ),
    "DELETE /users/{user_id}/sessions/{session_id}": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=4, logged=320
    ),
    "DELETE /users/{user_id}/totp": Budget(
        "BatchGetItem, 2 GetItem, TransactWriteItems", reads=4, writes=10, logged=300
    ),
    "DELETE /users/{user_id}/mail/suppression": Budget(
        "BatchGetItem, DeleteItem, GetItem", reads=3, writes=1, logged=300
    ),
    "DELETE /webhooks/{webhook_id}": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=4, logged=300
    ),
    "GET /.well-known/change-password": Budget(logged=300),
    "GET /.well-known/jwks.json": Budget(logged=300),
    "GET /.well-known/oauth-authorization-server": Budget(logged=320),
    "GET /.well-known/oauth-protected-resource": Budget(logged=320),
    "GET /.well-known/openid-configuration": Budget(logged=300),
    "GET /account": Budget(logged=280),
    "GET /account/{page}": Budget(logged=280),
    "GET /assets/{version}/{folder}/{file}": Budget(logged=300),
    "GET /clients": Budget("2 BatchGetItem, Query", reads=3.5, logged=280),
    "GET /clients/{client_id}/logout-deliveries": Budget("BatchGetItem, GetItem, Query", reads=3.5, logged=320),
    "GET /clients/{client_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /connections": Budget("2 BatchGetItem, Query", reads=3.5, logged=280),
    "GET /connections/{connection_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /docs": Budget(logged=280),
    "GET /console": Budget(logged=280),
    "GET /console/{part}": Budget(logged=290),
    "GET /console/{part}/{thing}": Budget(logged=300),
    "GET /erasures/{erasure_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /events": Budget("BatchGetItem, 100 Query", reads=52, logged=280),
    "GET /events/replay": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /events/replay/{job_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /events/schemas": Budget(logged=280),
    "GET /events/{event_id}": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /events/{event_id}/journey": Budget("2 BatchGetItem, 4 Query", reads=5, logged=300),
    "GET /events/schemas/{event_type}/{version}": Budget(logged=320),
    "GET /exports": Budget("BatchGetItem, 2 Query", reads=3.5, logged=280),
    "GET /exports/{job_id}": Budget("BatchGetItem, GetItem, Query", reads=4, logged=300),
    "GET /health": Budget(logged=280),
    "GET /imports": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /imports/{job_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /imports/{job_id}/errors": Budget("BatchGetItem, GetItem, GetObject", reads=3, logged=300),
    "GET /insights": Budget("2 BatchGetItem", reads=27.5, logged=280),
    "GET /insights/flow": Budget("2 BatchGetItem, 8 Query", reads=12, logged=280),
    "GET /insights/views/{view}": Budget("BatchGetItem, Invoke", reads=2, logged=300),
    "GET /me": Budget("BatchGetItem", reads=2, logged=280),
    "GET /me/consents": Budget("2 BatchGetItem", reads=4, logged=280),
    "GET /me/export": Budget("BatchGetItem, 3 GetItem, 5 Query", reads=7.5, logged=280),
    "GET /me/factors": Budget("BatchGetItem, GetItem", reads=3, logged=280),
    "GET /me/identities": Budget("BatchGetItem, GetItem", reads=3, logged=280),
    "GET /me/items": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /me/items/{key}": Budget("BatchGetItem, GetItem", reads=3, logged=280),
    "GET /me/passkeys": Budget("BatchGetItem, GetItem", reads=3, logged=280),
    "GET /oauth2/authorize": Budget("BatchGetItem, PutItem", reads=3, writes=1, kept=800, logged=560),
    "GET /oauth2/logout": Budget("BatchGetItem, PutItem", reads=3, writes=4, logged=560),
    "GET /oauth2/userinfo": Budget("BatchGetItem", reads=4, logged=280),
    "GET /openapi.json": Budget(logged=280),
    "GET /operations": Budget("BatchGetItem, Invoke", reads=2, logged=280),
    "GET /operations/alarms": Budget("BatchGetItem, Invoke", reads=2, logged=280),
    "GET /operations/dead-letters": Budget("BatchGetItem, Invoke", reads=2, logged=280),
    "GET /operations/dead-letters/{queue}": Budget("BatchGetItem, Invoke", reads=2, logged=300),
    "GET /operations/dead-letters/{queue}/{letter_id}": Budget("BatchGetItem, Invoke", reads=2, logged=320),
    "GET /operations/keys": Budget("BatchGetItem, Invoke", reads=2, logged=280),
    "GET /operations/topology": Budget("BatchGetItem", reads=2, logged=280),
    "GET /sessions": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /sessions/connections": Budget(logged=300),
    "GET /sessions/connections/{connection_id}": Budget(
        "GetItem, UpdateItem", reads=1, writes=1, kept=200, logged=300
    ),
    "GET /sessions/connections/{connection_id}/callback": Budget(
        "3 GetItem, 2 PutItem", reads=3, writes=5, kept=1600, logged=750
    ),
    "GET /sessions/connections/{connection_id}/callback, of a new person": Budget(
        "4 GetItem, 2 PutItem, TransactWriteItems", reads=4, writes=16, kept=4000, logged=750
    ),
    "GET /settings": Budget("BatchGetItem", reads=2, logged=280),
    "GET /people/search": Budget("BatchGetItem, Invoke", reads=2, logged=280),
    "GET /users": Budget("BatchGetItem, Query", reads=2.5, logged=280),
    "GET /users/{user_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /users/{user_id}/consents": Budget("2 BatchGetItem, GetItem", reads=4, logged=300),
    "GET /users/{user_id}/factors": Budget("BatchGetItem, 2 GetItem", reads=4, logged=300),
    "GET /users/{user_id}/history": Budget("BatchGetItem, Query", reads=2.5, logged=300),
    "GET /users/{user_id}/identities": Budget("BatchGetItem, 2 GetItem", reads=4, logged=300),
    "GET /users/{user_id}/items": Budget("BatchGetItem, GetItem, Query", reads=3.5, logged=300),
    "GET /users/{user_id}/items/{key}": Budget("BatchGetItem, 2 GetItem", reads=4, logged=300),
    "GET /users/{user_id}/mail": Budget("BatchGetItem, Query", reads=2.5, logged=300),
    "GET /users/{user_id}/sessions": Budget("BatchGetItem, GetItem, Query", reads=3.5, logged=300),
    "GET /webhooks": Budget("BatchGetItem, Query", reads=3, logged=280),
    "GET /webhooks/{webhook_id}": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "GET /webhooks/{webhook_id}/deliveries": Budget("BatchGetItem, GetItem, Query", reads=3.5, logged=300),
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": Budget(
        "2 BatchGetItem, 2 GetItem", reads=5, logged=320
    ),
    "PATCH /clients/{client_id}": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=7, kept=100, logged=600
    ),
    "PATCH /connections/{connection_id}": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=2, kept=100, logged=620
    ),
    "PATCH /me": Budget("BatchGetItem, PutItem", reads=2, writes=6, kept=100, logged=280),
    "PATCH /users/{user_id}": Budget("BatchGetItem, GetItem, PutItem", reads=3, writes=5, kept=600, logged=300),
    "PATCH /webhooks/{webhook_id}": Budget(
        "BatchGetItem, GetItem, UpdateItem", reads=3, writes=1, kept=50, logged=300
    ),
    "POST /clients": Budget("BatchGetItem, TransactWriteItems", reads=2, writes=6, kept=2000, logged=580),
    "POST /clients/{client_id}/logout-deliveries/{delivery_id}/retry": Budget(
        "2 BatchGetItem, GetItem, SendMessageBatch, UpdateItem", reads=4, writes=3, kept=200, logged=340
    ),
    "POST /clients/registration-tokens": Budget("BatchGetItem, PutItem", reads=2, writes=1, kept=500, logged=600),
    "POST /clients/{client_id}/rotate": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=7, kept=100, logged=600
    ),
    "POST /connections": Budget("BatchGetItem, PutItem, Query", reads=2.5, writes=2, kept=900, logged=600),
    "POST /connections/{connection_id}/test": Budget("BatchGetItem, GetItem", reads=3, logged=300),
    "POST /events/replay": Budget("BatchGetItem, PutItem, SendMessage", reads=2, writes=3, kept=1250, logged=280),
    "POST /events/replay/preview": Budget("BatchGetItem, 48 Query", reads=26, logged=300),
    "POST /events/replay/{job_id}/cancel": Budget(
        "BatchGetItem, 2 GetItem, UpdateItem", reads=4, writes=4, kept=50, logged=300
    ),
    "POST /events/replay/{job_id}/pause": Budget(
        "BatchGetItem, 2 GetItem, UpdateItem", reads=4, writes=4, logged=300
    ),
    "POST /events/replay/{job_id}/resume": Budget(
        "BatchGetItem, 2 GetItem, SendMessage, UpdateItem", reads=4, writes=4, kept=100, logged=300
    ),
    "POST /exports": Budget(
        "BatchGetItem, PutItem, Query, StartExecution", reads=3, writes=3, kept=1050, logged=280
    ),
    "POST /imports": Budget("BatchGetItem, PutItem", reads=2, writes=3, kept=1350, logged=280),
    "POST /imports/preview": Budget("BatchGetItem", reads=2, logged=280),
    "POST /imports/{job_id}/retry": Budget(
        "BatchGetItem, GetItem, HeadObject, PutItem, PutObject", reads=3, writes=1, kept=400, logged=300
    ),
    "POST /items": Budget("GetItem, SendMessageBatch", reads=1, logged=280),
    "POST /me/email/confirm": Budget(
        "BatchGetItem, 3 DeleteItem, 2 GetItem, Query, TransactWriteItems", reads=4.5, writes=17, logged=300
    ),
    "POST /me/identities": Budget(
        "BatchGetItem, 4 GetItem, PutItem, TransactWriteItems", reads=6, writes=10, kept=850, logged=280
    ),
    "POST /me/identities/link": Budget(
        "BatchGetItem, GetItem, UpdateItem", reads=3, writes=1, kept=200, logged=300
    ),
    "POST /me/passkeys": Budget(
        "BatchGetItem, DeleteItem, 2 GetItem, TransactWriteItems", reads=4, writes=11, kept=350, logged=280
    ),
    "POST /me/passkeys/options": Budget(
        "BatchGetItem, 2 GetItem, 2 PutItem", reads=4, writes=2, kept=250, logged=300
    ),
    "POST /me/recovery-codes": Budget(
        "BatchGetItem, GetItem, TransactWriteItems", reads=3, writes=8, kept=550, logged=300
    ),
    "POST /me/totp": Budget("BatchGetItem, GetItem, PutItem", reads=3, writes=1, kept=300, logged=280),
    "POST /me/totp/confirm": Budget(
        "BatchGetItem, DeleteItem, 2 GetItem, TransactWriteItems, UpdateItem",
        reads=4,
        writes=10,
        kept=350,
        logged=300,
    ),
    "POST /oauth2/authorize": Budget("BatchGetItem, PutItem", reads=3, writes=1, kept=800, logged=560),
    "POST /oauth2/consent": Budget(
        "BatchGetItem, 2 GetItem, TransactWriteItems", reads=4, writes=9, kept=1100, logged=560
    ),
    "POST /oauth2/device": Budget("GetItem, PutItem, UpdateItem", reads=1, writes=2, kept=650, logged=560),
    "POST /oauth2/device/approve": Budget(
        "2 BatchGetItem, 2 GetItem, TransactWriteItems, UpdateItem", reads=5, writes=25, kept=1200, logged=560
    ),
    "POST /oauth2/logout": Budget("BatchGetItem, PutItem", reads=3, writes=4, logged=560),
    "POST /oauth2/introspect": Budget("BatchGetItem, GetItem", reads=5, logged=280),
    "POST /oauth2/par": Budget("GetItem, PutItem", reads=1, writes=1, kept=800, logged=280),
    "POST /oauth2/register": Budget("GetItem, TransactWriteItems", reads=1, writes=8, kept=2100, logged=560),
    "POST /oauth2/revoke": Budget("DeleteItem, 2 GetItem", reads=2, writes=3, logged=520),
    "POST /oauth2/token": Budget("GetItem", reads=1, logged=280),
    "POST /oauth2/userinfo": Budget("BatchGetItem", reads=4, logged=280),
    "POST /operations/dead-letters/{queue}/redrive": Budget("BatchGetItem, Invoke", reads=2, logged=320),
    "POST /operations/keys/{key_name}/rotate": Budget("BatchGetItem, Invoke", reads=2, logged=320),
    "POST /password-resets": Budget("PutItem, UpdateItem", writes=2, kept=500, logged=300),
    "POST /password-resets/confirm": Budget(
        "DeleteItem, 3 GetItem, TransactWriteItems", reads=3, writes=9, logged=300
    ),
    "POST /sessions": Budget(
        "DeleteItem, 4 GetItem, PutItem, 2 UpdateItem", reads=4, writes=6, kept=1500, logged=700
    ),
    "POST /sessions, on a known device": Budget(
        "DeleteItem, 3 GetItem, PutItem, UpdateItem", reads=3, writes=5, kept=1300
    ),
    "POST /sessions/connections/pending": Budget("GetItem", reads=1, logged=300),
    "POST /sessions/connections/pending/confirm": Budget(
        "DeleteItem, 4 GetItem, 3 PutItem, UpdateItem", reads=4, writes=8, kept=1600, logged=720
    ),
    "POST /sessions/connections/{connection_id}/callback": Budget(
        "3 GetItem, 2 PutItem", reads=3, writes=5, kept=1600, logged=750
    ),
    "POST /sessions/current/step-up": Budget(
        "BatchGetItem, DeleteItem, 2 GetItem, PutItem, UpdateItem", reads=4, writes=6, kept=100, logged=720
    ),
    "POST /sessions/email": Budget("PutItem, UpdateItem", writes=2, kept=500, logged=300),
    "POST /sessions/email/confirm": Budget(
        "DeleteItem, 2 GetItem, PutItem", reads=2, writes=5, kept=650, logged=700
    ),
    "POST /sessions/passkey": Budget("DeleteItem, 3 GetItem, 2 PutItem", reads=3, writes=6, kept=1200, logged=680),
    "POST /sessions/passkey/options": Budget("PutItem, UpdateItem", writes=2, kept=350, logged=300),
    "POST /sessions/refresh": Budget("BatchGetItem, PutItem", reads=2, writes=3, kept=200, logged=300),
    "POST /users": Budget("PutItem, UpdateItem", writes=2, kept=650, logged=280),
    "POST /users/confirm": Budget("GetItem, TransactWriteItems", reads=1, writes=10, kept=2450, logged=280),
    "POST /users/invite": Budget("BatchGetItem, TransactWriteItems", reads=2, writes=7, kept=1700, logged=280),
    "POST /users/resend-confirmation": Budget("PutItem, UpdateItem", writes=2, kept=500, logged=300),
    "POST /users/{user_id}/disable": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=6, kept=100, logged=300
    ),
    "POST /users/{user_id}/enable": Budget("BatchGetItem, GetItem, PutItem", reads=3, writes=6, logged=300),
    "POST /users/{user_id}/invitation": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=6, kept=100, logged=300
    ),
    "POST /users/{user_id}/password-reset": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=1, kept=600, logged=300
    ),
    "POST /webhooks": Budget("BatchGetItem, PutItem, Query", reads=3, writes=1, kept=450, logged=280),
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry": Budget(
        "BatchGetItem, 2 GetItem, SendMessageBatch, UpdateItem", reads=4, writes=2, kept=350, logged=320
    ),
    "POST /webhooks/{webhook_id}/rotate-secret": Budget(
        "BatchGetItem, GetItem, UpdateItem", reads=3, writes=1, kept=100, logged=320
    ),
    "POST /webhooks/{webhook_id}/test": Budget(
        "BatchGetItem, GetItem, PutItem, SendMessageBatch", reads=3, writes=1, kept=900, logged=300
    ),
    "PUT /me/email": Budget("BatchGetItem, PutItem, UpdateItem", reads=2, writes=2, kept=550, logged=280),
    "PUT /me/items/{key}": Budget("BatchGetItem, UpdateItem", reads=2, writes=2, kept=750, logged=280),
    "PUT /me/password": Budget(
        "BatchGetItem, DeleteItem, GetItem, TransactWriteItems, UpdateItem",
        reads=3,
        writes=12,
        kept=150,
        logged=280,
    ),
    "PUT /users/{user_id}/roles": Budget(
        "BatchGetItem, GetItem, PutItem", reads=3, writes=6, kept=650, logged=300
    ),
    **READ_MODEL_REQUESTS,
    **SEGMENT_REQUESTS,
}
