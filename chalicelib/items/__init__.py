"""A person's own key-value data: the last writer wins, whatever the order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.items import views
    from chalicelib.items.change_index import changes, scanned
    from chalicelib.items.model import ItemWrite
    from chalicelib.items.store import apply, apply_all, erase, items, value_of
else:
    __getattr__ = names_of(
        __name__,
        {
            "ItemWrite": "model",
            "apply": "store",
            "apply_all": "store",
            "changes": "change_index",
            "erase": "store",
            "items": "store",
            "scanned": "change_index",
            "value_of": "store",
            "views": "",
        },
    )

__all__ = ["ItemWrite", "apply", "apply_all", "changes", "erase", "items", "scanned", "value_of", "views"]
