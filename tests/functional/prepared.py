"""Run as a program with the environment of a function: imports the app as Lambda does before a snapshot, runs the hooks
that it registers, and prints what it has done by then."""

from __future__ import annotations

import json
import random
import sys


def main() -> None:
    import snapshot_restore_py

    from app import app
    from chalicelib.core.aws import clients
    from chalicelib.core.http.declarations import routes_of

    declarations = [route.declaration for route in routes_of(app)]
    models = {model for each in declarations for model in (each.body, each.query, *each.answers.values()) if model}
    before, after = (
        [hook for hook, _, _ in hooks]
        for hooks in (snapshot_restore_py.get_before_snapshot(), snapshot_restore_py.get_after_restore())
    )
    drawn = random.getstate()
    for hook in (*before, *after):
        hook()
    report = {
        "before": [hook.__name__ for hook in before],
        "after": [hook.__name__ for hook in after],
        "loaded": sorted(sys.modules),
        "unbuilt": sorted(model.__name__ for model in models if not model.__pydantic_complete__),
        "clients": clients.client.cache_info().misses,
        "drawn anew": random.getstate() != drawn,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
