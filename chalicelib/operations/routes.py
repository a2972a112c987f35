"""Operations over HTTP. The API's function may do none of it: it asks `observe_stage` and `operate_stage`."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.aws.invocations import ask
from chalicelib.core.http.routing import ADMIN, SUPPORT, NoQuery, Proof, Request, declares
from chalicelib.operations import stage_map
from chalicelib.operations.dead_letter import dead_letter_queue
from chalicelib.operations.schemas import (
    AlarmList,
    DeadLetterContents,
    DeadLetterQueue,
    DeadLetterQueues,
    Edge,
    KeyAges,
    LettersQuery,
    Node,
    Operations,
    QueueQuery,
    Redrive,
    RedriveResult,
    Rotated,
    SettingList,
    SettingView,
    Topology,
)
from chalicelib.operations.setting_list import list_settings

operations = Blueprint(__name__)


@operations.route("/operations", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Operations})
def read_operations(_request: Request[None, NoQuery]) -> Operations:
    """Read how the stage is doing: queues, functions, tables, alarms that go off, what is deployed, idle cost."""
    figures = ask("observe_stage", {"see": "figures"})
    alarms = figures.pop("alarms")
    ringing = [alarm for alarm in alarms if alarm["state"] == "alarm"]
    return Operations(**figures, alarms=ringing, alarm_count=len(alarms))


@operations.route("/operations/alarms", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: AlarmList})
def list_alarms(_request: Request[None, NoQuery]) -> AlarmList:
    """List every alarm: its state, since when and why, what it is about, and what to look at."""
    return AlarmList(items=ask("observe_stage", {"see": "figures"})["alarms"])


@operations.route("/operations/topology", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Topology})
def read_topology(_request: Request[None, NoQuery]) -> Topology:
    """Read what the stage consists of, and what leads from one part to another."""
    nodes = [Node(**node, aws_name=stage_map.aws_name(node["kind"], node["name"])) for node in stage_map.nodes()]
    return Topology(nodes=nodes, edges=[Edge(**edge) for edge in stage_map.edges()])


@operations.route("/operations/dead-letters", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=LettersQuery, answers={200: DeadLetterQueues})
def list_dead_letters(request: Request[None, LettersQuery]) -> DeadLetterQueues:
    """List what could not be processed, of every queue, and why. Nothing is taken away."""
    return DeadLetterQueues(**ask("operate_stage", {"do": "list", "limit": request.query.limit}))


@operations.route("/operations/dead-letters/{queue}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=QueueQuery, answers={200: DeadLetterQueue})
def list_dead_letters_of(request: Request[None, QueueQuery], queue: str) -> DeadLetterQueue:
    """List what could not be processed of one queue."""
    name = dead_letter_queue(queue)
    return DeadLetterQueue(**ask("operate_stage", {"do": "list", "queue": name, "limit": request.query.limit}))


@operations.route("/operations/dead-letters/{queue}/{letter_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: DeadLetterContents}, proof=Proof.RECENT)
def read_dead_letter(request: Request[None, NoQuery], queue: str, letter_id: str) -> DeadLetterContents:
    """Read one message that could not be processed, with its contents, which may be personal."""
    event = {"do": "open", "queue": dead_letter_queue(queue), "id": letter_id, "by": request.caller.id}
    return DeadLetterContents(**ask("operate_stage", event))


@operations.route("/operations/dead-letters/{queue}/redrive", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=Redrive, answers={200: RedriveResult}, proof=Proof.RECENT)
def redrive_dead_letters(request: Request[Redrive, NoQuery], queue: str) -> RedriveResult:
    """Try messages of a dead-letter queue again, once the cause is mended."""
    chosen = request.body.model_dump()
    event = {"do": "redrive", "queue": dead_letter_queue(queue), **chosen, "by": request.caller.id}
    return RedriveResult(**ask("operate_stage", event))


@operations.route("/operations/keys", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: KeyAges})
def list_keys(_request: Request[None, NoQuery]) -> KeyAges:
    """Read how old the stage's keys are, and when they are rotated."""
    return KeyAges(**ask("observe_stage", {"see": "keys"}))


@operations.route("/operations/keys/{key_name}/rotate", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={202: Rotated}, proof=Proof.SECOND_FACTOR)
def rotate_key(request: Request[None, NoQuery], key_name: str) -> Rotated:
    """Have a new key made. What was signed or sealed before stays valid."""
    return Rotated(**ask("operate_stage", {"do": "rotate", "key": key_name, "by": request.caller.id}))


@operations.route("/settings", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: SettingList})
def read_settings(_request: Request[None, NoQuery]) -> SettingList:
    """List what the stage is set to, by whom, and what each setting is for. Nothing secret is in it."""
    return SettingList(items=[SettingView(**setting) for setting in list_settings()])
