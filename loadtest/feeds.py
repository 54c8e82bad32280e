"""Feeds: files of requests, each after its length in six digits, so that wrk's Lua can read them too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Feed:
    """Requests for one run of a driver, dealt out to as many files as the driver has threads."""

    parts: tuple[Path, ...]

    def visited(self, counts: Sequence[int]) -> list[bytes]:
        """Return the requests that were sent: the first so many of each part."""
        pairs = zip(self.parts, counts, strict=True)
        return [request for part, count in pairs for request in islice(read_part(part), count)]


def write_feed(folder: Path, name: str, requests: Iterable[bytes], parts: int) -> Feed:
    """Deal requests out to `parts` files, in turn."""
    paths = tuple(folder / f"{name}.{part}" for part in range(parts))
    files = [path.open("wb") for path in paths]
    try:
        for n, request in enumerate(requests):
            files[n % parts].write(b"%06d%b" % (len(request), request))
    finally:
        for file in files:
            file.close()
    return Feed(paths)


def read_part(path: Path) -> Iterator[bytes]:
    """Yield one part's requests in order."""
    with path.open("rb") as file:
        while size := file.read(6):
            yield file.read(int(size))
