"""How each table is compared, as SQL. `l` is a row that is asked (live), `n` the one that was made anew."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.read_model.database import BUILDING, LIVE

LISTED = 200
"""Keys of each kind that a statement returns, at most."""


@dataclass(frozen=True)
class Compared:
    """A table: its key, the other columns that are compared, the time of a row, by which it is of a day, and the time
    of its last change."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    time: str
    changed: str
    owner: str = "user_id"
    is_versioned: bool = False


_PERSON = (
    *(
        "version",
        "email",
        "email_verified",
        "name",
        "age",
        "birthdate",
        "locale",
        "terms_version",
        "terms_accepted_at",
    ),
    *("attributes", "metadata", "roles", "status", "source", "search", "created_at", "updated_at"),
)
"""Not when they last signed in: that follows from the sessions, also from those whose days are over."""

_SESSION = (
    *(
        "user_id",
        "started_at",
        "expires_at",
        "method",
        "second_factor",
        "new_device",
        "after_import",
        "connection",
    ),
    *("agent", "ended_at", "end_reason"),
)

_EVENT = (
    *("type", "subject", "version", "actor", "request_id", "bulk", "session_id", "changed", "data", "previous"),
    *("sessions_ended", "session_kept"),
)

COMPARED = {
    each.table: each
    for each in (
        Compared("people", ("id",), _PERSON, "created_at", "updated_at", owner="id", is_versioned=True),
        Compared("identities", ("user_id", "id"), ("connection", "linked_at"), "linked_at", "linked_at"),
        Compared(
            "sessions", ("id",), _SESSION, "coalesce(started_at, ended_at)", "greatest(started_at, ended_at)"
        ),
        Compared(
            "items",
            ("user_id", "key"),
            ("version", "value", "size", "written_at", "updated_at"),
            "written_at",
            "updated_at",
            is_versioned=True,
        ),
        Compared(
            "memberships",
            ("segment_id", "user_id"),
            ("version", "entered_at", "left_at"),
            "coalesce(entered_at, left_at)",
            "greatest(entered_at, left_at)",
            is_versioned=True,
        ),
        Compared("events", ("time", "id"), _EVENT, "time", "time", owner="subject"),
    )
}


def days_sql(compared: Compared) -> str:
    """Of the days between `:since` and `:before` on which the table differs: the day, and the rows of each side. A row
    without a time is of the first day that there is."""
    columns = ", ".join((*compared.key, *compared.columns))
    hashed = f"bit_xor(hashtextextended(CAST(ROW({columns}) AS text), 0))"

    def by_day(schema: str) -> str:
        return (
            f"SELECT {_day(compared)} AS day, count(*) AS rows, {hashed} AS hash"
            f" FROM {schema}.{compared.table} WHERE {_within(compared)} GROUP BY 1"
        )

    return (
        f"SELECT coalesce(l.day, n.day), coalesce(l.rows, 0), coalesce(n.rows, 0) FROM ({by_day(LIVE)}) AS l"
        f" FULL JOIN ({by_day(BUILDING)}) AS n ON l.day = n.day"
        " WHERE (l.rows, l.hash) IS DISTINCT FROM (n.rows, n.hash) ORDER BY 1"
    )


def rows_sql(compared: Compared) -> str:
    """Of the rows of `:days` that differ: the kind of difference, how many, and the keys of some of them. What changed
    after `:waits_since` is `waiting`, and so is all of a person, or an item, that was deleted since then."""
    key, columns = ", ".join(compared.key), compared.columns
    live, anew = (", ".join(f"{side}.{name}" for name in columns) for side in "ln")
    older = "l.version < n.version" if compared.is_versioned else "false"

    def rows(schema: str) -> str:
        return (
            f"SELECT *, {compared.changed} AS changed_at FROM {schema}.{compared.table}"
            f" WHERE {_within(compared)} AND {_day(compared)} = ANY(CAST(:days AS date[]))"
        )

    is_of_changed_person = (
        f"EXISTS (SELECT FROM {BUILDING}.people AS p WHERE p.id = owner_id AND p.updated_at > {_WAITS_SINCE})"
    )
    return f"""
    WITH differing AS (
        SELECT {key}, {_owner(compared)} AS owner_id, n.changed_at AS anew_at,
            CASE WHEN l.{compared.key[-1]} IS NULL THEN 'missing'
                WHEN n.{compared.key[-1]} IS NULL THEN 'extra'
                WHEN {older} THEN 'older' ELSE 'different' END AS kind
        FROM ({rows(LIVE)}) AS l FULL JOIN ({rows(BUILDING)}) AS n USING ({key})
        WHERE ROW({live}) IS DISTINCT FROM ROW({anew})
            OR l.{compared.key[-1]} IS NULL OR n.{compared.key[-1]} IS NULL
    ), judged AS (
        SELECT jsonb_build_array({key}) AS key, CASE WHEN anew_at > {_WAITS_SINCE}
            OR EXISTS (SELECT FROM {BUILDING}.tombstones AS t
                WHERE t.owner = owner_id AND t.deleted_at > {_WAITS_SINCE})
            OR {is_of_changed_person if compared.table == "identities" else "false"}
            THEN 'waiting' ELSE kind END AS kind
        FROM differing
    ), numbered AS (SELECT kind, key, row_number() OVER (PARTITION BY kind ORDER BY key) AS number FROM judged)
    SELECT kind, count(*), jsonb_agg(key ORDER BY key) FILTER (WHERE number <= {LISTED})
    FROM numbered GROUP BY kind ORDER BY kind
    """


def _owner(compared: Compared) -> str:
    if compared.owner in compared.key:
        return compared.owner
    return f"coalesce(l.{compared.owner}, n.{compared.owner})"


_WAITS_SINCE = "CAST(:waits_since AS timestamptz)"


def _day(compared: Compared) -> str:
    return f"CAST(coalesce({compared.time}, '1970-01-01') AS date)"


def _within(compared: Compared) -> str:
    time = f"coalesce({compared.time}, '1970-01-01')"
    return f"{time} >= CAST(:since AS timestamptz) AND {time} < CAST(:before AS timestamptz)"
