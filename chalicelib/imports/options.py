"""The options of a foreign system, with the secret that they name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from chalicelib import passwords
from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.errors import Gone
from chalicelib.imports.model import FileRefused, Options
from chalicelib.imports.systems import SystemOptions
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROJECT = re.compile(r"[a-z0-9-]{1,40}")


def system_options_of(options: Options) -> SystemOptions:
    """The options of the file's system. Raises FileRefused where the secret that they name is missing or not valid."""
    project = _project(options.firebase_project)
    return _system_options(options, firebase=_firebase(project) if project else None)


def preview_options_of(options: Options) -> SystemOptions:
    """The same without secrets and without work: its hashes are of the right kind, and fit no password."""
    project = _project(options.firebase_project)
    stated = _system_options(options, firebase=_STAND_IN if project else None)
    return replace(stated, hash_plain=lambda _: _any_hash())


def _system_options(options: Options, firebase: foreign.Project | None) -> SystemOptions:
    return SystemOptions(
        firebase=firebase,
        cognito_hash_column=options.cognito_hash_column,
        cognito_hash_algorithm=options.cognito_hash_algorithm,
        kratos_email=options.kratos_email or SystemOptions.kratos_email,
        kratos_name=options.kratos_name or SystemOptions.kratos_name,
        groups_as_roles=options.groups_as_roles,
        columns=_checked(options.columns),
    )


def _checked(columns: Mapping[str, str]) -> Mapping[str, str]:
    """Raises FileRefused for columns that go nowhere we know."""
    if columns:
        from chalicelib.imports.systems import mapped

        try:
            mapped.parsed(columns)
        except ValueError as error:
            raise FileRefused(f"columns: {error}") from error
    return columns


_STAND_IN = foreign.Project(signer_key=bytes(64), salt_separator=b"", rounds=8, memory_cost=14)


@cache
def _any_hash() -> str:
    return passwords.hashed("any")


def _project(name: str) -> str:
    """The name of a Firebase project, or none. Raises FileRefused for what can be no name."""
    if name and not _PROJECT.fullmatch(name):
        raise FileRefused("firebase_project must be 1 to 40 lower-case letters, digits or hyphens")
    return name


def _firebase(project: str) -> foreign.Project:
    """The hash parameters in the secret `firebase-<project>`: JSON with the members that Firebase's console shows.

    One secret holds all of them, because they are shown, copied and changed together. Its name has our prefix, so no
    job can read another secret.
    """
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
