"""Who somebody is at a provider: from the ID token, the userinfo endpoint, or for GitHub its API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.connections import id_tokens, model
from chalicelib.connections.documents import documents
from chalicelib.connections.domains import domain_of
from chalicelib.connections.exchange import exchange
from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.provider_http import document_of, get
from chalicelib.core import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.connections.endpoints import Endpoints
    from chalicelib.connections.exchange import ProviderTokens
    from chalicelib.connections.rows import Connection

USERINFO_BYTES = 64 * 1024
LABEL_LIMIT = 100
PROFILE = ("name", "locale", "birthdate")
OF_AUTHENTICATION = ("amr", "acr")
"""What an ID token alone says (OpenID Connect Core 1.0, section 2): it is of this sign-in, and the userinfo endpoint
tells of the person, who may have written it."""


@dataclass(frozen=True)
class ProviderIdentity:
    """A person as a provider knows them. The key is (connection, issuer, subject); the address is a hint, and never
    an identity. `email` is empty where there is none that can be one. `vouched` says whether the provider asked for
    a second factor."""

    connection_id: str
    issuer: str
    subject: str
    label: str = ""
    email: str = ""
    email_verified: bool = False
    vouched: bool = False
    profile: tuple[tuple[str, str], ...] = ()

    @property
    def domain(self) -> str | None:
        """The domain of the address, or None where there is none."""
        return domain_of(self.email) if self.email else None


def identify(
    connection: Connection, endpoints: Endpoints, code: str, *, verifier: str, nonce: str, name: str = ""
) -> ProviderIdentity:
    """Who the code is about: one token request, and what else it takes. `name` is what a browser brought of it, where a
    provider tells the name that way. Raises ProviderDown and ProviderFault."""
    tokens = exchange(connection, endpoints, code, verifier)
    if model.preset_of(connection).has_id_token:
        claims = _claims_of_token(connection, endpoints, tokens, nonce)
        issuer, subject = str(claims["iss"]), str(claims["sub"])
    else:
        claims = _object(endpoints.userinfo, tokens)
        issuer, subject = endpoints.userinfo, _subject(connection, claims)
    if connection["provider"] == "github":
        claims = {**claims, **_primary_email(endpoints, tokens)}
    if name:
        claims = {"name": name, **claims}
    return _identity(connection, issuer, subject, claims)


def _claims_of_token(
    connection: Connection, endpoints: Endpoints, tokens: ProviderTokens, nonce: str
) -> Mapping[str, Any]:
    """The claims of the ID token; with those of the userinfo endpoint, where the token does not tell the address."""
    expected = id_tokens.Expected(
        endpoints.issuer,
        connection["client_id"],
        nonce,
        model.algorithms_of(connection),
        tokens.access_token,
        connection.get("tenants", []),
    )

    def keys(anew: bool) -> list[dict[str, Any]]:
        return documents().keys(endpoints.jwks_uri, anew=anew)

    claims = id_tokens.verified(tokens.id_token, expected, keys)
    if _at(claims, model.claims_of(connection)["email"]) is not None or not endpoints.userinfo:
        return claims
    userinfo = _object(endpoints.userinfo, tokens)
    if userinfo.get("sub") != claims["sub"]:
        raise ProviderFault("the userinfo endpoint tells of another subject")
    of_person = {name: value for name, value in userinfo.items() if name not in OF_AUTHENTICATION}
    return {**of_person, **claims}


def _object(url: str, tokens: ProviderTokens) -> dict[str, Any]:
    document = document_of(get(url, limit=USERINFO_BYTES, token=tokens.access_token))
    if not isinstance(document, dict):
        raise ProviderFault("the userinfo endpoint tells of no subject")
    return document


def _subject(connection: Connection, claims: Mapping[str, Any]) -> str:
    """The subject of a provider without ID tokens, of which many are numbers."""
    subject = _at(claims, model.claims_of(connection)["subject"])
    is_number = isinstance(subject, int) and not isinstance(subject, bool)
    return id_tokens.checked_subject(str(subject) if is_number else subject)


def _primary_email(endpoints: Endpoints, tokens: ProviderTokens) -> dict[str, Any]:
    """The primary address of a GitHub account, as far as GitHub has verified it:
    https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user"""
    listed = document_of(get(f"{endpoints.userinfo}/emails", limit=USERINFO_BYTES, token=tokens.access_token))
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    primary = next(
        (entry for entry in entries if entry.get("primary") is True and entry.get("verified") is True), {}
    )
    return {"email": primary.get("email"), "email_verified": bool(primary)}


def _identity(connection: Connection, issuer: str, subject: str, claims: Mapping[str, Any]) -> ProviderIdentity:
    named = model.claims_of(connection)
    values = {field: _at(claims, claim) for field, claim in named.items()}
    email, domain = _email(values.get("email"))
    verified = bool(email) and _is_verified(connection, claims, values.get("email_verified"), domain)
    label = email or values.get("label") or ""
    return ProviderIdentity(
        connection["connection_id"],
        issuer,
        subject,
        label=texts.shown(str(label), LABEL_LIMIT),
        email=email,
        email_verified=verified,
        vouched=model.vouches(connection, _texts(claims.get("amr")), str(claims.get("acr", ""))),
        profile=tuple((name, str(values[name])) for name in PROFILE if isinstance(values.get(name), str)),
    )


def _email(value: object) -> tuple[str, str]:
    """An address and its domain; both empty for what is no address."""
    try:
        return str(value), domain_of(str(value))
    except ValueError:
        return "", ""


def _is_verified(connection: Connection, claims: Mapping[str, Any], claim: object, domain: str) -> bool:
    """Whether the provider has proved the address. Apple and Microsoft say so in texts and numbers too. Google says it
    of any address that was proved once, and speaks for those of its own domain, and of organizations that it hosts:
    https://developers.google.com/identity/siwg/authorized-domains"""
    preset = model.preset_of(connection)
    if preset.hosted_claim and domain != preset.own_domain and not claims.get(preset.hosted_claim):
        return False
    if connection.get("assumes_verified") and domain in connection.get("trusted_domains", []):
        return True
    return claim is True or (type(claim) in {str, int} and str(claim).lower() in {"true", "1"})


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of that name; or along the dots of a path where there is none."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
