"""What a parser is to the fuzzer: a way to feed it bytes, what it may raise, what to begin with."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

BOUND_S = 1.0
"""What one input may cost in processor time: whoever sends it must not be able to hold a worker up."""


class TooSlowError(AssertionError):
    """An input of a few kilobytes kept its parser busy longer than BOUND_S."""


@dataclass(frozen=True)
class Parser:
    """`feed` reads an input and holds what it gives against what must be true of it."""

    name: str
    feed: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    raises: tuple[type[Exception], ...] = ()
    """The documented refusals; anything else is a find."""

    def __call__(self, data: bytes) -> None:
        """Feed the parser. Raises what must not be raised, and TooSlowError."""
        began = time.thread_time()
        with suppress(*self.raises):
            self.feed(data)
        if time.thread_time() - began > BOUND_S:
            raise TooSlowError(f"{self.name}: more than {BOUND_S} s for {len(data)} bytes")


def text_of(data: bytes) -> str:
    """Return any text at all, with lone surrogates where the bytes are no UTF-8, as argv brings them."""
    return data.decode("utf-8", "surrogateescape")


def chosen(data: bytes, number: int) -> tuple[int, bytes]:
    """Return which of `number` parsers the first byte names, and what it is to read."""
    return (data[0] % number if data else 0), data[1:]


def seeds_for(*samples: bytes) -> tuple[bytes, ...]:
    """Return each parser's sample behind the byte that names it."""
    return tuple(bytes([place]) + sample for place, sample in enumerate(samples))
