"""The routes that change something and want no fresh proof, each with the reason: `test_route_matrix.py` holds to it.

What lasts, or hands out many people's data, is none of them.
"""

from __future__ import annotations

_STRANGER = "a stranger's, who has no token: what is mailed, or the secret that is sent, is the proof"
_ENDING = "who finds a stranger among their devices gets rid of them at once, and a thief gains nothing by it"
_OWN = (
    "one's own words and values: they open no door, and a thief of the token could read and write them meanwhile"
)

UNPROVED = {
    "POST /users": _STRANGER,
    "POST /users/confirm": _STRANGER,
    "POST /users/resend-confirmation": _STRANGER,
    "POST /password-resets": _STRANGER,
    "POST /password-resets/confirm": _STRANGER,
    "POST /sessions": _STRANGER,
    "POST /sessions/email": _STRANGER,
    "POST /sessions/email/confirm": _STRANGER,
    "POST /sessions/passkey": _STRANGER,
    "POST /sessions/passkey/options": _STRANGER,
    "POST /sessions/refresh": _STRANGER,
    "POST /sessions/connections/pending": _STRANGER,
    "POST /sessions/connections/pending/confirm": _STRANGER,
    "POST /sessions/connections/{connection_id}/callback": _STRANGER,
    "POST /oauth2/register": _STRANGER,
    "POST /oauth2/token": _STRANGER,
    "POST /oauth2/authorize": "sends a browser here; what the person must prove for it, the request says itself",
    "POST /oauth2/consent": "the request says how lately, and by what, the person must have proved who they are",
    "POST /oauth2/device": "a client's, whose own proof it brings: it gets codes that are good for nothing yet",
    "POST /oauth2/logout": _ENDING,
    "POST /oauth2/introspect": "a client's, whose own proof it brings",
    "POST /oauth2/par": "a client's, whose own proof it brings",
    "POST /oauth2/revoke": "a client's, whose own proof it brings",
    "POST /oauth2/userinfo": "reads: OpenID Connect lets applications choose the method",
    "POST /sessions/current/step-up": "brings the proof",
    "POST /events/replay/preview": "changes nothing: it counts what a replay would send",
    "POST /imports/preview": "changes nothing, and tells of nothing but the file that is sent",
    "POST /me/totp/confirm": "needs the secret, which was shown to who had a fresh proof a quarter of an hour ago",
    "POST /me/email/confirm": "needs what was mailed to who had a fresh proof when they asked",
    "DELETE /sessions": _ENDING,
    "DELETE /sessions/current": _ENDING,
    "DELETE /sessions/{session_id}": _ENDING,
    "DELETE /me/consents/{client_id}": "who finds a stranger's application gets rid of it at once",
    "PATCH /me": _OWN,
    "PUT /me/items/{key}": _OWN,
    "DELETE /me/items/{key}": _OWN,
    "POST /items": "the daily work of services, all day long: items open no door, and nobody's are handed out",
}
