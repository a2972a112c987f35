"""Run as a program in a folder with `app.py`: prints how that app answers on every path, and what it loads for it.

A JSON object: `paths` with their methods in order, `loaded` (modules of routes) by what was done last, `libraries` of
the first answer, `answers` by request, and `routes` that are declared.
"""

from __future__ import annotations

import json
import os
import re
import sys

ORIGIN = "https://app.example"
OURS = {"app", "chalicelib"}


def event(method: str, path: str) -> dict[str, object]:
    """What API Gateway sends of a request without a token or a body. No list takes the query."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Origin": ORIGIN, "traceparent": ""},
        "multiValueQueryStringParameters": {"nonsense": ["1"]},
        "pathParameters": dict.fromkeys(names, "x") or None,
        "stageVariables": None,
        "requestContext": {"resourcePath": path, "httpMethod": method, "requestId": "R1", "identity": {}},
        "body": None,
        "isBase64Encoded": False,
    }


def loaded() -> list[str]:
    return sorted(name for name in sys.modules if name.startswith("chalicelib.") and name.endswith("routes"))


def libraries() -> list[str]:
    """The packages that are loaded and neither ours nor Python's own. Names with an underscore come with the
    environment."""
    names = {name.partition(".")[0] for name in sys.modules}
    return sorted(names - sys.stdlib_module_names - OURS - {name for name in names if name.startswith("_")})


def _described(declaration: object) -> str:
    """A declaration without what is another in each process: the addresses of functions."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(declaration))


def main() -> None:
    from app import app

    output, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - log lines go there
    report: dict[str, object] = {"paths": [[path, list(entries)] for path, entries in app.routes.items()]}
    answers: dict[str, object] = {}
    modules = {"importing": loaded()}
    for method in ("OPTIONS", "TRACE"):
        answers |= {f"{method} {path}": app(event(method, path), None) for path in app.routes}
    modules["preflights"] = loaded()
    answers["GET /health"] = app(event("GET", "/health"), None)
    modules["GET /health"] = loaded()
    report["libraries"] = libraries()
    for path, entries in list(app.routes.items()):
        for method in entries:
            answers[f"{method} {path}"] = app(event(method, path), None)

    from chalicelib.core.http.declarations import routes_of

    report["routes"] = [[route.name, _described(route.declaration)] for route in routes_of(app)]
    json.dump(report | {"answers": answers, "loaded": modules}, output)


if __name__ == "__main__":
    main()
