"""Run as a program: imports what each handler imports, each in a fork of its own, and prints what that loaded.

Its arguments are a JSON object of handlers and their modules; it prints one of the same handlers and every module
that was then loaded. Before all, under the name `app`, stands what importing `app.py` alone loads.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def loaded_by(modules: list[str]) -> list[str]:
    """The names of all modules that are loaded once these are, in a process that ends with them."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for module in modules:
                importlib.import_module(module)
            with open(writing, "w", encoding="utf-8") as pipe:
                json.dump(sorted(sys.modules), pipe)
        except ImportError as error:
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return list(json.loads(answer)) if answer else sys.exit(f"importing {', '.join(modules)} failed")


def main() -> None:
    import app  # noqa: F401 - what Lambda imports first

    report = {"app": sorted(sys.modules)}
    importlib.import_module("chalicelib.core.aws.batch")  # the ground of nearly all: boto3 is imported once
    report |= {handler: loaded_by(modules) for handler, modules in json.loads(sys.argv[1]).items()}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
