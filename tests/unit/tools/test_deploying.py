"""A deployment can fail, be repeated, and lead from any state to the same stage. Against `tests.fake_account`."""

from __future__ import annotations

import copy
import json

import pytest

from infra import template as templates
from infra.stage import Stage
from tests.fake_account import ACCOUNT, REGION, FakeAccount
from tools.cloudformation import Deployer
from tools.console import Problem

STACK = "rollcall-prod"
TABLE, BUCKET, SECRET = "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"
IDENTITY = "AWS::SES::EmailIdentity"
KEPT = {TABLE, BUCKET, SECRET, IDENTITY}
PARAMETERS = {"PublicUrl": "https://accounts.example", "MailDomain": "accounts.example"}
DEPLOYMENTS = f"rollcall-deployments-{ACCOUNT}-{REGION}"

PROD = templates.standalone(Stage("prod", {}))
DEV = templates.standalone(Stage("dev", {}))
LAST = list(PROD["Resources"])[-1]
"""Made after all tables, buckets and secrets."""


class Owner:
    """Somebody with an account, who deploys."""

    def __init__(self):
        self.account = FakeAccount()
        self.cloudformation = self.account.cloudformation
        self.deployer = Deployer(
            self.account.client, account=ACCOUNT, region=REGION, pause=self.account.pause, now=self.account.now
        )

    def deploys(self, template=PROD, code=None, **parameters):
        return self.deployer.deploy(
            STACK, template, parameters={**PARAMETERS, **parameters}, code=code, bucket=DEPLOYMENTS
        )

    def status(self):
        return self.deployer.stacks.describe(STACK)["StackStatus"]

    def table(self, name="users"):
        return self.account.things[TABLE, f"rollcall-prod-{name}"]


@pytest.fixture
def owner():
    return Owner()


def indexes(table):
    return [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])]


def index(name, attribute, projection="KEYS_ONLY"):
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
    }


def with_indexes(template, added=(), gone=(), table="UsersTable"):
    made = copy.deepcopy(template)
    properties = made["Resources"][table]["Properties"]
    kept = [each for each in properties.get("GlobalSecondaryIndexes", []) if each["IndexName"] not in gone]
    properties["GlobalSecondaryIndexes"] = kept + [index(name, f"of_{name}") for name in added]
    types = {each["AttributeName"]: each for each in properties["AttributeDefinitions"]}
    used = [key["AttributeName"] for key in properties["KeySchema"]]
    used += [key["AttributeName"] for each in properties["GlobalSecondaryIndexes"] for key in each["KeySchema"]]
    properties["AttributeDefinitions"] = [
        types.get(name, {"AttributeName": name, "AttributeType": "S"}) for name in dict.fromkeys(used)
    ]
    return made


def without(template, *logical):
    made = copy.deepcopy(template)
    for name in logical:
        del made["Resources"][name]
    made["Outputs"] = {}
    return made


def test_a_second_deployment_of_the_same_changes_nothing(owner):
    assert owner.deploys()
    assert not owner.deploys()
    assert owner.status() == "UPDATE_COMPLETE"


@pytest.mark.slow
def test_tables_of_prod_are_protected_in_the_end_and_not_before_all_is_there(owner):
    owner.cloudformation.fails = {LAST}
    with pytest.raises(Problem, match=f"ROLLBACK_COMPLETE:\n  {LAST} .*cannot be made$"):
        owner.deploys()
    assert owner.account.things == {}
    owner.cloudformation.fails = set()
    owner.deploys()
    assert all(owner.table(name)["DeletionProtectionEnabled"] for name in ("users", "credentials", "jobs"))


@pytest.mark.slow
@pytest.mark.parametrize("logical", ["UsersTable", "WorkBucket", "AppKeysSecret", LAST])
@pytest.mark.parametrize("template", [PROD, DEV], ids=["prod", "dev"])
def test_a_first_deployment_that_fails_anywhere_can_be_repeated(owner, template, logical):
    owner.cloudformation.fails = {logical}
    with pytest.raises(Problem, match=r"ended in (UPDATE_)?ROLLBACK_COMPLETE"):
        owner.deploys(template)
    owner.cloudformation.fails = set()
    assert owner.deploys(template)
    assert not owner.deploys(template)


def test_nothing_of_the_templates_stays_when_its_first_deployment_fails(owner):
    owner.cloudformation.fails = {LAST}
    with pytest.raises(Problem, match=r"ended in (UPDATE_)?ROLLBACK_COMPLETE"):
        owner.deploys()
    assert owner.account.things == {}


