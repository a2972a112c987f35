"""Makes the read model anew from DynamoDB beside the one that is asked, and puts it in its place or compares the two.

`lifecycle` begins and cancels such a job. `job_page` runs its job pages, which take the steps of `model` one after the
other: `tables` makes and swaps the tables, `sources` and `filling` write rows into them, `comparing` says what differs,
and `leftovers` clears up after those that died.
"""

from __future__ import annotations

from typing import Any

__all__ = ["run_page"]


def run_page(job_id: str, page_fields: dict[str, Any]) -> None:
    """Run one job page. See `job_page`, which is loaded by the first one: batches of events need nothing of it."""
    from chalicelib.read_model.rebuild import job_page

    job_page.run_page(job_id, page_fields)
