"""`python -m tests.browser.questioned PORT`: a stage with a read model, over moto and a PostgreSQL of its own, in a
process of its own. It is noon of a day of `tests.postgresql.world` there."""

from __future__ import annotations

import os
import sys
from threading import Lock
from typing import Any

from tests.environment import ENVIRONMENT

ADMIN, SUPPORT = "admin@example.com", "support@example.com"


def serve(port: int) -> None:
    """Serve it until the process ends."""
    from chalice.config import Config
    from chalice.local import LocalDevServer

    import tests.in_process
    import tests.temper  # noqa: F401 - as every process that runs the app over moto
    from chalicelib.core import clock
    from chalicelib.core.aws import clients
    from chalicelib.core.names import READ_MODEL_SECRET
    from chalicelib.read_model.answers import answer
    from chalicelib.read_model.database import Database, options_of
    from chalicelib.read_model.migrating import migrate
    from tests.builders import a_user
    from tests.cloud.people import PASSWORD
    from tests.cloudlike import NAMES, stage
    from tests.functional.operated import functions
    from tests.postgresql import world
    from tests.postgresql.conftest import MIGRATED
    from tools import postgresql

    free = Lock()

    def one_at_a_time(event: Any) -> Any:
        """As each process of a function answers; there is only one here."""
        with free:
            return answer(event)

    with postgresql.running() as server, clock.held(world.NOW), stage():
        server.create(MIGRATED)
        empty = Database(options_of(server.secret(MIGRATED)))
        migrate(empty)
        empty.close()
        with world.written(server, "stage"), functions(query_read_model=one_at_a_time):
            clients.client("secretsmanager").create_secret(
                Name=NAMES.of(READ_MODEL_SECRET), SecretString=server.secret("stage")
            )
            a_user(email=ADMIN, password=PASSWORD, email_verified=True, roles=["admin"])
            a_user(email=SUPPORT, password=PASSWORD, email_verified=True, roles=["support"])
            from app import app

            LocalDevServer(app, Config.create(), "localhost", port).serve_forever()


if __name__ == "__main__":
    listens_at = int(sys.argv[1])
    # Beside a running stage, whose cloud the tests' own process speaks to.
    for inherited in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(inherited, None)
    url = f"http://localhost:{listens_at}"
    os.environ.update(ENVIRONMENT | {"PUBLIC_URL": url, "ALLOWED_ORIGINS": "", "READ_MODEL": "postgres"})
    serve(listens_at)
