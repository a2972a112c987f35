"""People are exported by the program: into a file that is called after its format, with what it leaves out."""

from __future__ import annotations

import json

import pytest

from rollcall_cli.http import Response
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.program import Program
from tests.functional.test_cli_http import serving
from tests.functional.visitors import visitor

ADMIN = "root@example.com"


class Downloading(Program):
    """A link leads to this machine, and not to the bucket."""

    link = ""

    def send(self, request):
        answer = super().send(request)
        document = json.loads(answer.body or "null")
        if isinstance(document, dict) and document.get("link"):
            return Response(answer.status, answer.headers, json.dumps({**document, "link": self.link}).encode())
        return answer


@pytest.mark.slow
def test_people_are_exported_for_another_system(chalice_client, state_machines, tmp_path, held_clock):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Downloading(chalice_client, tmp_path, state_machines)
    program.run("login", answers=(ADMIN, PASSWORD, app_of(visitor(ADMIN)).code()))
    program.waiting = lambda: [state_machines.run_export(each) for each in state_machines.started("export")]
    target = tmp_path / "out.csv"
    with serving(b"the file") as program.link:
        done = program.run("export", str(target), "--format", "cognito", "--credentials", "--hashes", "BCRYPT")
        whole = program.run("export", "--format", "cognito", "--json", str(tmp_path / "all.csv"))
    assert (done.status, target.read_bytes(), whole.status) == (0, b"the file", 0), done.err + whole.err
    (job,) = (json.loads(request.body) for request in program.requests[:6] if request.url.endswith("/exports"))
    assert (job["format"], job["hashes"]) == ("cognito", "BCRYPT")
    document = whole.document
    assert document["file_name"].endswith(".csv")
    assert {"name": "roles", "rows": 1} in document["left_out"]