@pytest.mark.parametrize("protected", ["yes", "no"])
def test_with_other_tools_a_parameter_says_when_to_protect(owner, protected):
    """The default is for updates: it never takes protection off a stage that has it."""
    assert PROD["Parameters"]["ProtectTables"]["Default"] == "yes"
    owner.deploys(ProtectTables=protected)
    assert owner.table()["DeletionProtectionEnabled"] is (protected == "yes")


def test_whom_a_deleted_prod_leaves_behind_is_there_again_after_the_next_deployment(owner):
    owner.deploys()
    for thing in owner.account.things.values():
        thing["content"].append("Ada")
    owner.deployer.stacks.delete(STACK)
    assert owner.account.names(TABLE) == {f"rollcall-prod-{name}" for name in tables()}
    assert owner.account.names(BUCKET)
    assert owner.account.names(SECRET)

    assert owner.deploys()
    kept = [
        thing["content"] for (kind, _), thing in owner.account.things.items() if kind in {TABLE, BUCKET, SECRET}
    ]
    assert kept == [["Ada"]] * len(kept)
    assert owner.table()["DeletionProtectionEnabled"]
    assert not owner.deploys()


def test_everything_that_prod_keeps_is_taken_back():
    """A kind of resource that stays behind under its name, and that no deployment takes back, blocks the next one."""
    resources = PROD["Resources"].values()
    assert {each["Type"] for each in resources if each.get("DeletionPolicy", "Delete") != "Delete"} == KEPT


def test_an_identity_of_mail_that_the_stage_does_not_make_is_left_alone(owner):
    owner.account.make(IDENTITY, "accounts.example", {})
    owner.deploys(MailIdentityMode="existing")
    assert "MailIdentity" not in owner.cloudformation.stacks[STACK]["resources"]


def tables():
    from chalicelib.core.names import TABLES

    return TABLES


@pytest.mark.slow
def test_tables_of_an_earlier_version_are_taken_back_and_then_brought_up_to_date(owner):
    earlier = without(with_indexes(PROD, gone=["age-index", "name-index"], added=["old-index"]), "MailTable")
    owner.deploys(earlier)
    owner.deployer.stacks.delete(STACK)
    owner.deploys()
    assert sorted(indexes(owner.table())) == sorted(indexes(PROD["Resources"]["UsersTable"]["Properties"]))
    assert owner.table("mail")["DeletionProtectionEnabled"]


@pytest.mark.slow
def test_a_table_that_an_older_version_does_not_know_waits_for_the_newer_one(owner):
    owner.deploys()
    owner.table("mail")["content"].append("Ada")
    older = without(PROD, "MailTable", "MailIdentity")
    owner.deploys(older)
    assert owner.table("mail")["content"] == ["Ada"]
    owner.deploys()
    assert owner.table("mail")["content"] == ["Ada"]
    assert not owner.deploys()


def test_an_import_says_of_a_table_what_is_so(owner):
    """Where it says that a stream is on which is not, nothing ever turns it on."""
    owner.deploys()
    owner.deployer.stacks.delete(STACK)
    for setting in ("StreamSpecification", "TimeToLiveSpecification", "SSESpecification"):
        del owner.table()[setting]
    owner.deploys()
    expected = {**PROD["Resources"]["UsersTable"]["Properties"], "SSESpecification": {"SSEEnabled": True}}
    for setting in ("StreamSpecification", "TimeToLiveSpecification", "SSESpecification"):
        assert owner.table()[setting] == expected[setting]


def test_an_import_that_did_not_get_further_is_gone_on_with(owner):
    owner.deploys()
    owner.deployer.stacks.delete(STACK)
    owner.cloudformation.fails = {LAST}
    with pytest.raises(Problem, match=r"ended in (UPDATE_)?ROLLBACK_COMPLETE"):
        owner.deploys()
    owner.cloudformation.fails = set()
    owner.table()["content"].append("Ada")
    owner.deploys()
    assert owner.table()["content"] == ["Ada"]


def test_a_secret_that_is_being_deleted_is_not_waited_for(owner):
    owner.account.make(SECRET, "rollcall-prod-app-keys", {"deleted": True})
    with pytest.raises(Problem, match="restore-secret"):
        owner.deploys()


def test_a_bucket_of_somebody_else_stops_the_deployment(owner):
    name = f"rollcall-prod-work-{ACCOUNT}-{REGION}"
    owner.account.buckets[name] = {"owner": "another", "objects": {}}
    with pytest.raises(Problem, match="not yours"):
        owner.deploys()


@pytest.mark.slow
@pytest.mark.parametrize(
    "status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "IMPORT_ROLLBACK_COMPLETE"]
)
def test_a_stack_that_never_lived_is_made_anew(owner, status):
    in_state(owner, status)
    owner.deploys()
    assert owner.cloudformation.calls.count("delete_stack") == 1
    assert owner.status() == "UPDATE_COMPLETE"


