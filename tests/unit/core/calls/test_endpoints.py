"""Services are reached where botocore reaches them."""

from __future__ import annotations

import botocore.session
import pytest

from chalicelib.core.aws.calls import behind
from chalicelib.core.aws.calls.endpoints import resolve
from chalicelib.core.aws.calls.services import SERVICES

SESSION = botocore.session.get_session()
RESOLVER = SESSION._get_internal_component("endpoint_resolver")
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
REGIONS = sorted({region for each in PARTITIONS for region in SESSION.get_available_regions("dynamodb", each)})
SAMPLE = ("us-east-1", "eu-central-1", "mx-central-1", "cn-north-1", "us-gov-west-1")

UNUSUAL = [
    ("AWS_USE_FIPS_ENDPOINT", "true"),
    ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "required"),
    ("HTTPS_PROXY", "http://proxy:3128"),
    ("https_proxy", "http://proxy:3128"),
]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in ("AWS_ENDPOINT_URL", *(name for name, _ in UNUSUAL)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def resolved(service: str):
    return resolve(SERVICES[service].host, SERVICES[service].variable)


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_reached_by_its_own_hosts(monkeypatch, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    for service in SERVICES:
        theirs = RESOLVER.construct_endpoint(SERVICES[service].host, region)["hostname"]
        assert resolved(service).host == (f"s3.{region}.amazonaws.com" if theirs == "s3.amazonaws.com" else theirs)


@pytest.mark.slow
@pytest.mark.parametrize("region", SAMPLE)
def test_botocores_clients_go_to_the_same_hosts(monkeypatch, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    behind.session.cache_clear()
    for service in SERVICES:
        theirs = behind.client(service, 1, 1).meta
        assert theirs.endpoint_url == f"https://{resolved(service).authority('')}"
        assert theirs.service_model.signing_name == SERVICES[service].signed_as
    behind.session.cache_clear()


def test_every_service_is_called_in_events_as_botocore_calls_it():
    for service in SERVICES.values():
        model = SESSION.get_service_model(service.name)
        assert model.service_id.hyphenize() == service.in_events
        assert set(service.operations) <= set(model.operation_names)


@pytest.mark.parametrize(("name", "value"), UNUSUAL)
def test_what_only_botocore_resolves_is_left_to_it(monkeypatch, name, value):
    assert resolved("dynamodb") is not None
    monkeypatch.setenv(name, value)
    assert resolved("dynamodb") is None


@pytest.mark.parametrize("region", ["us-iso-east-1", "eusc-de-east-1", "moon-1", ""])
def test_a_region_of_another_form_is_left_to_botocore(monkeypatch, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_REGION", region)
    assert resolved("dynamodb") is None


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("[default]\nregion = eu-central-1\n", True),
        ("[default]\nendpoint_url = http://h\n", False),
        ("[default]\nuse_fips_endpoint = true\n", False),
        ("[default]\nca_bundle = /x\n", False),
    ],
)
def test_a_configuration_that_speaks_of_endpoints_is_left_to_botocore(monkeypatch, tmp_path, text, is_ours):
    (tmp_path / "config").write_text(text)
    assert (resolved("dynamodb") is not None) == is_ours


def test_a_service_has_an_endpoint_of_its_own_before_that_of_all(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "https://queues.example/base/")
    assert resolved("dynamodb").authority("") == "127.0.0.1:4566"
    sqs = resolved("sqs")
    assert (sqs.authority(""), sqs.full_path("/", ""), sqs.is_secure) == ("queues.example", "/base/", True)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1:4566", "/b/k"),
        ("http://[::1]:4566", "[::1]:4566", "/b/k"),
        ("http://cloud.example", "b.cloud.example", "/k"),
    ],
)
def test_a_bucket_is_in_the_path_where_the_host_is_an_ip_address(monkeypatch, url, authority, path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    s3 = resolved("s3")
    assert (s3.authority("b"), s3.full_path("/k", "b")) == (authority, path)
