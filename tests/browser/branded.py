"""`python -m tests.browser.branded PORT`: the pages of another product, over moto, in a process of their own."""

from __future__ import annotations

import os
import sys

from tests.environment import ENVIRONMENT

EMAIL = "ada@example.com"
BRAND = {
    "PRODUCT_NAME": "Kranich",
    "ACCENT_COLOR": "#b00020",
    "ACCENT_COLOR_DARK": "#ffb3b3",
    "TERMS_URL": "https://kranich.example/terms",
    "TERMS_VERSION": "2026-03",
    "PRIVACY_URL": "https://kranich.example/privacy",
    "SUPPORT": "help@kranich.example",
    "EMAIL_VERIFICATION": "optional",
}


def serve(port: int) -> None:
    """Serve them until the process ends."""
    from chalice.config import Config
    from chalice.local import LocalDevServer

    import tests.in_process
    import tests.temper  # noqa: F401 - as every process that runs the app over moto
    from tests.builders import a_user
    from tests.cloud.people import PASSWORD
    from tests.cloudlike import stage

    with stage():
        a_user(email=EMAIL, password=PASSWORD, email_verified=True)
        from app import app

        LocalDevServer(app, Config.create(), "localhost", port).serve_forever()


if __name__ == "__main__":
    listens_at = int(sys.argv[1])
    # Beside a running stage, whose cloud the tests' own process speaks to.
    for inherited in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(inherited, None)
    os.environ.update(
        ENVIRONMENT | BRAND | {"PUBLIC_URL": f"http://localhost:{listens_at}", "ALLOWED_ORIGINS": ""}
    )
    serve(listens_at)
