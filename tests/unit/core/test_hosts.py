"""Every region is spoken to by its own hosts, in presigned links and forms too: nothing is sent here, only signed."""

from __future__ import annotations

from urllib.parse import urlsplit

import boto3
import pytest

from chalicelib.core.aws import clients, objects
from chalicelib.core.aws.calls import behind
from chalicelib.core.settings import settings
from chalicelib.imports import files
from tools import cloud

REGIONS = boto3.session.Session().get_available_regions("s3")
"""Of the partition `aws`, which ARNs and the URLs of queues are written for."""


@pytest.fixture
def living_in(monkeypatch):
    """Moves the app and the commands to a region."""

    def forget() -> None:
        for kept in (behind.session, clients.client, cloud.client):
            kept.cache_clear()
        clients.clear()

    def move(region: str) -> None:
        monkeypatch.setenv("AWS_REGION", region)
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
        forget()

    yield move
    monkeypatch.undo()
    forget()


def test_botocore_knows_the_regions_of_today():
    assert {"us-east-1", "eu-central-1", "eu-south-2", "mx-central-1"} <= set(REGIONS)


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_links_and_forms_name_the_bucket_in_its_region(living_in, region):
    living_in(region)
    uploads, work = (f"{settings().bucket(name)}.s3.{region}.amazonaws.com" for name in ("uploads", "work"))
    form = files.upload_form("imports/people.csv")
    put = clients.client("s3").generate_presigned_url(
        "put_object", Params={"Bucket": settings().bucket("work"), "Key": "k"}
    )
    hosts = [urlsplit(url).netloc for url in (form["url"], objects.link("exports/all", "all.jsonl"), put)]
    assert hosts == [uploads, work, work]


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_commands_reach_the_region_itself(living_in, region):
    living_in(region)
    link = cloud.client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": "rollcall-deploy", "Key": "template.json"}
    )
    assert urlsplit(link).netloc == f"rollcall-deploy.s3.{region}.amazonaws.com"
    assert cloud.client("sts").meta.endpoint_url == f"https://sts.{region}.amazonaws.com"


@pytest.mark.slow
def test_the_local_cloud_has_the_bucket_in_the_path(living_in, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    living_in("eu-central-1")
    form, link = files.upload_form("imports/people.csv"), objects.link("exports/all", "all.jsonl")
    assert form["url"] == f"http://127.0.0.1:4566/{settings().bucket('uploads')}"
    assert link.startswith(f"http://127.0.0.1:4566/{settings().bucket('work')}/exports/all?")
