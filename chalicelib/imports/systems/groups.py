"""The groups and roles of the other systems, alike for each of them: roles here where the job says so
(`groups_as_roles`), and otherwise something that the administrators know, `metadata.groups`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.profile.rules import ROLE, ROLES_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.imports.systems.translation import SystemOptions, Translation

METADATA = "groups"
"""The member of `metadata` that names them."""
GROUPS_LIMIT = 50
"""Of one person, in their metadata."""
NAME_LIMIT = 100
"""Characters of a group's name."""


def groups(translation: Translation, member: str, names: Sequence[object], options: SystemOptions) -> list[str]:
    """Set the roles of the translation where the job makes roles of groups. Returns what goes to `metadata.groups`.

    A role is a name in small letters; what can be no role, or is one too many, is noted as left out, by the name of the
    `member` that has it.
    """
    texts = [name for name in names if isinstance(name, str) and 0 < len(name) <= NAME_LIMIT]
    if options.groups_as_roles:
        texts = [name.lower() for name in texts if ROLE.fullmatch(name.lower())]
    kept = list(dict.fromkeys(texts))
    limit = ROLES_LIMIT if options.groups_as_roles else GROUPS_LIMIT
    if len(texts) < len(names) or len(kept) > limit:
        translation.note("left_out", member)
    if options.groups_as_roles:
        roles = dict.fromkeys([*translation.row.get("roles", []), *kept])
        translation.put("roles", [*roles][:limit])
        return []
    return kept[:limit]
