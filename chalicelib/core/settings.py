"""Every setting of a stage, as one typed object, read from the environment on first use.

`.chalice/stages.json` holds their values per stage; `docs/settings.md` explains each.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_type_hints

from chalicelib.core import brand, old_system
from chalicelib.core.brand import ROLLCALL
from chalicelib.core.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Built = TypeVar("Built")

_STANDARD_CLAIMS = "iss sub aud exp nbf iat jti client_id sid scope roles groups entitlements act may_act"
_FURTHER_CLAIMS = "auth_time acr amr azp cnf nonce typ authorization_details credential"
RESERVED_CLAIMS = frozenset(f"{_STANDARD_CLAIMS} {_FURTHER_CLAIMS}".split())
"""Claims that have a meaning already, by a standard (RFC 7519, 7800, 8693, 9068, 9396) or in our tokens. `TOKEN_CLAIMS`
must not name them."""

SECRET_SETTINGS = frozenset({"proxy_secret_hashes"})
"""Settings whose values are shown to nobody: a hash can be guessed at."""

PROD = "prod"
"""The stage whose defaults are stricter."""


class SettingsError(Exception):
    """Settings are missing in the environment, or wrong; the message names all of them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field is one environment variable, in upper case. A field without a default is required."""

    stage: str
    account_id: str
    """The 12 digits of the AWS account; bucket names and ARNs carry it."""
    aws_region: str
    """Lambda sets it; bucket names and ARNs carry it."""
    aws_lambda_log_stream_name: str = ""
    """Lambda sets it, another one for each process."""
    public_url: str
    """The only source of issuer, audience and links; `https` outside the local stage."""
    mail_from: str
    """The verified sender of every mail."""
    product_name: str = ROLLCALL
    """What pages, mails, passkeys and authenticators call this; `core.brand` has its rule and the next ones'."""
    logo: str = ""
    """The name of an SVG file in `vendor/wording`, for pages."""
    mail_logo_url: str = ""
    """Where a picture is that mails show: mail programs show no SVG."""
    accent_color: str = "#3b4cca"
    """Of links and buttons; the next one, where a browser is set to dark."""
    accent_color_dark: str = "#a5b0ff"
    terms_url: str = ""
    terms_version: str = ""
    """The version that whoever registers agrees to. Where it is empty, nobody is asked."""
    privacy_url: str = ""
    support: str = ""
    """Whom people ask for help: an email address, or the address of a page."""

    operators: tuple[str, ...] = ()
    """Email addresses that alarms are mailed to."""
    allowed_origins: tuple[str, ...] = ()
    """Origins that browsers may call from (CORS)."""
    email_verification: Literal["required", "optional"] = "required"

    trusted_proxies: int = 0
    """How many of your proxies are in front of API Gateway; see `core.http.client_address`. They count only where one
    of the next two settings identifies them, since callers can go past them."""
    proxy_secret_hashes: tuple[str, ...] = ()
    """SHA-256, in hexadecimal, of the secret that your proxies send in `X-Proxy-Secret`; two while it is replaced."""
    proxy_networks: tuple[str, ...] = ()
    """Networks that your proxies call from, as `198.51.100.0/24`."""

    admin_second_factor: Literal["required", "optional"] = "optional"
    """Whether the role `admin` works only in sessions that proved a second factor. In `prod` required by default."""

    access_token_seconds: int = 600
    """5 to 15 minutes."""
    signing_alg: Literal["RS256", "ES256"] = "RS256"
    """Of the next signing key that is made."""
    token_claims: tuple[str, ...] = ()
    """The members of a person's `metadata` that are claims of their access tokens."""
    refresh_token_days: int = 30
    refresh_grace_seconds: int | None = None
    """How long the predecessor of an unused refresh token is still answered with that token: None for as long as it is
    unused, 0 for never."""
    client_registration: Literal["off", "token"] = "off"
    """Whether applications may register themselves as OAuth clients (RFC 7591), by a token of an administrator."""
    confirm_hours: int = 24
    invitation_days: int = 7

    password_min_length: int = 15
    """NIST SP 800-63B-4, section 3.1.1.2, for a password that is the only factor."""
    password_min_length_with_factor: int = 8
    """The same, for a password that is used together with a second factor."""
    breached_passwords_url: str = ""
    """Of a service that looks breached passwords up by the first digits of their SHA-1: `passwords.breaches`."""
    argon2_memory_kib: int = 19456
    """With two passes and one lane: the OWASP Password Storage Cheat Sheet's Argon2id minimum."""
    argon2_passes: int = 2
    argon2_lanes: int = 1

    registrations_per_hour: int = 60
    """Per client network, on each of the routes that strangers may call with an email address."""
    mails_per_hour: int = 1000
    """That strangers may cause, of registrations, changes of address, resets and codes each: `limits.mail_limits`."""
    sign_ins_per_hour: int = 600
    """Failed sign-ins per client network; as many failed refreshes, and as many challenges for passkeys."""
    client_failures_per_hour: int = 60
    """Wrong secrets for one OAuth client, per client network."""
    free_password_attempts: int = 5
    """Wrong passwords for one email address, after which delays of 2^n seconds begin, up to 15 minutes."""
    password_attempts: int = 100
    """Failures in a row after which the password of an email address works only on devices of the person: the most that
    NIST SP 800-63B-4, section 3.2.2, allows."""
    failed_sign_in_milliseconds: int = -1
    """The least time that a failed sign-in takes. Where it is unset: as long as the most expensive hash of the stage
    takes, which imports may bring (`sessions.failure_delay`)."""
    sign_ins_at_once: int = 4
    """The most sign-ins at once from one client network on new devices, within the time that a failed one takes."""
    sign_ins_at_once_in_all: int = 8
    """The same from all networks together; see `sessions.concurrent_sign_ins`."""
    migration: str = ""
    """The old system that is asked for a password at somebody's first sign-in, as JSON: `core.old_system`."""

    read_model: Literal["off", "postgres"] = "off"
    """Where people and events are copied to, for searches, segments and SQL: `chalicelib.read_model`."""

    idle_costs: str = ""
    """What a month costs while nobody uses the stage, by its template, as JSON: what, how many, and US dollars."""
    history_days: int = 365
    log_aws_calls: bool = False
    """Log each AWS call with the permissions that it needs: to see what a policy must allow."""
    outbound_allow_http: bool = False
    """Allows `http`, and loopback, where others choose the URL: of webhooks, of connections and of back-channel logout.
    Only for the local stage."""
    default_locale: str = "en"
    """The locale of mails and pages for whoever wants none, or one that has no texts."""
    birthday_mail: bool = False
    new_device_mail: bool = True

    @property
    def asked_first(self) -> old_system.OldSystem | None:
        """The old system that `migration` names, or None where it is unset."""
        return old_system.parse(self.migration) if self.migration else None

    @property
    def names(self) -> Names:
        return Names(self.stage)

    def bucket(self, thing: str) -> str:
        return self.names.bucket(thing, self.account_id, self.aws_region)

    def queue_url(self, name: str) -> str:
        """The queue's URL. SDKs send to their endpoint, whatever its host."""
        host = f"https://sqs.{self.aws_region}.amazonaws.com"
        return f"{host}/{self.account_id}/{self.names.of(name)}"

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this stage's region and account."""
        return f"arn:aws:{service}:{self.aws_region}:{self.account_id}:{resource}"


