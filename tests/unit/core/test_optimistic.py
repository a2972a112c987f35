"""Read, decide, write on condition: how often, with what, and what is raised in the end."""

from __future__ import annotations

import pytest

from chalicelib.core.aws.dynamo import ConditionFailed
from chalicelib.core.aws.optimistic import ATTEMPTS, optimistic
from chalicelib.core.errors import Conflict, Unavailable


class Contended:
    """A record that is at another version in each of the first `rounds` attempts."""

    def __init__(self, rounds: int, error=ConditionFailed) -> None:
        self.rounds, self.error, self.seen = rounds, error, []

    def __call__(self, present):
        self.seen.append(present)
        if len(self.seen) <= self.rounds:
            raise self.error({"version": len(self.seen)} if self.error is ConditionFailed else "lost")
        return "done"


def test_what_nobody_else_changes_is_attempted_once():
    attempt = Contended(0)
    assert optimistic(attempt, {"version": 0}, exhausted=Unavailable()) == "done"
    assert attempt.seen == [{"version": 0}]


def test_each_further_attempt_gets_what_the_condition_met():
    attempt = Contended(ATTEMPTS - 1)
    assert optimistic(attempt, {"version": 0}, exhausted=Unavailable()) == "done"
    assert attempt.seen == [{"version": number} for number in range(ATTEMPTS)]


def test_after_the_last_attempt_the_caller_s_error_is_raised():
    attempt = Contended(ATTEMPTS)
    with pytest.raises(Unavailable, match="others"):
        optimistic(attempt, exhausted=Unavailable("changed by others"))
    assert len(attempt.seen) == ATTEMPTS


def test_another_error_than_the_one_that_means_a_lost_race_is_raised_at_once():
    attempt = Contended(1, Conflict)
    with pytest.raises(Conflict, match="lost"):
        optimistic(attempt, exhausted=Unavailable())
    assert len(attempt.seen) == 1
    attempt = Contended(1, Conflict)
    assert optimistic(attempt, {"version": 0}, lost=Conflict, exhausted=Unavailable()) == "done"
    assert attempt.seen == [{"version": 0}, None]
