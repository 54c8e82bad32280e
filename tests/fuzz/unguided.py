"""Fuzzing without guidance: seeds changed at random, the same ones for the same random seed."""

import itertools
from collections.abc import Iterator, Sequence
from random import Random

from parsing import Parser

STRANGE = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"1e999",
    b"NaN",
    b"-0",
    b"9" * 40,
    b"9" * 5000,
    b'"',
    b"[" * 400,
    b'{"a":' * 200,
    b"null",
    b"true",
    b"\r\n",
    b",",
    b"\xe2\x80\xae",
    "\U0001f511\u0130\u00df\u1e9e".encode(),
)


def inputs(parser: Parser, seed: int) -> Iterator[bytes]:
    """Return the parser's seeds, and then for ever what comes of changing them."""
    rng = Random(f"{seed} {parser.name}")
    yield from parser.seeds
    yield b""
    for _ in itertools.count():
        data = bytearray(rng.choice(parser.seeds))
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            _change(rng, data, parser.seeds)
        yield bytes(data)


def _change(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    a = rng.randrange(len(data) + 1)
    b = min(len(data), a + rng.choice((0, 1, 1, 2, 4, 16, 64)))
    other = rng.choice(seeds)
    begin = rng.randrange(len(other) + 1)
    data[a:b] = rng.choice(
        (
            b"",
            rng.choice(STRANGE),
            rng.randbytes(b - a),
            bytes(byte ^ 1 << rng.randrange(8) for byte in data[a:b]),
            other[begin : begin + rng.choice((1, 4, 16, 64))],
            bytes(data[a:b]) * 3,
        )
    )