def test_a_change_set_that_nobody_executed_is_no_stack(owner):
    in_state(owner, "REVIEW_IN_PROGRESS")
    assert not owner.deployer.stacks.exists(STACK)
    owner.deploys()
    assert owner.status() == "UPDATE_COMPLETE"


def test_a_rollback_that_got_stuck_is_continued_first(owner):
    owner.deploys()
    owner.cloudformation.stacks[STACK]["status"] = "UPDATE_ROLLBACK_FAILED"
    assert owner.deploys(PublicUrl="https://another.example")
    assert "continue_update_rollback" in owner.cloudformation.calls


@pytest.mark.parametrize(
    "status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"]
)
def test_what_somebody_else_is_doing_is_waited_for(owner, status):
    owner.deploys()
    owner.cloudformation.stacks[STACK]["coming"] = [status] * 5
    assert owner.deploys(PublicUrl="https://another.example")


def test_a_deletion_under_way_is_waited_for_too(owner):
    owner.deploys()
    owner.cloudformation.delete_stack(StackName=STACK)
    owner.deploys()
    assert owner.status() == "UPDATE_COMPLETE"


@pytest.mark.slow
def test_waiting_has_an_end(owner):
    owner.deploys()
    owner.cloudformation.stacks[STACK]["coming"] = ["UPDATE_IN_PROGRESS"] * 100_000
    with pytest.raises(Problem, match="still being changed"):
        owner.deploys()


@pytest.mark.parametrize(
    ("status", "advice"), [("DELETE_FAILED", "delete it again"), ("UPDATE_FAILED", f"--stack-name {STACK}")]
)
def test_a_state_that_wants_a_person_says_so(owner, status, advice):
    owner.deploys()
    owner.cloudformation.stacks[STACK]["status"] = status
    with pytest.raises(Problem, match=advice):
        owner.deploys()


def test_throttling_is_borne_and_has_an_end(owner):
    owner.cloudformation.throttles = 5
    owner.deploys()
    owner.cloudformation.throttles = 1000
    with pytest.raises(Exception, match="Rate exceeded"):
        owner.deploys()
    assert owner.account.time < 600


@pytest.mark.slow
def test_indexes_come_one_by_one_before_the_code_that_reads_them(owner):
    owner.deploys()
    newer = with_indexes(PROD, added=["one-index", "two-index"])
    newer = with_indexes(newer, added=["three-index"], table="JobsTable")
    newer["Resources"]["Code"] = {"Type": "AWS::Serverless::Function", "Properties": {"FunctionName": "newer"}}
    owner.cloudformation.fails = {"Code"}
    with pytest.raises(Problem, match=r"ended in (UPDATE_)?ROLLBACK_COMPLETE"):
        owner.deploys(newer)
    assert {"one-index", "two-index"} <= set(indexes(owner.table()))
    assert "three-index" in indexes(owner.table("jobs"))
    owner.cloudformation.fails = set()
    assert owner.deploys(newer)
    assert not owner.deploys(newer)


@pytest.mark.slow
def test_indexes_go_one_by_one_after_the_code_that_read_them(owner):
    owner.deploys()
    newer = with_indexes(PROD, gone=["age-index", "name-index"])
    newer["Resources"]["Code"] = {"Type": "AWS::Serverless::Function", "Properties": {"FunctionName": "newer"}}
    owner.cloudformation.fails = {"Code"}
    with pytest.raises(Problem, match=r"ended in (UPDATE_)?ROLLBACK_COMPLETE"):
        owner.deploys(newer)
    assert indexes(owner.table()) == indexes(PROD["Resources"]["UsersTable"]["Properties"])
    owner.cloudformation.fails = set()
    owner.deploys(newer)
    assert not {"age-index", "name-index"} & set(indexes(owner.table()))


@pytest.mark.slow
def test_indexes_are_exchanged(owner):
    owner.deploys()
    newer = with_indexes(PROD, gone=["age-index", "name-index"], added=["one-index", "two-index", "three-index"])
    newer = with_indexes(newer, gone=["user-index"], table="MailTable")
    owner.deploys(newer)
    wanted = newer["Resources"]["UsersTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert owner.table()["GlobalSecondaryIndexes"] == [
        {name: value for name, value in index.items() if name != "WarmThroughput"} for index in wanted
    ]
    assert indexes(owner.table("mail")) == []
    assert not owner.deploys(newer)


@pytest.mark.slow
def test_new_parameters_do_not_hinder_a_new_index(owner):
    owner.deploys()
    newer = with_indexes(PROD, added=["one-index", "two-index"])
    newer["Parameters"]["Further"] = {"Type": "String"}
    owner.deploys(newer, Further="yes")
    assert {"one-index", "two-index"} <= set(indexes(owner.table()))


