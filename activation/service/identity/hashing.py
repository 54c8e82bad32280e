"""Argon2id (RFC 9106) for passwords of staff and resellers' users: a few at a time, in threads.

What is hashed is the keyed hash of the password, so that a stolen database is worth nothing without the
pepper. One hash takes 19 MiB and some 25 ms, as assurance.md has it.
"""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2.exceptions import InvalidHash, VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from activation.service.doors import Door
from crypto.passwords import version_named

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
_SALT_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
NICE: Final = 10
"""How far the threads stand back for others: else a flood of sign-ins slows activating six times."""
NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$VDE1mxTo3QwipIUCCjSNTg$SuZhaKEOgq2u137FPpQVLgP7ArpQD+8IjUOjVsTITbU"
)
"""Verified for a login that has no such hash, so that it takes the same work; it proves nobody."""


def hash_slowly(keyed: bytes) -> str:
    """Return the PHC string of a keyed hash; takes some 25 ms, so call it in a thread.

    Before it stands the version of the pepper that the hash was keyed under, unless that is the first.
    """
    version = version_named(keyed)
    salt = os.urandom(_SALT_BYTES)
    phc = hash_secret(keyed, salt, PASSES, MEMORY_KIB, LANES, _DIGEST_BYTES, Type.ID)
    return (str(version) if version > 1 else "") + phc.decode("ascii")


def version_hashed(phc: str) -> int:
    """Return the version of the pepper that a PHC string's password was keyed under."""
    return int(phc.partition("$")[0] or 1)


def verify_slowly(phc: str, keyed: bytes) -> bool:
    """Tell whether a PHC string is that of a keyed hash."""
    try:
        return verify_secret(phc[phc.index("$") :].encode("ascii"), keyed, Type.ID)
    except (VerificationError, InvalidHash):
        return False


class SlowHashing:
    """The threads of one worker that hash: `at_once` of them, and `waiting` more may wait their turn."""

    def __init__(self, at_once: int = 2, waiting: int = 32) -> None:
        self._door = Door(at_once, waiting)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2", initializer=_stand_back)

    async def hash(self, keyed: bytes) -> str:
        """Return the PHC string of a keyed hash. Raises CrowdedError."""
        async with self._door.enter():
            return await asyncio.get_running_loop().run_in_executor(self._threads, hash_slowly, keyed)

    async def verify(self, phc: str | None, keyed: bytes) -> bool:
        """Tell whether it is the hash of `keyed`; None is not, with the same work. Raises CrowdedError."""
        async with self._door.enter():
            loop = asyncio.get_running_loop()
            same = await loop.run_in_executor(self._threads, verify_slowly, phc or NOBODYS, keyed)
            return same and phc is not None

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _stand_back() -> None:
    """Have this thread run when nothing else wants to, where threads have priorities of their own (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
