"""Seeds from the committed vectors: inputs that somebody thought about, good and bad."""

import base64
import json
from pathlib import Path

VECTORS = Path(__file__).parents[1] / "vectors"


def texts(file: str, *members: str) -> tuple[bytes, ...]:
    """Return these members of all cases of a file, each once."""
    cases = json.loads((VECTORS / f"{file}.json").read_text("utf-8"))["cases"]
    found = [case[member] for case in cases for member in members]
    return tuple(dict.fromkeys(text.encode("utf-8", "surrogatepass") for text in found))


def contents(file: str, member: str) -> tuple[bytes, ...]:
    """Return a member that is bytes in base64url."""
    return tuple(base64.urlsafe_b64decode(text + b"==") for text in texts(file, member))


def behind(place: int, seeds: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the seeds behind the byte that names the parser they are for."""
    return tuple(bytes([place]) + seed for seed in seeds)
