"""Calls trust the authorities that they are told to, and no host under another name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.core import clock
from chalicelib.core.aws.calls import connections, trust
from chalicelib.core.aws.calls.client import Client
from chalicelib.core.aws.calls.endpoints import Endpoint
from chalicelib.core.aws.calls.services import SERVICES
from tests.environment import REGION
from tests.functional.certificates import write_certificate
from tests.functional.scripted import Step, serving
from tests.functional.test_aws_calls import called

LABEL = '# Label: "Amazon Root CA 1"\n# Serial: 1\n'


@pytest.fixture
def certificates(tmp_path, monkeypatch):
    """Certificates with their keys, by name. All but `unknown` are in the bundle, and one as AWS's."""
    hosts = {"aws": "localhost", "other": "localhost", "elsewhere": "elsewhere.example", "unknown": "localhost"}
    files = {name: write_certificate(tmp_path / name, host) for name, host in hosts.items()}
    public = {name: file.read_text()[file.read_text().index("-----BEGIN CERT") :] for name, file in files.items()}
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(public["other"] + public["elsewhere"] + LABEL + public["aws"])
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    trust._context.cache_clear()
    trust._needs_all.clear()
    with clock.held(datetime(2026, 1, 1, tzinfo=UTC)):
        yield files
    trust._context.cache_clear()
    trust._needs_all.clear()
    connections.close_idle()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "outcome", "handshakes"),
    [("aws", "", 1), ("other", "", 2), ("unknown", "SSLError", 4), ("elsewhere", "SSLError", 4)],
)
def test_a_host_is_trusted_by_its_authority_and_name(certificates, name, outcome, handshakes):
    """Only the first call to a host is tried with AWS's own authorities alone; of a call there are three attempts."""
    with serving(Step(headers=(("Connection", "close"),)), certificate=certificates[name]) as server:
        client = Client(SERVICES["sqs"], Endpoint(True, "localhost", server.port, REGION), 5, 3)
        parameters = {"QueueUrl": "https://q", "MessageBody": "a"}
        assert called(client, "send_message", **parameters).get("raised", "") == outcome
        assert server.connections == handshakes
        called(client, "send_message", **parameters)
        assert server.connections == handshakes + (3 if outcome else 1)
    assert len(server.requests) == (0 if outcome else 2)


def test_botocores_bundle_has_the_authorities_of_aws(monkeypatch):
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    trust._context.cache_clear()
    few, every = (trust._context(of_aws=of_aws).get_ca_certs() for of_aws in (True, False))
    trust._context.cache_clear()
    names = {dict(part for (part,) in each["subject"])["commonName"] for each in few}
    assert names == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }
    assert all(each in every for each in few)
