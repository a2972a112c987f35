"""`make run`: starts the whole system on this computer, and prints where it is and what to try."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from infra import stage as stages
from infra.stage import READ_MODEL, ROOT, Stage, StageError
from tools import (
    cloud,
    cloudformation,
    demo,
    local_read_model,
    localapi,
    localcloud,
    mailbox,
    operate,
    running_stage,
)
from tools.api import Api
from tools.console import Problem, bar, ignore_interrupts, main_of, say, step
from tools.deploying import deploy_packaged
from tools.tour import tour

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = ROOT / "examples" / "user-info.json"
ADMINISTRATOR = "admin@rollcall.example"
IMPORT_SECONDS = 120
EVENT_SECONDS = 60


def main() -> None:
    started = time.monotonic()
    port, cloud_port, mailbox_port = (int(os.environ[name]) for name in ("PORT", "CLOUD_PORT", "MAILBOX_PORT"))
    keep, shows_life = (os.environ.get(name) == "1" for name in ("KEEP", "DEMO"))
    api = f"http://localhost:{port}"
    stage = _stage_served_at(api, demo.SETTINGS if shows_life else {})
    database_folder = localcloud.RUN / "postgresql"
    if stage.read_model:
        local_read_model.require(database_folder)
    localcloud.require_free(port, "the API", "PORT")
    localcloud.require_free(mailbox_port, "the mailbox", "MAILBOX_PORT")
    if not keep:
        shutil.rmtree(localcloud.RUN, ignore_errors=True)
    # Both by name: a shell that starts this in the background of a script has it ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    say("Rollcall, stage local")
    with ExitStack() as stack:
        with step("starting the local cloud, IAM enforced"):
            running = localcloud.start(cloud_port, localcloud.RUN, keep=keep)
            stack.callback(running.stop)
            stack.callback(ignore_interrupts)
        os.environ.update(running.variables())
        database = _database(stage, database_folder, stack) if stage.read_model else ""
        fresh = not cloudformation.exists(stage.names.api)
        deploy_packaged(stage)
        password = operate.make_administrator(stage, ADMINISTRATOR)["password"] if fresh else ""
        stack.callback(mailbox.start(mailbox_port, running.endpoint).shutdown)
        with step(f"starting chalice local on port {port}"):
            log = stack.enter_context(localapi.serving(stage, running, port, localcloud.RUN))
        if fresh:
            admin = Api(api).signed_in(ADMINISTRATOR, password)
            with step("waiting until the administrator has become an event"):
                wait_for_history(admin)
            import_example(stage, admin)
        running_stage.write(
            localcloud.RUN,
            api=api,
            mailbox=f"http://localhost:{mailbox_port}",
            administrator=ADMINISTRATOR,
            password=password,
        )
        api_id = cloudformation.outputs(stage.names.api)["RestAPIId"]
        addresses = {
            "console": f"{api}/console",
            "account": f"{api}/account",
            "API": f"{api}/docs",
            "mailbox": f"http://localhost:{mailbox_port}",
            "deployed": f"http://{api_id}.execute-api.localhost:{cloud_port}/api (through API Gateway and Lambda)",
            **({"SQL": database} if database else {}),
            "logs": f"{log.relative_to(ROOT)}, {running.log.relative_to(ROOT)}",
        }
        seconds = time.monotonic() - started
        say(tour(addresses, administrator=ADMINISTRATOR, password=password, seconds=seconds))
        if shows_life:
            stack.callback(demo.start(api, running.endpoint).set)
            say("A demo life goes on: people sign up, sign in, fail and change things.\n")
        wait_while_running(running)
    say("\nStopped. Nothing is left running.")


def _stage_served_at(url: str, changed: dict[str, str]) -> Stage:
    """The stage `local` with settings that this command was called with."""
    stage = stages.load("local")
    called_with = {READ_MODEL: os.environ.get(READ_MODEL) or "off"}
    settings = {**stage.settings, **called_with, **changed, "PUBLIC_URL": url}
    try:
        return dataclasses.replace(stage, settings=settings)
    except StageError as error:
        raise Problem(str(error)) from None


def _database(stage: Stage, folder: Path, stack: ExitStack) -> str:
    """The URL of a PostgreSQL that runs until the stack ends, and that the stage's functions find."""
    with step("starting PostgreSQL for the read model"):
        server = stack.enter_context(local_read_model.serving(folder))
        local_read_model.store_secret(stage, server)
    return server.url()


def wait_for_history(admin: Api) -> None:
    """Wait until the caller's registration has come through stream, topic and queue into their history. Raises Problem
    where it does not come in time."""
    path = f"/users/{admin.call('GET', '/me').body['id']}/history"
    deadline = time.monotonic() + EVENT_SECONDS
    while not admin.call("GET", path).body["items"]:
        if time.monotonic() > deadline:
            raise Problem(f"no event came through within {EVENT_SECONDS} s; the functions' logs say why")
        time.sleep(0.5)


def import_example(stage: Stage, admin: Api) -> None:
    """Upload the example file to the uploads bucket, and show the progress of the import until it ends. Raises Problem
    where it fails."""
    name = EXAMPLE.relative_to(ROOT)
    with step(f"importing {name} through S3"):
        started = time.monotonic()
        bucket = stage.names.bucket("uploads", cloud.account(), cloud.region())
        cloud.client("s3").upload_file(str(EXAMPLE), bucket, f"imports/{EXAMPLE.name}")
        job: dict[str, Any] = {}
        while job.get("status") not in {"finished", "failed"} and time.monotonic() - started < IMPORT_SECONDS:
            time.sleep(0.5)
            imports = admin.call("GET", "/imports").body["items"]
            job = imports[0] if imports else {}
            if job:
                bar(f"importing {name}", job["counts"]["rows"], job["total"], job["rate"], job["seconds_left"])
    if job.get("status") != "finished":
        raise Problem(f"the example was not imported: {job or 'no import was started'}")
    created, failed = job["counts"]["created"], job["counts"]["failed"]
    say(f"  {created:,} people are in, and {failed} rows were refused: the console says why")


def wait_while_running(running: localcloud.LocalCloud) -> None:
    """Wait until Ctrl-C, or until the local cloud stops by itself. Raises Problem in the second case."""
    stopped = threading.Event()
    try:
        while not stopped.wait(1):
            if running.process.poll() is not None:
                raise Problem(f"the local cloud has stopped; its log is {running.log.relative_to(ROOT)}")
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main_of(main)
