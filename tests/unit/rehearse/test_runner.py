"""The order of steps, what a failure keeps from running, and that everything is taken away again."""

from __future__ import annotations

import pytest

from tests.unit.rehearse.rehearsing import Time, a_rehearsal
from tools.rehearse.runner import MINUTES, Runner
from tools.rehearse.steps import Failed, Skipped, step


def a_step(name, ran, *, raises=None, then=lambda: None, **options):
    def run(_):
        """A title.

        What it proves.
        """
        ran.append(name)
        then()
        if raises:
            raise raises
        return {"step": name}

    run.__name__ = name
    return step(**options)(run)


def results(outcomes):
    return {outcome.step.name: outcome.result for outcome in outcomes}


def test_steps_run_in_their_order_and_those_that_take_away_last():
    ran = []
    steps = [a_step("first", ran), a_step("delete", ran, always=True), a_step("second", ran, needs=("first",))]
    outcomes = Runner(steps, a_rehearsal()).run()
    assert ran == ["first", "second", "delete"]
    assert results(outcomes) == {"first": "passed", "second": "passed", "delete": "passed"}
    assert outcomes[0].evidence == {"step": "first"}


@pytest.mark.parametrize("error", [Failed("no"), ValueError("no"), OSError("no"), AssertionError("no")])
def test_a_failure_stops_what_needs_it_and_nothing_else(error):
    ran = []
    steps = [
        a_step("broken", ran, raises=error, look="there"),
        a_step("needing", ran, needs=("broken",)),
        a_step("needing-that", ran, needs=("needing",)),
        a_step("independent", ran),
        a_step("delete", ran, always=True),
    ]
    outcomes = Runner(steps, a_rehearsal()).run()
    assert ran == ["broken", "independent", "delete"]
    broken, needing, deeper, *_ = outcomes
    assert (broken.result, broken.look) == ("failed", "there")
    assert "no" in broken.reason
    assert (needing.result, needing.reason) == ("skipped", "it needs broken, which failed")
    assert (deeper.result, deeper.reason) == ("skipped", "it needs needing, which was skipped")


def test_a_failure_says_where_to_look_and_keeps_its_figures():
    steps = [a_step("broken", [], raises=Failed("two of them", "the log", count=2), look="elsewhere")]
    (outcome,) = Runner(steps, a_rehearsal()).run()
    assert (outcome.reason, outcome.look, outcome.evidence) == ("two of them", "the log", {"count": 2})


def test_an_interruption_skips_the_rest_and_still_deletes():
    ran, shielded = [], []
    steps = [
        a_step("interrupted", ran, raises=KeyboardInterrupt()),
        a_step("next", ran),
        a_step("delete", ran, always=True, then=lambda: shielded.append(bool(shielded))),
    ]
    outcomes = Runner(steps, a_rehearsal(), shield=lambda: shielded.append("up")).run()
    assert ran == ["interrupted", "delete"]
    assert shielded == ["up", True]
    assert outcomes[1].reason == "the rehearsal was interrupted during interrupted"
    assert results(outcomes)["delete"] == "passed"


def test_an_interruption_between_steps_still_deletes():
    ran, interruptions = [], [KeyboardInterrupt()]

    def save(_):
        if interruptions:
            raise interruptions.pop()

    steps = [a_step("first", ran), a_step("second", ran), a_step("delete", ran, always=True)]
    outcomes = Runner(steps, a_rehearsal(), save=save).run()
    assert ran == ["first", "delete"]
    assert results(outcomes) == {"first": "passed", "second": "skipped", "delete": "passed"}


def test_what_takes_away_runs_though_another_such_step_failed():
    ran = []
    steps = [a_step("delete", ran, raises=Failed("stuck"), always=True), a_step("verify", ran, always=True)]
    assert results(Runner(steps, a_rehearsal()).run()) == {"delete": "failed", "verify": "passed"}


def test_keeping_leaves_everything_and_says_so():
    ran = []
    steps = [a_step("deploy", ran), a_step("delete", ran, always=True)]
    outcomes = Runner(steps, a_rehearsal(), keep="KEEP=yes: remove it with that").run()
    assert ran == ["deploy"]
    assert (outcomes[1].result, outcomes[1].reason) == ("skipped", "KEEP=yes: remove it with that")


def test_a_step_may_say_that_it_does_not_apply():
    (outcome,) = Runner([a_step("odd", [], raises=Skipped("no such secret"))], a_rehearsal()).run()
    assert (outcome.result, outcome.reason) == ("skipped", "no such secret")


def test_what_the_local_cloud_cannot_do_is_skipped_there_alone():
    ran = []
    steps = [a_step("restore", ran, aws_only="it restores nothing")]
    (outcome,) = Runner(steps, a_rehearsal(local=True)).run()
    assert (ran, outcome.result, outcome.reason) == ([], "skipped", "it restores nothing")
    assert results(Runner(steps, a_rehearsal()).run()) == {"restore": "passed"}


def test_nothing_is_begun_that_would_leave_no_time_to_delete():
    time, ran = Time(), []
    steps = [
        a_step("long", ran, then=lambda: time.pause(40 * 60), minutes=30),
        a_step("longer", ran, minutes=MINUTES - 40 - 9),
        a_step("short", ran, minutes=MINUTES - 40 - 11),
        a_step("delete", ran, minutes=10, always=True),
    ]
    outcomes = Runner(steps, a_rehearsal(), now=time.now).run()
    assert ran == ["long", "short", "delete"]
    assert "too little is left" in outcomes[1].reason
    assert outcomes[0].seconds == 40 * 60


def test_outcomes_are_saved_after_every_step():
    saved = []
    steps = [a_step("first", []), a_step("second", [])]
    Runner(steps, a_rehearsal(), save=lambda outcomes: saved.append(len(outcomes))).run()
    assert saved == [1, 2]


def test_what_was_done_before_counts():
    earlier = Runner([a_step("preflight", [])], a_rehearsal()).run()
    steps = [a_step("deploy", [])]
    assert results(Runner(steps, a_rehearsal()).run(earlier)) == {"preflight": "passed", "deploy": "passed"}


@pytest.mark.parametrize(
    "steps",
    [
        [a_step("a", [], needs=("b",)), a_step("b", [])],
        [a_step("a", []), a_step("a", [])],
        [a_step("a", [], needs=("b",)), a_step("b", [], always=True)],
    ],
)
def test_an_order_that_cannot_work_is_refused_before_anything_runs(steps):
    with pytest.raises(ValueError, match=r"two steps|come before"):
        Runner(steps, a_rehearsal())


def test_waiting_ends_at_its_deadline():
    rehearsal = a_rehearsal()
    with pytest.raises(Failed, match="within 2 minutes, the moon did not happen"):
        rehearsal.until(lambda: None, "the moon", 2)
    assert 120 < rehearsal.now() < 135
    assert rehearsal.until(iter([0, 0, 7]).__next__, "seven", 2) == 7
