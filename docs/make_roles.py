"""Writes docs/roles.md from the one table of roles and acts: `.venv/bin/python docs/make_roles.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from activation.licensing.roles import MAY, Act, Role, may

PAGE: Final = Path(__file__).with_name("roles.md")
_BEFORE: Final = """\
# Who may do what

Made by `python docs/make_roles.py` from `activation/licensing/roles.py`; a test holds the two together.
Admin, sales, support and auditor are the licensor's staff and call `/v1/staff/…`. Owner and operator are a
reseller's users and call `/v1/reseller/…`, where they see and change what is their own reseller's, and
nothing else: checked in the code, and again by row-level security in the database. An end user shows login
and owner's password, calls `/v1/me/…`, and sees the own account. `/v1/self/…` is for everybody's own sessions
and tokens. Softphones have no role here: what they may do is in [protocol.md](protocol.md).

Each address names the act that it is. Without a token the answer is 401, without the role 403.

"""


def page() -> str:
    """Return the whole page."""
    return _BEFORE + "\n".join(_table()) + "\n"


def _table() -> Iterator[str]:
    yield " | ".join(["| act", *Role]) + " |"
    yield "| --- |" + " :-: |" * len(Role)
    for act in Act:
        if act in MAY:
            marks = ["yes" if may(role, act) else "" for role in Role]
            yield " | ".join([f"| `{act}`", *marks]) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
