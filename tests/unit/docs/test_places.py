"""The table of who may write where, and what a forged message does there, leaves out no place of a stage."""

from __future__ import annotations

import re
from itertools import chain

from chalicelib.core.names import STATE_MACHINES, TOPICS
from infra import policies
from infra.functions import FUNCTIONS
from infra.stage import ALL_ON, Stage
from tests.unit.docs import markdown
from tests.unit.docs.markdown import codes, rows, section

TABLE = rows(section(markdown.page("docs/security.md"), "What a forged message does"))
PLACES = [code for row in TABLE for code in codes(row[0])]
STAGE = Stage("prod", ALL_ON)


def test_every_queue_topic_and_state_machine_is_told():
    named = {f"queue {name}" for name in (*STAGE.queues, *STAGE.dead_letters)} | {
        f"topic {name}" for name in TOPICS
    }
    named |= {f"execution {name}" for name in STATE_MACHINES} | {"Kinesis items"}
    told = {code for code in PLACES if re.match("queue |topic |execution |Kinesis ", code)}
    assert told == named


def test_every_function_is_told():
    assert {code for code in PLACES if re.fullmatch(r"[a-z_]+", code)} == {
        function.name for function in FUNCTIONS if function.name != "api_handler"
    }


def test_every_prefix_that_a_function_reads_is_told():
    read = chain.from_iterable(
        allow.resources
        for function in FUNCTIONS
        for allow in policies.statements(STAGE, function)
        if any(action.startswith("s3:GetObject") for action in allow.actions)
    )
    prefixes = {re.sub(r".*:::rollcall-prod-(\w+)-.*?/", r"\1/", resource) for resource in read}
    told = {code for code in PLACES if re.match("(uploads|work|uploads-copy)/", code)}
    assert told == prefixes | {"uploads-copy/*"}


def test_every_row_names_a_test():
    assert [row[0] for row in TABLE if "::" not in row[3]] == []
