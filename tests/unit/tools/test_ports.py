"""What `make run` says where one of its ports is taken."""

from __future__ import annotations

import socket

import pytest

from tools.console import Problem
from tools.localcloud import require_free


def test_the_next_port_is_offered_and_not_that_of_the_recipes():
    """9000 is where docs/recipes.md starts a page that signs in at port 8000."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=rf"^port {port}, .* make run PORT={port + 1}$"):
            require_free(port, "the API", "PORT")
