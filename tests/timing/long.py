"""Who is a customer, told by the clock? `python -m tests.timing.long --samples 20000` (I3).

Starts a real server with one worker, and asks over real HTTP about who is there and who is not, as often
each, in an order made by chance: with a wrong password to activate, to sign in, to sign in as staff; for a
link to a new password, and for what comes right after one. Each request comes from an address of its own,
told by a trusted proxy's header, and no login is tried more often than may be: that is how no limit changes
an answer. comparing.py says how the timings are compared. The answers have to be the same but for the trace
id and the date. Prints how far it is after every tenth, and a JSON object for each question; the last line
is one of all. `--what` names some of the questions only. Ends with status 1 when a t is 4.5 or more, or
answers differ.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from asking import Line  # noqa: E402
from known_people import STAFF, give_emails, make_staff, use_licenses  # noqa: E402
from telling_apart import QUESTIONS, Question, Tally, ask_all, mix  # noqa: E402

from loadtest.server import Server, run_server  # noqa: E402

MOST = 4.5
PARTS = 10
WARM_UP = 400
Known = tuple[Sequence[str], Sequence[str]]
"""Logins that there are, and as many that there are not."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.timing.long", description=__doc__)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--seats", type=int, default=3, help="licences of each account, all in use")
    parser.add_argument("--what", default=",".join(QUESTIONS), help="some of " + ", ".join(QUESTIONS))
    wanted = parser.parse_args()
    asked = {what: QUESTIONS[what] for what in wanted.what.split(",")}
    logins = max(count_logins(one, wanted.samples) for one in asked.values())
    proxies = {"ACTIVATION_TRUSTED_PROXIES": "127.0.0.1", "ACTIVATION_JOBS": "false"}
    figures = []
    # Each on a server of its own: what one question leaves in the limits would change the answers of another.
    for what, question in asked.items():
        with run_server(logins, 1, wanted.seats, proxies) as server:
            figures.append(time_question(server, what, question, wanted.samples))
            print(json.dumps(figures[-1]), flush=True)
    good = all(one["same_answers"] and abs(one["t"]) < MOST for one in figures)
    print(json.dumps({"good": good, "questions": figures}))
    sys.exit(not good)


def count_logins(question: Question, samples: int) -> int:
    """Return how many logins of each sort it takes."""
    return -(-(samples + WARM_UP) // (2 * question.tries_each)) + 1


def time_question(server: Server, what: str, question: Question, samples: int) -> dict[str, object]:
    line = Line(server.port)
    use_licenses(line, server.seeded)
    known, unknown = find_people(server, what, count_logins(question, samples))
    tally, asked = Tally(), mix(known, unknown, samples + WARM_UP)
    number = ask_all(line, question, islice(asked, WARM_UP), 0, Tally())
    for part in range(1, PARTS + 1):
        size = samples * part // PARTS - samples * (part - 1) // PARTS
        number = ask_all(line, question, islice(asked, size), number, tally)
        print(f"{what}: {samples * part // PARTS} asked, t = {tally.compared().t:.2f}", flush=True)
    line.close()
    return tell(what, samples, tally, tally.same_answers(question.status))


def find_people(server: Server, what: str, count: int) -> Known:
    """Return who is known and who is not; nothing in the logins themselves tells."""
    dsn, seeded = server.postgres.dsn(), server.seeded
    if what == "staff-sign-in":
        known = asyncio.run(make_staff(dsn, count))
        return known, [STAFF.format(count + n) for n in range(count)]
    known = [seeded.login(n) for n in range(count)]
    if what.endswith("link"):
        asyncio.run(give_emails(dsn, known))
    return known, [seeded.login(seeded.accounts + n) for n in range(count)]


def tell(what: str, samples: int, tally: Tally, same_answers: bool) -> dict[str, object]:
    compared = tally.compared()
    return {
        "what": what,
        "samples": samples,
        "t": round(compared.t, 2),
        "t_uncut": round(compared.t_uncut, 2),
        "known_us": round(compared.one_us, 1),
        "unknown_us": round(compared.other_us, 1),
        "same_answers": same_answers,
    }


if __name__ == "__main__":
    main()
