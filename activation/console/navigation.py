"""The console's main pages, in their order; each is shown to those who may do its act."""

from typing import Final

from activation.licensing.roles import Act, Role, may
from activation.licensing.values import value


@value
class Entry:
    """An entry of the navigation: its address, the key of its text, the act that it is."""

    path: str
    text: str
    act: Act


ENTRIES: Final = (Entry("/console/", "layout.home", Act.SELF),)
"""Add a page's entry here, one line each."""


def entries_of(role: Role) -> list[Entry]:
    """Return the entries that a role may see."""
    return [entry for entry in ENTRIES if may(role, entry.act)]


def is_current(entry: Entry, path: str) -> bool:
    """Tell whether a page belongs under an entry; home is itself alone."""
    return path == entry.path or (entry.path != "/console/" and path.startswith(f"{entry.path}/"))
