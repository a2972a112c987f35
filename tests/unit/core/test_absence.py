"""One place says what a missing thing looks like from inside a function."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import chalicelib
from chalicelib.core.aws.absence import ABSENT, reading
from chalicelib.core.errors import Gone
from infra.policies import all_documents
from infra.stage import Stage
from infra.state_machines import RETRY

ROOT = Path(chalicelib.__file__).parent

READS = re.compile(r"\.(get_object|head_object|copy_object|upload_part_copy)\(")


@pytest.mark.parametrize("code", sorted(ABSENT))
def test_what_is_not_there_is_gone(code):
    with pytest.raises(Gone, match=rf"the file is not there any more, .*\({code}\)"), reading("the file"):
        raise ClientError({"Error": {"Code": code}}, "GetObject")


@pytest.mark.parametrize("code", ["SlowDown", "NoSuchBucket", "ThrottlingException", ""])
def test_anything_else_is_what_it_was(code):
    with pytest.raises(ClientError, match="when calling the GetObject"), reading("the file"):
        raise ClientError({"Error": {"Code": code}}, "GetObject")


def test_no_other_place_takes_a_code_for_absence():
    named = re.compile(r"NoSuchKey|NoSuchVersion|ResourceNotFoundException|\"40[34]\"")
    found = {
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if named.search(path.read_text("utf-8"))
    }
    # Versions of a secret that the policy names exactly.
    assert found == {"core/aws/absence.py", "core/aws/secret_cache.py", "core/aws/secret_rotation.py"}


def test_whoever_reads_objects_reads_them_so():
    sources = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ROOT.rglob("*.py")}
    readers = {name for name, source in sources.items() if READS.search(source)}
    assert readers == {"core/aws/objects.py", "imports/files.py", "replication/replicas.py"}
    assert [name for name in readers if "with reading(" not in sources[name]] == []


@pytest.mark.parametrize(
    "stage", [Stage("prod", {}), Stage("local", {}, emulated=True)], ids=lambda stage: stage.name
)
def test_nobody_may_list_a_bucket(stage):
    actions = {
        action
        for document in all_documents(stage).values()
        for statement in document["Statement"]
        for action in statement["Action"]
    }
    assert not any(action.startswith("s3:List") for action in actions)


def test_a_state_machine_does_not_try_again_what_is_gone():
    assert not {"Gone", "Refused", "FileRefused", "States.TaskFailed", "States.ALL"} & set(RETRY[0]["ErrorEquals"])
