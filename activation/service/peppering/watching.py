"""The pepper's versions come and go while the server runs: each process takes what its file holds.

A new version is in the file some seconds before it is used (`use_from`), so that every process can read what
is made under it before any makes it. One that meets a version it does not know looks at once (`look`). A file
that is damaged or gone changes nothing: it is logged, and the versions that were good stay in use. Before
the first thing is made under a version, the database tells everybody (`announce`); else it is not used.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from activation.storage.absence import DatabaseUnavailableError
from crypto.pepper import Pepper, Peppers, load_peppers

LOOK_S: Final = 1.0
FIRST: Final = 1

_log = structlog.get_logger("activation.pepper")

Keys = TypeVar("Keys")
Stamp = tuple[int, int, int]


def _nobody() -> None:
    """Nobody has to be told."""


async def _unannounced(version: int) -> None:
    """There is no database yet to tell of a version."""


def stamp_of(path: Path) -> Stamp:
    """Return what `stat` says of a file that changes when it is replaced. Raises OSError."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


class PepperWatch(Generic[Keys]):
    """One process's keys, by the version of the pepper that they derive from.

    `known` holds those of all versions, the newest first, and `version` is the one in use. `rotated` is False
    as long as there was only ever the first: then nothing stands under another version.
    """

    def __init__(self, path: Path, derive: Callable[[Pepper], Keys]) -> None:
        """`derive` makes a version's keys. Raises what `load_peppers` raises."""
        self._path = path
        self._derive = derive
        self.take: Callable[[], None] = _nobody
        """Called whenever there are other versions, or another is in use."""
        self.announce: Callable[[int], Awaitable[None]] = _unannounced
        """Tells the database of a version before it is used. Raises DatabaseUnavailableError."""
        self._used = 0
        self._seen = stamp_of(path)  # before it is read: what changes meanwhile is seen next time
        self._refused = ""
        self._looking = asyncio.Lock()
        self._set(load_peppers(path))
        self._use(int(time.time()))

    def _set(self, peppers: Peppers) -> None:
        self._peppers = peppers
        self.known: Mapping[int, Keys] = {one.version: self._derive(one) for one in peppers}

    def _use(self, now: int) -> None:
        self.version = self._peppers.in_use(now).version
        self.rotated = list(self.known) != [FIRST]

    @property
    def in_use(self) -> Keys:
        """Return the keys that new digests are made under."""
        return self.known[self.version]

    @property
    def newest(self) -> int:
        """Return the latest version that is known, in use or not yet."""
        return max(self.known)

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Return when versions were in use that were retired since: from, until, in seconds since 1970."""
        return self._peppers.gaps()

    def note_used(self, version: int) -> None:
        """Note that the database was told of a version."""
        self._used = max(self._used, version)

    async def say_used(self, version: int) -> None:
        """Have the database tell everybody of a version, once. Raises DatabaseUnavailableError."""
        if version > self._used:
            await self.announce(version)
            self.note_used(version)

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Take the versions if the file changed, and begin to use one whose time has come."""
        async with self._looking:  # one at a time: what was read first must not be taken last
            try:
                stamp = stamp_of(self._path)
                if stamp != self._seen:
                    await self._take(await asyncio.to_thread(load_peppers, self._path))
                    self._seen, self._refused = stamp, ""
                    self._tell("pepper taken")
                await self._begin()
            except (OSError, ValueError, DatabaseUnavailableError) as wrong:
                self._refuse(wrong)

    async def _take(self, peppers: Peppers) -> None:
        if self.version not in [one.version for one in peppers]:  # the one in use until now is gone
            await self.say_used(peppers.in_use(int(time.time())).version)
        self._set(peppers)
        if self.version not in self.known:
            self._use(int(time.time()))
        self.rotated = list(self.known) != [FIRST]

    async def _begin(self) -> None:
        now = int(time.time())
        wanted = self._peppers.in_use(now).version
        if wanted != self.version:
            await self.say_used(wanted)
            self._use(now)
            self._tell("pepper in use")

    def _tell(self, what: str) -> None:
        self.take()
        _log.info(what, versions=list(self.known), in_use=self.version)

    def _refuse(self, wrong: Exception) -> None:
        # Tried again at every look, for what hindered may have passed; told once for each reason.
        if str(wrong) != self._refused:
            self._refused = str(wrong)
            _log.error("pepper not taken", reason=str(wrong))
