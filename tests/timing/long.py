"""Who is a customer, told by the clock? `python -m tests.timing.long --samples 20000` (I3).

Starts a real server with one worker, and asks over real HTTP with a wrong password: half about logins that
there are, half about logins that there are not, as many times each, in an order made by chance. Each request
comes from an address of its own, told by a trusted proxy's header, and each login is tried ten times at most:
that is how no limit changes an answer. comparing.py says how the timings are compared; the answers have to be
the same but for the trace id and the date. Prints how far it is after every tenth, and as its last line one
JSON object. Ends with status 1 when t is 4.5 or more, or answers differ.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from asking import Line, write_request  # noqa: E402
from telling_apart import TRIES_EACH, Tally, ask_all, basic, pairs, write_activation  # noqa: E402

from loadtest.devices import make_device  # noqa: E402
from loadtest.seeded import Seeded  # noqa: E402
from loadtest.server import run_server  # noqa: E402

MOST = 4.5
PARTS = 10
WARM_UP = 400


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.timing.long", description=__doc__)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--seats", type=int, default=3, help="licences of each account")
    wanted = parser.parse_args()
    logins = -(-(wanted.samples + WARM_UP) // (2 * TRIES_EACH)) + 1
    proxies = {"ACTIVATION_TRUSTED_PROXIES": "127.0.0.1", "ACTIVATION_JOBS": "false"}
    with run_server(logins, 1, wanted.seats, proxies) as server:
        figures = time_activations(server.port, server.seeded, wanted.samples, wanted.seats)
    print(json.dumps(figures))
    sys.exit(not figures["same_answers"] or abs(figures["t"]) >= MOST)


def time_activations(port: int, seeded: Seeded, samples: int, seats: int) -> dict[str, object]:
    """Compare a wrong password with a login that nobody has; the accounts' licences are in use."""
    known = [seeded.login(n) for n in range(seeded.accounts)]
    unknown = [seeded.login(seeded.accounts + n) for n in range(seeded.accounts)]
    line = Line(port)
    for n, which in ((n, which) for n in range(seeded.accounts) for which in range(seats)):
        message = {"product": seeded.product, "version": seeded.version, "device": make_device(n, which)}
        headers = basic(seeded.login(n), seeded.password(n))
        assert line.ask(write_request("/v1/activations", headers, message)).status == 201
    tally = time_in_parts(line, known, unknown, samples)
    line.close()
    return tell("activation", samples, tally)


def time_in_parts(line: Line, known: Sequence[str], unknown: Sequence[str], samples: int) -> Tally:
    tally = Tally()
    asked = pairs(known, unknown, samples + WARM_UP)
    number = ask_all(line, write_activation, (next(asked) for _ in range(WARM_UP)), 0, Tally())
    for part in range(1, PARTS + 1):
        size = samples * part // PARTS - samples * (part - 1) // PARTS
        number += ask_all(line, write_activation, (next(asked) for _ in range(size)), number, tally)
        print(f"{samples * part // PARTS} asked: t = {tally.compared().t:.2f}", flush=True)
    return tally


def tell(what: str, samples: int, tally: Tally) -> dict[str, object]:
    compared = tally.compared()
    return {
        "what": what,
        "samples": samples,
        "t": round(compared.t, 2),
        "t_uncut": round(compared.t_uncut, 2),
        "known_us": round(compared.one_us, 1),
        "unknown_us": round(compared.other_us, 1),
        "same_answers": tally.same_answers,
    }


if __name__ == "__main__":
    main()
