"""What a job's options ask for, with the secret that they name."""

from __future__ import annotations

import json
import re

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.errors import Gone
from chalicelib.imports.model import FileRefused, Options
from chalicelib.imports.systems import Asked
from chalicelib.passwords import foreign

_PROJECT = re.compile(r"[a-z0-9-]{1,40}")


def asked_of(options: Options) -> Asked:
    """What the options say of a file. Raises FileRefused where they name what is not there."""
    return Asked(
        firebase=_firebase(options.firebase_project) if options.firebase_project else None,
        cognito_hash_column=options.cognito_hash_column,
        cognito_hash_algorithm=options.cognito_hash_algorithm,
        kratos_email=options.kratos_email or Asked.kratos_email,
        kratos_name=options.kratos_name or Asked.kratos_name,
    )


def _firebase(project: str) -> foreign.Project:
    """The parameters in the secret `firebase-<project>`: JSON of the members that Firebase's console shows.

    The secret holds all of them, because they are shown, copied and changed together. Its name begins with ours, so
    that no job reads another secret.
    """
    if not _PROJECT.fullmatch(project):
        raise FileRefused("firebase_project must be 1 to 40 lower-case letters, digits or hyphens")
    name = f"firebase-{project}"
    try:
        with reading(f"the secret {name} of this stage"):
            shown = json.loads(clients.secret(name))
        return foreign.Project.shown(shown)
    except Gone as gone:
        raise FileRefused(gone.detail) from gone
    except foreign.FieldFault as fault:
        raise FileRefused(f"the secret {name} is not as Firebase's console shows it: {fault}") from fault
    except ValueError as error:
        raise FileRefused(f"the secret {name} is not JSON") from error
