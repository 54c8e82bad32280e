"""A browser's name as a person knows it, from its User-Agent (RFC 9110): few words, and no fingerprint."""

import re
from typing import Final

_BROWSERS: Final = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[^ ]* (?:Mobile/\w+ )?Safari"),
    ("curl", r"^curl/(\d+)"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)
UNKNOWN: Final = "another program"
_MOST: Final = 512


def browser_of(user_agent: str) -> str:
    """Return for example `Firefox 140, Windows`."""
    text = user_agent[:_MOST]
    found = ((name, re.search(pattern, text)) for name, pattern in _BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match is not None), UNKNOWN)
    system = next((name for name, mark in _SYSTEMS if mark in text), None)
    return browser if system is None else f"{browser}, {system}"
