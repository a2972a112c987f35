"""The stylesheets, modules and pictures that pages load, as one set, whose version is part of each one's URL.

Some folders are none of the repository. `brand`: the product's colours and its sign follow from the settings, and the
signs of identity providers are the owner's files. `texts-<locale>`: what each part of the console says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from chalicelib.core import brand, wire, wording
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings
from chalicelib.web import catalogues

HERE = Path(__file__).parent
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
}


SHARED = "shared"
BRAND = "brand"
TEXTS = "texts-"
OF_CONNECTION = "connection-"
LETTER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="{colour}"/>
<text x="16" y="22.5" font-family="system-ui, sans-serif" font-size="19" font-weight="700" fill="#fff"
 text-anchor="middle">{letter}</text>
</svg>
"""


@dataclass(frozen=True)
class Asset:
    """A file, as it is sent to a browser."""

    text: str
    media_type: str


@settings.once
def assets() -> dict[tuple[str, str], Asset]:
    """Every file by its folder and name, read once per process."""
    files = {
        (path.parent.name, path.name): Asset(_served(path), MEDIA_TYPES[path.suffix])
        for path in sorted(HERE.glob("*/*"))
        if path.suffix in MEDIA_TYPES
    }
    return {
        **files,
        (BRAND, "colours.css"): Asset(_colours(), MEDIA_TYPES[".css"]),
        (BRAND, "icon.svg"): Asset(icon(files["shared", "icon.svg"].text), MEDIA_TYPES[".svg"]),
        **{(BRAND, name): Asset(text, MEDIA_TYPES[".svg"]) for name, text in signs().items()},
        **texts(),
    }


def _served(path: Path) -> str:
    """A file as browsers get it: scripts and stylesheets without their comments and indentation, a quarter less."""
    text = path.read_text("utf-8")
    return lean(text) if path.suffix in {".css", ".js"} and not path.with_suffix(".license.txt").exists() else text


def lean(text: str) -> str:
    """A script or a stylesheet without comments on lines of their own, indentation and empty lines. Lines of a text
    between backticks stay as they are."""
    lines: list[str] = []
    in_comment = in_text = False
    for whole in text.splitlines():
        line = whole if in_text else whole.strip()
        in_comment = in_comment or (not in_text and line.startswith("/*"))
        if in_text or (line and not in_comment and not line.startswith("//")):
            lines.append(line)
            in_text ^= line.count("`") % 2 == 1
        in_comment = in_comment and not line.endswith("*/")
    return "\n".join(lines) + "\n"


def texts() -> dict[tuple[str, str], Asset]:
    """What each part of the console says in each locale."""
    documents = {path.parent.name for path in HERE.glob("*/page.html")}
    parts = [part for part in catalogues.parts() if part not in {SHARED, *documents}]
    return {
        (f"{TEXTS}{locale.replace('_', '-')}", f"{part}.json"): Asset(
            wire.to_json(catalogues.of_part(part, locale)), MEDIA_TYPES[".json"]
        )
        for locale in catalogues.all_locales()
        for part in parts
    }


def _colours() -> str:
    """The stylesheet of the product's own colours."""
    light, dark = (
        "".join(f"{name}: {colour}; " for name, colour in brand.palette(setting, accent).items())
        for setting, accent in (
            ("accent_color", settings().accent_color),
            ("accent_color_dark", settings().accent_color_dark),
        )
    )
    return f":root {{ {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"


def icon(ours: str, folders: tuple[Path, ...] = wording.FOLDERS) -> str:
    """The product's logo. A product without one has its first letter, and Rollcall its own."""
    name, logo = settings().product_name, settings().logo
    if logo and (path := wording.find(logo, folders)):
        return path.read_text("utf-8")
    if name == brand.ROLLCALL:
        return ours
    return LETTER.format(letter=escape(name[0].upper()), colour=settings().accent_color)


def signs(folders: tuple[Path, ...] = wording.FOLDERS) -> dict[str, str]:
    """The owner's pictures of identity providers, `connection-<id>.svg`, for the buttons of their connections. None is
    ours to ship: they are trademarks, which each provider hands out under terms of its own."""
    paths = [path for folder in reversed(folders) for path in folder.glob(f"{OF_CONNECTION}*.svg")]
    return {path.name: path.read_text("utf-8") for path in paths}


def signed_connections() -> list[str]:
    """The ids of the connections that have such a picture."""
    names = (name for folder, name in assets() if folder == BRAND and name.startswith(OF_CONNECTION))
    return sorted(name.removeprefix(OF_CONNECTION).removesuffix(".svg") for name in names)


@settings.once
def version() -> str:
    """The version of the whole set. It changes with any file, so that files of two versions are never used together."""
    digest = hashlib.sha256()
    for (folder, name), asset in assets().items():
        for part in (folder, name, asset.text):
            digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:16]


def find(folder: str, name: str) -> Asset:
    """The file of that name. Raises NotFound."""
    try:
        return assets()[folder, name]
    except KeyError:
        raise NotFound("there is no such file") from None
