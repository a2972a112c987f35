"""`python -m tests.browser.branded PORT ISSUER`: the pages of another product, over moto, in a process of their own.

One may come to it from the identity provider at ISSUER.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

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
    "OUTBOUND_ALLOW_HTTP": "on",
}
CONNECTION = "Elsewhere"


def serve(port: int, issuer: str) -> None:
    """Serve them until the process ends."""
    from chalice.config import Config
    from chalice.local import LocalDevServer

    import tests.in_process
    import tests.temper  # noqa: F401 - as every process that runs the app over moto
    from chalicelib.connections import administration
    from chalicelib.core import wording
    from tests.builders import a_user
    from tests.cloud.people import PASSWORD
    from tests.cloudlike import stage

    with stage():
        a_user(email=EMAIL, password=PASSWORD, email_verified=True)
        connection = {"name": CONNECTION, "enabled": True, "issuer": issuer, "client_id": "kranich"}
        trusted = {"trusted_domains": ["kranich.example"]}
        administration.create("elsewhere", "oidc", "of the connection", connection | trusted, "ops.example")
        wording.FOLDERS = (Path(__file__).parent / "wording",)
        from app import app

        LocalDevServer(app, Config.create(), "localhost", port).serve_forever()


if __name__ == "__main__":
    listens_at, provider = int(sys.argv[1]), sys.argv[2]
    # Beside a running stage, whose cloud the tests' own process speaks to.
    for inherited in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(inherited, None)
    os.environ.update(
        ENVIRONMENT | BRAND | {"PUBLIC_URL": f"http://localhost:{listens_at}", "ALLOWED_ORIGINS": ""}
    )
    serve(listens_at, provider)