def read(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`. Raises SettingsError with the names of all that are missing or wrong."""
    hints = get_type_hints(Settings)
    values: dict[str, object] = {
        "admin_second_factor": admin_second_factor(environment.get("STAGE", ""), environment)
    }
    problems: list[str] = []
    for field in fields(Settings):
        variable = field.name.upper()
        text = environment.get(variable, "")
        if not text:
            if field.default is MISSING:
                problems.append(f"{variable} is not set")
            continue
        try:
            values[field.name] = _checked(field.name, _parse(hints[field.name], text))
        except ValueError as error:
            problems.append(f"{variable} {error}")
    try:
        brand.check_together(environment.get("TERMS_URL", ""), environment.get("TERMS_VERSION", ""))
    except ValueError as error:
        problems.append(f"TERMS_VERSION {error}")
    problems += old_system.contradictions(
        environment.get("MIGRATION", ""), values.get("failed_sign_in_milliseconds")
    )
    if problems:
        raise SettingsError("settings: " + "; ".join(problems))
    return Settings(**values)  # type: ignore[arg-type]


def admin_second_factor(stage: str, environment: Mapping[str, str]) -> str:
    """The value of `ADMIN_SECOND_FACTOR` in a stage, or its default there."""
    return environment.get("ADMIN_SECOND_FACTOR") or ("required" if stage == PROD else "optional")


def _parse(hint: object, text: str) -> object:
    if hint is str:
        return text
    if hint in {int, int | None}:
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"is {text!r}, not a whole number") from None
    if hint is bool:
        if text not in {"on", "off"}:
            raise ValueError(f"is {text!r}, neither on nor off")
        return text == "on"
    if hint == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    choices = getattr(hint, "__args__", ())
    if text not in choices:
        raise ValueError(f"is {text!r}, not one of {', '.join(choices)}")
    return text


def _checked(name: str, value: object) -> object:
    """The value, checked by the rule of its setting, where it has one beside its type. Raises ValueError."""
    if isinstance(value, str):
        brand.check(name, value)
    if name == "migration":
        old_system.parse(str(value))
    if isinstance(value, int) and name in _BOUNDS and value not in _BOUNDS[name]:
        raise ValueError(f"is {value}, not {_BOUNDS[name].start} to {_BOUNDS[name].stop - 1}")
    if name == "proxy_networks" and isinstance(value, tuple) and value:
        from ipaddress import ip_network

        for network in value:
            ip_network(network)
    hashes = value if name == "proxy_secret_hashes" and isinstance(value, tuple) else ()
    if not all(re.fullmatch(r"[0-9A-Fa-f]{64}", digest) for digest in hashes):
        raise ValueError("holds something else than SHA-256 in hexadecimal")
    if name == "token_claims" and isinstance(value, tuple) and RESERVED_CLAIMS & set(value):
        raise ValueError(f"names {', '.join(sorted(RESERVED_CLAIMS & set(value)))}, which tokens say already")
    return value


_BOUNDS = {
    "access_token_seconds": range(300, 901),
    "failed_sign_in_milliseconds": range(20_001),
    "history_days": range(1, 3651),
    "password_attempts": range(1, 101),
    "trusted_proxies": range(11),
}
"""API Gateway waits 29 seconds for an answer; the least time of a failed sign-in includes its own work."""


class Current:
    """The settings of this process, `settings()`: read on first use, not at import, or held by a test."""

    def __init__(self) -> None:
        self._read = cache(lambda: read(os.environ))
        self._held: Settings | None = None
        self._once: list[Any] = []

    def __call__(self) -> Settings:
        """Raises SettingsError."""
        return self._held or self._read()

    def once(self, make: Callable[..., Built]) -> Callable[..., Built]:
        """Cache what `make` returns for the life of the process: for stores, and for whatever else has an AWS
        client."""
        cached = cache(make)
        self._once.append(cached)
        return cached

    def clear(self) -> None:
        """Clear the settings and everything that `once` caches: for tests, which change both."""
        for cached in (*self._once, self._read):
            cached.cache_clear()

    @contextmanager
    def held(self, **values: Any) -> Iterator[None]:
        """Hold some settings at other values while the block runs, or the function that this decorates:
        `settings.held(history_days=1)`. What `once` caches is cleared before and after. For tests."""
        before = self._held
        self._held = replace(self(), **values)
        self.clear()
        try:
            yield
        finally:
            self._held = before
            self.clear()


settings = Current()
