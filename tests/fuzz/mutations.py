"""Mutations of certificates and all other tokens, of which none may be accepted.

`python -m tests.fuzz.mutations --count 1000000`, or `make mutations`: that many of a certificate, and a tenth
as many of every other kind of token. Prints a table, what was accepted (nothing), and as its last line one
JSON object. The same seed gives the same mutations. Ends with status 1 when one is accepted.
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from mutating import WAYS  # noqa: E402
from token_targets import OTHERS, TARGETS, Target  # noqa: E402

from crypto.errors import CertificateError  # noqa: E402

ACCEPTED = "ACCEPTED"
Tally = Counter[tuple[str, str]]
"""How often a way ended with a reason."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="of a certificate")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    began, tallies, accepted = time.monotonic(), {}, []
    for target in TARGETS:
        count = wanted.count if target is TARGETS[0] else wanted.count // 10
        tallies[target.name], found = mutate(target, count, wanted.seed)
        accepted += found
        print_table(target.name, tallies[target.name])
    for token in accepted:
        print(f"ACCEPTED: {token!r}")
    told = {
        "mutations": sum(tally.total() for tally in tallies.values()),
        "of_a_certificate": tallies[TARGETS[0].name].total(),
        "accepted": len(accepted),
        "seed": wanted.seed,
        "seconds": round(time.monotonic() - began, 1),
        "by_target": {name: tally.total() for name, tally in tallies.items()},
    }
    print(json.dumps(told))
    sys.exit(1 if accepted else 0)


def mutate(target: Target, count: int, seed: int) -> tuple[Tally, list[str]]:
    """Show the target `count` changed tokens; return how it judged them, and those that it accepted."""
    rng, tally, accepted = Random(f"{seed} {target.name}"), Tally(), []
    while tally.total() < count:
        way = WAYS[tally.total() % len(WAYS)]
        token = way(rng, target.token, OTHERS)
        if token == target.token:
            continue
        reason = judge(target, token)
        if reason != ACCEPTED:
            tally[way.__name__, reason] += 1
        elif not target.is_genuine(token):
            tally[way.__name__, reason] += 1
            accepted.append(token)
    return tally, accepted


def judge(target: Target, token: str) -> str:
    """Return the reason why the target refuses the token, or ACCEPTED; any other exception goes up."""
    try:
        believed = target.verify(token)
    except CertificateError as refused:
        return refused.reason
    return "not recognised" if believed is None else ACCEPTED


def print_table(name: str, tally: Tally) -> None:
    reasons = sorted({reason for _, reason in tally} | {ACCEPTED})
    print(f"\n{name}\n{'':20}{'tried':>10}" + "".join(f"{reason:>15}" for reason in reasons))
    for way in (way.__name__ for way in WAYS):
        row = [tally[way, reason] for reason in reasons]
        print(f"{way:20}{sum(row):>10}" + "".join(f"{number:>15}" for number in row), flush=True)


if __name__ == "__main__":
    main()
