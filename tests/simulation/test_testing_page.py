"""The story that the page on testing works out is a real one: its code runs as it stands there."""

from __future__ import annotations

import re
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.simulation.stories import HANDLERS
from tests.unit.docs import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

(CODE,) = re.findall(r"```python\n(.*?)```", markdown.page("docs/testing.md"), flags=re.DOTALL)
TESTS = re.findall(r"^def (test_\w+)", CODE, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def page() -> Iterator[ModuleType]:
    """The page's code as a module. Its story is no longer among those of `stories.py` afterwards."""
    module, before = ModuleType("testing_page"), dict(HANDLERS)
    exec(CODE, vars(module))
    HANDLERS.clear()
    HANDLERS.update(before)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTS)
def test_the_story_of_the_page(name, page):
    getattr(page, name)()
