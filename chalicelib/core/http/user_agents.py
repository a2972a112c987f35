"""The name of a browser, from its `User-Agent` header: always a name of our own lists, never text of the client.

`web/account/user-agents.js` does the same where people see their own devices.
"""

from __future__ import annotations

import re

BROWSERS = (
    (r"\bEdg(?:e|A|iOS)?/", "Edge"),
    (r"\bOPR/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:Chrome|Chromium|CriOS|HeadlessChrome)/", "Chrome"),
    (r"\bSafari/", "Safari"),
)
SYSTEMS = (
    (r"\bAndroid\b", "Android"),
    (r"\biPhone\b|\biPad\b", "iOS"),
    (r"\bWindows\b", "Windows"),
    (r"\bMac OS X\b", "macOS"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bLinux\b", "Linux"),
)
"""The first that fits counts: most claim to be others as well."""

READ = 400
"""Characters that are looked at."""


def named(agent: str) -> str:
    """Names for a `User-Agent`, in no language: `Firefox, Linux`. Empty where nothing is known of it."""
    parts = (_first(names, agent[:READ]) for names in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in parts if name)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, agent)), "")
