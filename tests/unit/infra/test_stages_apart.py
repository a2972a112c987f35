"""No stage may touch a thing of another one, however alike their names are."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.names import (
    APP,
    BUCKETS,
    NO_STAGE,
    QUEUES,
    READ_MODEL_QUEUES,
    READ_MODEL_TABLES,
    SECRETS,
    STATE_MACHINES,
    TABLES,
    TOPICS,
    Names,
)
from infra import policies
from infra.arns import Arns, filled, log_group_name
from infra.functions import FUNCTIONS
from infra.stage import ALL_ON, Stage, StageError

HERE = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
WORDS = sorted(
    {
        word
        for thing in (*TABLES, *QUEUES, *READ_MODEL_TABLES, *READ_MODEL_QUEUES, *TOPICS, *SECRETS, *STATE_MACHINES)
        for word in thing.split("-")
    }
)
NAMES = st.lists(
    st.sampled_from([*WORDS, "dev", "prod", "eu", "dlq", "copy", "x", "abcdef"]), min_size=1, max_size=3
)


def things(stage: str) -> list[str]:
    """ARNs of what a stage has, as AWS makes them: with random letters where it appends some."""
    names, arns = Names(stage), Arns(Names(stage))
    secrets = [*SECRETS, "firebase-project", "firebase-app-keys"]
    return [
        filled(arn, HERE)
        for arn in (
            *(arns.table(table) for table in TABLES),
            *(arns.index(table, "kind-index") for table in TABLES),
            *(arns.queue(queue) for queue in (*QUEUES, *(f"{queue}-dlq" for queue in QUEUES), "streams-dlq")),
            *(arns.topic(topic) for topic in TOPICS),
            *(arns.secret(secret).replace("??????", "AbCd12") for secret in secrets),
            *(arns.bucket(bucket, "imports/x") for bucket in BUCKETS),
            *(arns.function(function.name) for function in FUNCTIONS),
            *(arns.state_machine(machine) for machine in STATE_MACHINES),
            *(arns.executions(machine).replace("*", "J1-R1") for machine in STATE_MACHINES),
            *(arns.log_group(function.name).replace(":*", ":log-stream:x") for function in FUNCTIONS),
            arns.kinesis("items"),
            arns.mail_configuration(),
            *(f"arn:aws:logs:::{log_group_name(names, function.name)}" for function in FUNCTIONS),
        )
    ]


def patterns(stage: str) -> set[str]:
    """The resources that the policies of a stage's functions name, but for those that every stage shares."""
    made = Stage(stage, ALL_ON)
    named = {
        resource
        for function in FUNCTIONS
        for allow in policies.statements(made, function)
        for resource in allow.resources
    }
    shared = {"*", Arns(made.names).mail_identity()}
    return {filled(each, HERE) for each in named - shared if "StreamArn" not in each}


def shared(one: str, other: str) -> list[tuple[str, str]]:
    return [
        (pattern, thing) for pattern in patterns(one) for thing in things(other) if fnmatchcase(thing, pattern)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"), list(permutations(["dev", "dev-eu", "dev-eu-2", "dev-app-keys", "dev-mail"], 2))
)
def test_stages_whose_names_begin_alike_share_nothing(one, other):
    assert shared(one, other) == []


@pytest.mark.slow
@given(NAMES, NAMES)
def test_no_two_stages_share_anything(some, more):
    one, other = "-".join(some)[:13].rstrip("-"), "-".join([*some, *more])[:13].rstrip("-")
    if one != other and Stage(one, {}) and Stage(other, {}):
        assert shared(one, other) == []
        assert shared(other, one) == []
        assert not set(things(one)) & set(things(other))


@pytest.mark.parametrize("word", sorted(NO_STAGE))
def test_what_would_be_taken_for_a_thing_of_another_stage_is_no_stage(word):
    for name in (word, f"a-{word}", f"{word}-a"):
        with pytest.raises(StageError, match="would be taken for its own"):
            Stage(name[:13], {})
    Stage(f"{word[:6]}x", {})


def test_each_function_that_a_stage_could_be_called_like_is_no_stage():
    words = {function.name for function in FUNCTIONS if "_" not in function.name}
    assert words <= NO_STAGE
    assert APP not in words
