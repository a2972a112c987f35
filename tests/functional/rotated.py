"""Rotating a secret as Secrets Manager does: four steps, each of which may come more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.operate import ROTATION_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable


class Rotated:
    """The secret of that name, by its rotation function. Rotations are told apart by their numbers."""

    def __init__(self, function: Callable[[dict[str, Any]], None], name: str) -> None:
        self._function, self._name = function, name

    def step(self, name: str, number: int) -> None:
        self._function({"SecretId": self._name, "ClientRequestToken": f"{number:032}", "Step": name})

    def rotate(self, number: int, repeats: int = 1) -> None:
        for name in ROTATION_STEPS:
            for _ in range(repeats):
                self.step(name, number)
