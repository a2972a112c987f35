"""How many hashes one process computes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from chalicelib.core.errors import Unavailable
from chalicelib.passwords.schemes.at_once import AtOnce


def test_no_more_turns_are_taken_than_there_are_and_no_wait_is_endless():
    at_once, is_taken, may_end = AtOnce(2, seconds=0.005), Event(), Event()

    def hold() -> None:
        with at_once.turn():
            is_taken.set()
            may_end.wait(5)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        is_taken.wait(5)
        with at_once.turn(), pytest.raises(Unavailable):
            at_once.turn().__enter__()
        may_end.set()
        holding.result(5)
    with at_once.turn(), at_once.turn():
        pass


def test_a_turn_is_given_back_after_a_failure():
    at_once = AtOnce(1, seconds=0.005)
    for _ in range(2):
        with pytest.raises(ValueError, match="as it is"), at_once.turn():
            raise ValueError("as it is")
