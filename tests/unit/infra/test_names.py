"""Names that AWS shares more widely than a region, and the room that they have."""

from __future__ import annotations

import json

import botocore.session
import pytest

from chalicelib.core.names import BUCKETS, STAGE_LENGTH, Names
from infra import template
from infra.stage import ALL_ON, Stage, StageError

ACCOUNT = "123456789012"

SHARED = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::S3::Bucket": "BucketName",
}
"""Types whose names an account has once for all of its regions (or the whole world, for buckets)."""


@pytest.mark.parametrize("made_by", [template.merge, template.standalone])
def test_a_name_that_is_not_the_regions_own_carries_the_region(made_by):
    resources = made_by(Stage("prod", ALL_ON))["Resources"]
    named = {
        logical: resource["Properties"].get(SHARED[resource["Type"]])
        for logical, resource in resources.items()
        if resource.get("Type") in SHARED and SHARED[resource["Type"]] in resource["Properties"]
    }
    assert {"UploadsBucket", "UploadsCopyBucket", "WorkBucket", "Dashboard"} <= named.keys()
    assert [logical for logical, name in named.items() if "${AWS::Region}" not in json.dumps(name)] == []


@pytest.mark.slow
def test_the_longest_bucket_of_the_longest_stage_fits_everywhere():
    regions = botocore.session.get_session().get_available_regions("s3")
    longest = Names("s" * STAGE_LENGTH)
    names = [longest.bucket(bucket, ACCOUNT, region) for bucket in BUCKETS for region in regions]
    assert max(map(len, names)) == 63


def test_a_copy_is_its_bucket_with_copy_behind_it():
    names = Names("dev")
    uploads = names.bucket("uploads", ACCOUNT, "eu-central-1")
    assert uploads == f"rollcall-dev-uploads-{ACCOUNT}-eu-central-1"
    assert names.bucket("uploads-copy", ACCOUNT, "eu-central-1") == f"{uploads}-copy"


@pytest.mark.parametrize(
    "name", ["", "s" * (STAGE_LENGTH + 1), "Dev", "a_b", "1st", "a--b", "a-", "-a", "a.b", "dév"]
)
def test_a_stage_whose_name_is_no_part_of_a_buckets_is_refused(name):
    with pytest.raises(StageError, match="cannot be a stage"):
        Stage(name, {})


@pytest.mark.parametrize("name", ["dev", "prod", "eu-2", "s" * STAGE_LENGTH])
def test_other_stages_may_be(name):
    assert Stage(name, {}).names.api == f"rollcall-{name}"
