"""Settings come from the environment, and one message names all that is wrong with it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest

from chalicelib.core.settings import RESERVED_CLAIMS, Settings, SettingsError, read, settings
from tests.environment import ENVIRONMENT


def test_what_is_needed_is_enough():
    found = read(ENVIRONMENT)
    assert (found.stage, found.public_url) == ("test", "https://rollcall.example")
    assert found.password_min_length == 15
    assert found.outbound_allow_http is False


def test_every_missing_and_wrong_one_is_named_at_once():
    wrong = {"ACCESS_TOKEN_SECONDS": "ten", "BIRTHDAY_MAIL": "yes", "EMAIL_VERIFICATION": "maybe"}
    with pytest.raises(SettingsError) as met:
        read(wrong)
    message = str(met.value)
    required = ["STAGE", "ACCOUNT_ID", "AWS_REGION", "PUBLIC_URL", "MAIL_FROM"]
    assert [name for name in (*required, *wrong) if name not in message] == []
    assert "not one of required, optional" in message


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("OPERATORS", "a@x.example, b@x.example,", "operators", ("a@x.example", "b@x.example")),
        ("ALLOWED_ORIGINS", "", "allowed_origins", ()),
        ("HISTORY_DAYS", "30", "history_days", 30),
        ("BIRTHDAY_MAIL", "on", "birthday_mail", True),
        ("EMAIL_VERIFICATION", "optional", "email_verification", "optional"),
    ],
)
def test_texts_become_what_they_are(variable, text, field, value):
    assert getattr(read({**ENVIRONMENT, variable: text}), field) == value


@pytest.mark.parametrize(
    ("stage", "given", "read_as"),
    [
        ("prod", "", "required"),
        ("prod", "optional", "optional"),
        ("dev", "", "optional"),
        ("dev", "required", "required"),
    ],
)
def test_administrators_of_prod_need_a_second_factor_unless_it_says_otherwise(stage, given, read_as):
    found = read({**ENVIRONMENT, "STAGE": stage, "ADMIN_SECOND_FACTOR": given})
    assert found.admin_second_factor == read_as


@pytest.mark.parametrize(
    ("variable", "text", "complaint"),
    [
        ("ACCESS_TOKEN_SECONDS", "299", "is 299, not 300 to 900"),
        ("ACCESS_TOKEN_SECONDS", "901", "is 901, not 300 to 900"),
        ("PASSWORD_ATTEMPTS", "101", "is 101, not 1 to 100"),
        ("PASSWORD_ATTEMPTS", "0", "is 0, not 1 to 100"),
        ("HISTORY_DAYS", "0", "is 0, not 1 to 3650"),
        ("FAILED_SIGN_IN_MILLISECONDS", "29000", "is 29000, not 0 to 20000"),
        ("TRUSTED_PROXIES", "-1", "is -1, not 0 to 10"),
        (
            "PROXY_NETWORKS",
            "198.51.100.0/24,example.com",
            "'example.com' does not appear to be an IPv4 or IPv6 network",
        ),
        ("PROXY_SECRET_HASHES", "a secret in the clear", "holds something else than SHA-256 in hexadecimal"),
        ("SIGNING_ALG", "HS256", "is 'HS256', not one of RS256, ES256"),
        ("TOKEN_CLAIMS", "plan,sub,roles", "names roles, sub, which tokens say already"),
    ],
)
def test_a_value_that_breaks_its_rule_is_named_with_it(variable, text, complaint):
    with pytest.raises(SettingsError, match=f"settings: {variable} {complaint}$"):
        read({**ENVIRONMENT, variable: text})


@pytest.mark.parametrize("claim", sorted(RESERVED_CLAIMS))
def test_no_metadata_speaks_for_the_token(claim):
    with pytest.raises(SettingsError, match="TOKEN_CLAIMS"):
        read({**ENVIRONMENT, "TOKEN_CLAIMS": claim})


def test_every_setting_has_a_type_that_can_be_read():
    hints = get_type_hints(Settings)
    for field in fields(Settings):
        kind = hints[field.name]
        assert kind in {str, int, bool, tuple[str, ...]} or hasattr(kind, "__args__"), field.name


def test_names_follow_from_stage_and_account():
    found = read(ENVIRONMENT)
    assert found.names.of("users") == "rollcall-test-users"
    assert found.names.api == "rollcall-test"
    assert found.bucket("uploads") == "rollcall-test-uploads-123456789012-eu-central-1"
    assert found.bucket("uploads-copy") == "rollcall-test-uploads-123456789012-eu-central-1-copy"
    assert found.queue_url("mail") == "https://sqs.eu-central-1.amazonaws.com/123456789012/rollcall-test-mail"
    assert found.arn("sns", "t") == "arn:aws:sns:eu-central-1:123456789012:t"


def test_some_can_be_held_and_what_was_made_of_them_is_made_anew():
    before = settings()
    made = settings.once(lambda: settings().history_days)
    with settings.held(history_days=7):
        assert (made(), settings().mail_from) == (7, before.mail_from)
        with settings.held(mail_from="other@rollcall.example"):
            settings.clear()
            assert (made(), settings().mail_from) == (7, "other@rollcall.example")
    assert (made(), settings()) == (before.history_days, before)


def test_what_is_no_setting_cannot_be_held():
    with pytest.raises(TypeError, match="histroy_days"), settings.held(histroy_days=7):
        pass
