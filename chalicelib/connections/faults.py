"""What goes wrong at an identity provider. Details name what is wrong, and nothing that the provider sent."""

from __future__ import annotations

from chalicelib.core.errors import RollcallError, Unavailable


class ProviderDown(Unavailable):
    """The provider did not answer, or said that it cannot for now."""

    title = "The identity provider does not answer"
    type = "provider-down"


class ProviderFault(RollcallError):
    """The provider's answer is not one that may be believed."""

    status = 502
    title = "The identity provider's answer is wrong"
    type = "provider-fault"
