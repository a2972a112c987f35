"""Run as a program with nothing but a package on the path: does what Lambda does until a function's first answer.

Its arguments are the folder of the package, the handler (`app.on_history`, or `app.app` for a request), and a file with
the event. Only what a function loads is imported before it.
"""

import sys

folder, handler, file = sys.argv[1:4]
sys.path.insert(0, folder)


def main() -> None:
    import json

    import app

    with open(file, encoding="utf-8") as event:
        answer = getattr(app, handler.partition(".")[2])(json.load(event), None)
    if handler == "app.app" and answer["statusCode"] != 200:
        sys.exit(f"answered {answer}")


main()
