"""What others ask for the same people, whatever these do in a month: by monthly active user.

Mails and text messages are left out of theirs, and not of ours.
"""

from __future__ import annotations

from infra.prices import Price

_COGNITO = "https://aws.amazon.com/cognito/pricing/"

RIVALS = {
    "Cognito Lite": Price(
        0.0055, _COGNITO, free=10_000, steps=((100_000, 0.0046), (1_000_000, 0.00325), (10_000_000, 0.0025))
    ),
    "Cognito Essentials": Price(0.015, _COGNITO, free=10_000),
    "Cognito Plus": Price(0.02, _COGNITO),
}
"""Dollars for a monthly active user. Lite has no managed sign-in pages and no passkeys, Essentials has these, Plus adds
protection against stolen passwords."""

AUTH0 = (
    "Auth0, for consumers: Essentials $35 and Professional $240 for the first 500 users; what more cost is behind a"
    " slider, and above its end a quote (https://auth0.com/pricing)"
)
"""Its page names no price for a number of users in its text, so none is counted with."""
