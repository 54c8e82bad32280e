"""Where new ids come from: time-ordered, so that indexes grow at one end, and different in every process."""

import itertools
import random
import secrets
import time
from typing import Final

from activation.licensing.identifiers import ALPHABET, make_id

_BEGINNING_MS: Final = 1_767_225_600_000  # 2026-01-01
_COUNT_BITS: Final = 14
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]


class IdSource:
    """Makes ids of 41 bits of milliseconds and 14 bits of a count that starts anywhere.

    Two processes may once in a long while make the same id; the primary keys refuse it and the attempt is
    decided again.
    """

    def __init__(self) -> None:
        self._count = itertools.count(secrets.randbits(_COUNT_BITS))

    def new(self, shard: int) -> int:
        """Return a new id in `shard`."""
        elapsed = time.time_ns() // 1_000_000 - _BEGINNING_MS
        return make_id(shard, elapsed << _COUNT_BITS | next(self._count) & ((1 << _COUNT_BITS) - 1))


def new_trace_id() -> str:
    """Return a short random name for one request, to be read out on the phone: `7kq2-m4xd`; no secret."""
    bits = random.getrandbits(40)
    first, second, third, fourth = (_PAIRS[bits >> shift & 1023] for shift in (30, 20, 10, 0))
    return f"{first}{second}-{third}{fourth}"
