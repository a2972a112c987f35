"""What others have made of the read model's tables in schemas of their own: views follow the tables that replace them,
and what cannot follow is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from chalicelib.read_model.database import Transaction

NAMED = 10
"""Of what is in the way, at most so many are named."""

_RELATIONS = """
SELECT DISTINCT CAST(v.oid AS bigint), format('%I.%I', n.nspname, v.relname), v.relkind
FROM pg_depend AS d
JOIN pg_class AS t ON d.refclassid = CAST('pg_class' AS regclass) AND t.oid = d.refobjid
JOIN pg_rewrite AS r ON d.classid = CAST('pg_rewrite' AS regclass) AND r.oid = d.objid
JOIN pg_class AS v ON v.oid = r.ev_class
JOIN pg_namespace AS n ON n.oid = v.relnamespace
WHERE t.relnamespace = CAST(to_regnamespace(:schema) AS oid) AND v.relnamespace <> t.relnamespace
ORDER BY 2
"""

_REFERENCES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_constraint AS f
JOIN pg_class AS t ON t.oid = f.confrelid
JOIN pg_class AS c ON c.oid = f.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE t.relnamespace = CAST(to_regnamespace(:schema) AS oid) AND c.relnamespace <> t.relnamespace
ORDER BY 1
"""


def refuse(transaction: Transaction, schema: str) -> None:
    """Raises Conflict where materialized views, or foreign keys, outside need tables of this schema."""
    names = [name for _, name, kind in transaction.run(_RELATIONS, schema=schema) if kind != "v"]
    names += [name for (name,) in transaction.run(_REFERENCES, schema=schema)]
    if names:
        raise Conflict(
            "these need tables of the read model, which are about to be replaced, and cannot be moved:"
            f" {', '.join(names[:NAMED])}; drop them, or make plain views of them"
        )


def views(transaction: Transaction, schema: str) -> list[tuple[str, str]]:
    """The names and definitions of the views outside that read tables of this schema. The search path must be such that
    each name is written out."""
    found = transaction.run(_RELATIONS, schema=schema)
    return [
        (str(name), str(transaction.value("SELECT pg_get_viewdef(CAST(:view AS oid))", view=oid)))
        for oid, name, kind in found
        if kind == "v"
    ]


def replace(transaction: Transaction, definitions: list[tuple[str, str]]) -> None:
    """Have each view read the tables that bear the names now. Who may read the view stays."""
    for name, definition in definitions:
        transaction.script(f"CREATE OR REPLACE VIEW {name} AS {definition}")
