"""Rollcall's table of contents: every trigger of the system, and the one function that answers it.

No logic here and no boto3. Handlers import what they run inside themselves, because Lambda imports this whole
page for every function: a consumer of events loads neither routes nor what they need. The API loads the routes of a
blueprint when one of them is first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Chalice, Cron, Rate

from chalicelib.core.names import APP
from chalicelib.core.wiring import (
    HISTORY_WINDOW_SECONDS,
    INSIGHTS_MESSAGES,
    INSIGHTS_WINDOW_SECONDS,
    ITEM_MESSAGES,
    ITEM_RECORDS,
    ITEM_WINDOW_SECONDS,
    KINESIS_ITEMS,
    NAMES,
    READ_MODEL,
    READ_MODEL_MESSAGES,
    READ_MODEL_WINDOW_SECONDS,
    SERVES_HTTP,
    SESSIONS_WINDOW_SECONDS,
    UPLOADS_BUCKET,
    on_s3_object_created,
    stream_arn,
)

if TYPE_CHECKING:
    from chalice.app import CloudWatchEvent, DynamoDBEvent, KinesisEvent, SNSEvent, SQSEvent

app = Chalice(app_name=APP, configure_logs=False)

if SERVES_HTTP:
    from chalicelib.core.http.blueprints import on_demand
    from chalicelib.core.http.cors import register_preflights
    from chalicelib.core.http.current import authenticate_with
    from chalicelib.core.http.middleware import add_security_headers, reply_with_problems
    from chalicelib.core.snapshots import prepare
    from chalicelib.oauth import authenticate

    app.register_middleware(add_security_headers, "http")
    app.register_middleware(authenticate_with(authenticate), "http")
    app.register_middleware(reply_with_problems, "http")

    app.register_blueprint(on_demand("chalicelib.accounts.routes.accounts"))
    app.register_blueprint(on_demand("chalicelib.directory.routes.directory"))
    app.register_blueprint(on_demand("chalicelib.read_model.routes.people"))
    app.register_blueprint(on_demand("chalicelib.factors.routes.factors"))
    app.register_blueprint(on_demand("chalicelib.sessions.routes.sessions"))
    app.register_blueprint(on_demand("chalicelib.identities.routes.identities"))
    app.register_blueprint(on_demand("chalicelib.connections.routes.connections"))
    app.register_blueprint(on_demand("chalicelib.oauth.routes.oauth"))
    app.register_blueprint(on_demand("chalicelib.oauth.token_routes.tokens"))
    app.register_blueprint(on_demand("chalicelib.oauth.registration_routes.registrations"))
    app.register_blueprint(on_demand("chalicelib.oauth.device_routes.devices"))
    app.register_blueprint(on_demand("chalicelib.oauth.logout_routes.logout"))
    app.register_blueprint(on_demand("chalicelib.oauth.authorization_routes.authorization"))
    app.register_blueprint(on_demand("chalicelib.oauth.consent_routes.consents"))
    app.register_blueprint(on_demand("chalicelib.oauth.metadata_routes.discovery"))
    app.register_blueprint(on_demand("chalicelib.items.routes.items"))
    app.register_blueprint(on_demand("chalicelib.imports.routes.imports"))
    app.register_blueprint(on_demand("chalicelib.exports.routes.exports"))
    app.register_blueprint(on_demand("chalicelib.privacy.routes.privacy"))
    app.register_blueprint(on_demand("chalicelib.events.routes.events"))
    app.register_blueprint(on_demand("chalicelib.replays.routes.replays"))
    app.register_blueprint(on_demand("chalicelib.journeys.routes.journeys"))
    app.register_blueprint(on_demand("chalicelib.read_model.segments.routes.segments"))
    app.register_blueprint(on_demand("chalicelib.mail_delivery.routes.mail"))
    app.register_blueprint(on_demand("chalicelib.webhooks.routes.webhooks"))
    app.register_blueprint(on_demand("chalicelib.webhooks.logout_routes.logout_log"))
    app.register_blueprint(on_demand("chalicelib.insights.routes.insights"))
    app.register_blueprint(on_demand("chalicelib.read_model.view_routes.views"))
    app.register_blueprint(on_demand("chalicelib.read_model.rebuild.routes.rebuilds"))
    app.register_blueprint(on_demand("chalicelib.operations.routes.operations"))
    app.register_blueprint(on_demand("chalicelib.about.routes.about"))
    app.register_blueprint(on_demand("chalicelib.web.routes.web"))
    register_preflights(app)
    prepare(app)


# A write became a change: publish it


@app.on_dynamodb_record(stream_arn("users"), batch_size=100, starting_position="TRIM_HORIZON")
def on_user_change(event: DynamoDBEvent) -> None:
    from chalicelib.events.stream_changes import publish_changes

    publish_changes("users", event.to_dict())


@app.on_dynamodb_record(
    stream_arn("sessions"),
    batch_size=100,
    starting_position="TRIM_HORIZON",
    maximum_batching_window_in_seconds=SESSIONS_WINDOW_SECONDS,
)
def on_session_change(event: DynamoDBEvent) -> None:
    from chalicelib.events.stream_changes import publish_changes

    publish_changes("sessions", event.to_dict())


@app.on_dynamodb_record(stream_arn("items"), batch_size=100, starting_position="TRIM_HORIZON")
def on_item_change(event: DynamoDBEvent) -> None:
    from chalicelib.events.stream_changes import publish_changes

    publish_changes("items", event.to_dict())


@app.on_dynamodb_record(stream_arn("jobs"), batch_size=100, starting_position="TRIM_HORIZON")
def on_job_change(event: DynamoDBEvent) -> None:
    from chalicelib.events.stream_changes import publish_changes

    publish_changes("jobs", event.to_dict())


@app.on_dynamodb_record(stream_arn("clients"), batch_size=100, starting_position="TRIM_HORIZON")
def on_client_change(event: DynamoDBEvent) -> None:
    from chalicelib.events.stream_changes import publish_changes

    publish_changes("clients", event.to_dict())


@app.on_dynamodb_record(stream_arn("intents"), batch_size=10, starting_position="TRIM_HORIZON")
def on_intent(event: DynamoDBEvent) -> None:
    from chalicelib.accounts.mailed.intent_answers import answer_intents

    answer_intents(event.to_dict())


# An event was published: consume it


@app.on_sqs_message(
    queue=NAMES.of("history"), batch_size=100, maximum_batching_window_in_seconds=HISTORY_WINDOW_SECONDS
)
def on_history(event: SQSEvent) -> None:
    from chalicelib.events.history import record_history

    record_history(event.to_dict())


@app.on_sqs_message(
    queue=NAMES.of("insights"),
    batch_size=INSIGHTS_MESSAGES,
    maximum_batching_window_in_seconds=INSIGHTS_WINDOW_SECONDS,
)
def on_user_event(event: SQSEvent) -> None:
    from chalicelib.insights.counting import count_events

    count_events(event.to_dict())


@app.on_sqs_message(queue=NAMES.of("mail"), batch_size=10)
def on_mail(event: SQSEvent) -> None:
    from chalicelib.mail_delivery.delivery import deliver_mail

    deliver_mail(event.to_dict())


@app.on_sqs_message(queue=NAMES.of("webhooks"), batch_size=10)
def on_webhook(event: SQSEvent) -> None:
    from chalicelib.webhooks.fanout import fan_out

    fan_out(event.to_dict())


# Work was queued: do it


@app.on_sqs_message(queue=NAMES.of("deliveries"), batch_size=1)
def on_delivery(event: SQSEvent) -> None:
    from chalicelib.webhooks.delivery import attempt_deliveries

    attempt_deliveries(event.to_dict())


@app.on_sqs_message(
    queue=NAMES.of("items"),
    batch_size=ITEM_MESSAGES,
    maximum_batching_window_in_seconds=ITEM_WINDOW_SECONDS,
)
def on_items(event: SQSEvent) -> None:
    from chalicelib.items.ingest import take_queued_items

    take_queued_items(event.to_dict())


@app.on_sqs_message(queue=NAMES.of("jobs"), batch_size=1)
def on_job(event: SQSEvent) -> None:
    from chalicelib.job_runner.job_pages import run_job_pages

    run_job_pages(event.to_dict())


if KINESIS_ITEMS:

    @app.on_kinesis_record(
        stream=NAMES.of("items"),
        batch_size=ITEM_RECORDS,
        maximum_batching_window_in_seconds=ITEM_WINDOW_SECONDS,
        starting_position="TRIM_HORIZON",
    )
    def on_item_stream(event: KinesisEvent) -> None:
        from chalicelib.items.ingest import take_streamed_items

        take_streamed_items(event.to_dict())


# Something came back from outside


@app.on_sns_message(topic=NAMES.of("mail-feedback"))
def on_mail_feedback(event: SNSEvent) -> None:
    from chalicelib.mail_delivery.feedback import take_feedback

    take_feedback(event.to_dict())


@app.on_sns_message(topic=NAMES.of("ops-alerts"))
def on_alert(event: SNSEvent) -> None:
    from chalicelib.mail_delivery.operator_alerts import mail_operators

    mail_operators(event.to_dict())


# A file arrived, and the tasks of the state machines that take it apart


@on_s3_object_created(app, bucket=UPLOADS_BUCKET)
def on_upload(event: dict[str, Any]) -> None:
    from chalicelib.imports.uploads import receive_uploads

    receive_uploads(event)


@app.lambda_function()
def plan_import(event: Any, context: Any) -> Any:
    from chalicelib.imports.plan import plan_import

    return plan_import(event)


@app.lambda_function()
def import_chunk(event: Any, context: Any) -> Any:
    from chalicelib.imports.chunk import import_chunk

    return import_chunk(event)


@app.lambda_function()
def finish_import(event: Any, context: Any) -> Any:
    from chalicelib.imports.finish import finish_import

    return finish_import(event)


@app.lambda_function()
def export_segment(event: Any, context: Any) -> Any:
    from chalicelib.exports.export import export_segment

    return export_segment(event)


@app.lambda_function()
def finish_export(event: Any, context: Any) -> Any:
    from chalicelib.exports.export import finish_export

    return finish_export(event)


# Time passed


@app.schedule(Rate(5, unit=Rate.MINUTES))
def every_five_minutes(event: CloudWatchEvent) -> None:
    from chalicelib.core.schedules import run_each
    from chalicelib.exports.clearing import remove_served_exports
    from chalicelib.job_runner.expiry import fail_dead_jobs
    from chalicelib.webhooks.retries import queue_due_deliveries

    run_each(queue_due_deliveries, fail_dead_jobs, remove_served_exports)


@app.schedule(Rate(1, unit=Rate.HOURS))
def every_hour(event: CloudWatchEvent) -> None:
    from chalicelib.core.schedules import run_each
    from chalicelib.events.sweep import publish_missed_changes
    from chalicelib.insights.rollup import roll_up

    run_each(roll_up, publish_missed_changes)


@app.schedule(Cron(5, 0, "*", "*", "?", "*"))
def every_day(event: CloudWatchEvent) -> None:
    from chalicelib.birthdays.celebration import celebrate_birthdays
    from chalicelib.core.schedules import run_each
    from chalicelib.job_runner.expiry import fail_abandoned_jobs
    from chalicelib.sessions.hash_sweep import look_for_dear_hashes

    run_each(celebrate_birthdays, fail_abandoned_jobs, look_for_dear_hashes)


# Another function, or an operator, asks directly


@app.lambda_function()
def rotate_signing_key(event: Any, context: Any) -> None:
    from chalicelib.tokens.key_rotation import rotate_signing_key

    rotate_signing_key(event)


@app.lambda_function()
def rotate_app_keys(event: Any, context: Any) -> None:
    from chalicelib.core.crypto.app_key_rotation import rotate_app_keys

    rotate_app_keys(event)


@app.lambda_function()
def send_email(event: Any, context: Any) -> Any:
    from chalicelib.mail_delivery.direct import send_email

    return send_email(event)


@app.lambda_function()
def put_items(event: Any, context: Any) -> Any:
    from chalicelib.items.ingest import put_items

    return put_items(event)


@app.lambda_function()
def reapply_erasures(event: Any, context: Any) -> Any:
    from chalicelib.privacy.reapply_erasures import reapply_erasures

    return reapply_erasures(event)


@app.lambda_function()
def reconcile(event: Any, context: Any) -> Any:
    from chalicelib.events.reconciliation import reconcile

    return reconcile(event)


@app.lambda_function()
def create_admin(event: Any, context: Any) -> Any:
    from chalicelib.accounts.first_administrator import create_admin

    return create_admin(event)


@app.lambda_function()
def observe_stage(event: Any, context: Any) -> Any:
    from chalicelib.operations.observation import observe

    return observe(event)


@app.lambda_function()
def operate_stage(event: Any, context: Any) -> Any:
    from chalicelib.operations.operating import operate

    return operate(event)


# A read model of people and events, in SQL, where the stage has one


if READ_MODEL:

    @app.on_dynamodb_record(stream_arn("segments"), batch_size=100, starting_position="TRIM_HORIZON")
    def on_segment_change(event: DynamoDBEvent) -> None:
        from chalicelib.events.stream_changes import publish_changes

        publish_changes("segments", event.to_dict())

    @app.on_sqs_message(
        queue=NAMES.of("read-model"),
        batch_size=READ_MODEL_MESSAGES,
        maximum_batching_window_in_seconds=READ_MODEL_WINDOW_SECONDS,
    )
    def on_read_model(event: SQSEvent) -> None:
        from chalicelib.read_model.consumer import apply_events

        apply_events(event.to_dict())

    @app.schedule(Rate(1, unit=Rate.HOURS))
    def maintain_read_model(event: CloudWatchEvent) -> None:
        from chalicelib.read_model.maintenance import maintain

        maintain()

    @app.lambda_function()
    def query_read_model(event: Any, context: Any) -> Any:
        from chalicelib.read_model.answers import answer

        return answer(event)

    @app.lambda_function()
    def operate_read_model(event: Any, context: Any) -> Any:
        from chalicelib.read_model.operating import operate

        return operate(event)
