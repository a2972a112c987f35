"""What providers publish is read as seldom as its headers allow, and never more than we can use."""

from __future__ import annotations

import pytest

from chalicelib.connections import documents as reading
from chalicelib.connections.documents import Documents
from chalicelib.connections.faults import ProviderDown, ProviderFault
from chalicelib.core import clock
from tests.functional.providers import Provider, providing

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def provider():
    with providing() as one:
        yield one


def reads_after(provider: Provider, seconds: int) -> int:
    """How often keys are asked for that are needed again after some seconds."""
    documents = Documents()
    documents.keys(f"{provider.url}/keys")
    clock.tick(seconds=seconds)
    documents.keys(f"{provider.url}/keys")
    return provider.count("/keys")


@pytest.mark.parametrize(
    ("headers", "seconds", "reads"),
    [
        ({"Cache-Control": "public, max-age=600"}, 599, 1),
        ({"Cache-Control": "public, max-age=600"}, 600, 2),
        ({"Cache-Control": "max-age=600", "Age": "500"}, 100, 2),
        ({"Cache-Control": "max-age=1"}, 59, 1),
        ({"Cache-Control": "no-store"}, 59, 1),
        ({"Cache-Control": "no-store"}, 60, 2),
        ({"Cache-Control": "max-age=999999999"}, 86399, 1),
        ({"Cache-Control": "max-age=999999999"}, 86400, 2),
        ({"Expires": "Sun, 01 Mar 2026 12:10:00 GMT"}, 599, 1),
        ({"Expires": "Sun, 01 Mar 2026 12:10:00 GMT"}, 600, 2),
        ({"Expires": "soon"}, 60, 2),
        ({}, 299, 1),
        ({}, 300, 2),
    ],
)
def test_a_document_is_kept_as_long_as_it_says_within_bounds(provider, headers, seconds, reads):
    provider.headers = headers
    assert reads_after(provider, seconds) == reads


def test_keys_are_read_anew_once_a_minute_at_most(provider):
    documents, url = Documents(), f"{provider.url}/keys"
    documents.keys(url)
    documents.keys(url, anew=True)
    assert provider.count("/keys") == 1
    clock.tick(seconds=60)
    documents.keys(url, anew=True)
    documents.keys(url, anew=True)
    assert provider.count("/keys") == 2


def test_what_fails_once_is_asked_for_once_more(provider):
    answers = [(503, {}, b""), (200, {}, {"keys": []})]
    provider.answers["/keys"] = lambda _: answers.pop(0)
    assert Documents().keys(f"{provider.url}/keys") == []


def test_what_fails_twice_is_down(provider):
    provider.answers["/keys"] = (500, {}, b"")
    with pytest.raises(ProviderDown, match="status 500"):
        Documents().keys(f"{provider.url}/keys")
    assert provider.count("/keys") == 2


def test_who_is_not_there_is_down():
    with providing() as gone:
        url = gone.url
    with pytest.raises(ProviderDown):
        Documents().discovery(url)


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}, b"{}"),
        (302, {"Location": "https://elsewhere.example/"}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": {}}'),
        (200, {}, b"[" * 100_000),
    ],
)
def test_what_is_no_list_of_keys_is_refused(provider, answer):
    provider.answers["/keys"] = answer
    with pytest.raises(ProviderFault):
        Documents().keys(f"{provider.url}/keys")
    assert provider.count("/keys") == 1


@pytest.mark.parametrize("number", [101, 10_000])
def test_more_keys_than_anybody_needs_are_refused(provider, number):
    """Of 10,000 keys not even the bytes are read to their end."""
    provider.published = [{"kty": "EC", "kid": str(one), "n": "x" * 20} for one in range(number)]
    with pytest.raises((ProviderFault, ProviderDown)):
        Documents().keys(f"{provider.url}/keys")


@pytest.mark.parametrize("issuer", ["https://accounts.evil.example", None, 7])
def test_the_discovery_document_of_another_issuer_is_refused(provider, issuer):
    provider.discovery["issuer"] = issuer
    with pytest.raises(ProviderFault, match="another issuer"):
        Documents().discovery(provider.url)


@pytest.mark.parametrize("path", ["common", "organizations"])
def test_a_document_of_several_tenants_has_a_template_of_the_issuer(provider, path):
    provider.discovery["issuer"] = f"{provider.url}/{{tenantid}}/v2.0"
    provider.answers[f"/{path}/v2.0{DISCOVERY}"] = lambda _: (200, {}, provider.document())
    assert Documents().discovery(f"{provider.url}/{path}/v2.0")["jwks_uri"] == f"{provider.url}/keys"


def test_a_template_is_of_the_same_host(provider):
    provider.discovery["issuer"] = "https://login.evil.example/{tenantid}/v2.0"
    provider.answers[f"/common/v2.0{DISCOVERY}"] = lambda _: (200, {}, provider.document())
    with pytest.raises(ProviderFault, match="another issuer"):
        Documents().discovery(f"{provider.url}/common/v2.0")


@pytest.mark.slow
def test_a_process_keeps_no_more_documents_than_there_can_be(provider):
    documents = Documents()
    for number in range(reading.KEPT + 5):
        provider.answers[f"/keys/{number}"] = (200, {}, {"keys": []})
        documents.keys(f"{provider.url}/keys/{number}")
    assert len(documents._kept) <= reading.KEPT