@pytest.mark.slow
def test_a_new_table_in_a_release_that_fails_is_taken_back(owner):
    owner.deploys(without(PROD, "MailTable"))
    owner.cloudformation.fails = {LAST}
    newer = copy.deepcopy(PROD)
    with pytest.raises(Problem, match="UPDATE_ROLLBACK_COMPLETE"):
        owner.deploys(newer)
    assert "rollcall-prod-mail" not in owner.account.names(TABLE)
    assert owner.table()["DeletionProtectionEnabled"]
    owner.cloudformation.fails = set()
    owner.deploys(newer)
    assert owner.table("mail")["DeletionProtectionEnabled"]


def test_another_key_is_refused_before_anything_changes(owner):
    owner.deploys()
    before = copy.deepcopy(owner.account.things)
    newer = with_indexes(PROD, added=["one-index"])
    newer["Resources"]["MailTable"]["Properties"]["KeySchema"][0]["AttributeName"] = "another"
    with pytest.raises(Problem, match="MailTable has another key"):
        owner.deploys(newer)
    assert owner.account.things == before


def test_another_index_under_the_same_name_is_refused_before_anything_changes(owner):
    owner.deploys()
    before = copy.deepcopy(owner.account.things)
    newer = copy.deepcopy(PROD)
    newer["Resources"]["UsersTable"]["Properties"]["GlobalSecondaryIndexes"][0]["Projection"] = {
        "ProjectionType": "KEYS_ONLY"
    }
    with pytest.raises(Problem, match="under the name of age-index"):
        owner.deploys(newer)
    assert owner.account.things == before


@pytest.mark.parametrize(("logical", "name"), [("UsersTable", "TableName"), ("AppKeysSecret", "Name")])
def test_what_would_put_an_empty_one_in_the_place_of_data_is_refused(owner, logical, name):
    owner.deploys()
    newer = copy.deepcopy(PROD)
    newer["Resources"][logical]["Properties"][name] = "another"
    with pytest.raises(Problem, match=f"would replace {logical}"):
        owner.deploys(newer)


def test_the_deployment_bucket_keeps_its_promises(owner):
    owner.account.buckets[DEPLOYMENTS] = {
        "owner": ACCOUNT,
        "objects": {},
        "bucket_lifecycle_configuration": "what an earlier version set",
    }
    owner.deploys()
    bucket = owner.account.buckets[DEPLOYMENTS]
    assert bucket["bucket_versioning"] == {"VersioningConfiguration": {"Status": "Enabled"}}
    assert all(bucket["public_access_block"]["PublicAccessBlockConfiguration"].values())
    assert "AES256" in json.dumps(bucket["bucket_encryption"])
    (rule,) = bucket["bucket_lifecycle_configuration"]["LifecycleConfiguration"]["Rules"]
    assert "Expiration" not in rule
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    (statement,) = json.loads(bucket["bucket_policy"]["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_a_local_cloud_without_tls_gets_no_policy_that_asks_for_it(owner):
    owner.account.client("s3").meta.endpoint_url = "http://127.0.0.1:4566"
    owner.deploys()
    assert "bucket_policy" not in owner.account.buckets[DEPLOYMENTS]


@pytest.mark.parametrize("before", [False, True], ids=["first", "later"])
def test_nothing_is_put_into_a_bucket_that_is_somebody_elses(owner, before):
    if before:
        owner.deploys()
    owner.account.buckets[DEPLOYMENTS] = {"owner": "another", "objects": {}}
    with pytest.raises(Problem, match="DEPLOYMENTS_BUCKET"):
        owner.deploys()
    assert owner.account.buckets[DEPLOYMENTS]["objects"] == {}


def test_a_bucket_of_an_earlier_version_is_mended_and_none_is_made(owner):
    owner.deployer.bucket("earlier").mend()
    assert owner.account.buckets == {}
    owner.account.buckets["earlier"] = {"owner": ACCOUNT, "objects": {}}
    owner.deployer.bucket("earlier").mend()
    assert "bucket_policy" in owner.account.buckets["earlier"]
    owner.account.buckets["earlier"] = {"owner": "another", "objects": {}}
    owner.deployer.bucket("earlier").mend()
    assert "bucket_policy" not in owner.account.buckets["earlier"]


def test_the_same_code_is_uploaded_once(owner, tmp_path):
    code = tmp_path / "deployment.zip"
    code.write_bytes(b"code")
    owner.deploys(code=code)
    owner.deploys(code=code)
    assert owner.account.client("s3").uploads == 1


def in_state(owner, status):
    """A stack of that name without resources, in this state."""
    owner.cloudformation.stacks[STACK] = {
        "status": status,
        "coming": [],
        "template": None,
        "parameters": {},
        "resources": {},
        "events": [],
    }
