"""The SQL statements, by the name of their file in `sql/`."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return files("activation.storage").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
