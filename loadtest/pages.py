"""How quick the console's pages are: `python -m loadtest.pages`.

Runs the demo in a folder that goes away, fills it (1 million licences, 10,000 events on one of them, a
company with 10,000 seats, a reseller with 10,000 customers), signs in as each of its people, follows every
link from their first page to each kind of page there is, and asks for each many times over. Prints the
milliseconds from the request to the last byte, the slowest first; the last line is one JSON object. Ends with
status 1 when a page is not there, or is slower than it may be.
"""

import argparse
import json
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from statistics import median
from typing import Final
from urllib.parse import quote, urljoin

from rich.console import Console
from rich.table import Table

from loadtest.browsing import Browser, shape_of
from loadtest.demonstration import run_demo
from loadtest.filling import FEWEST, Filled, fill

WHO: Final = ("support", "sales", "admin", "auditor", "reseller", "end_user", "company")
EXAMPLES: Final = 3
"""Of each kind, so many are visited: another one may lead further."""
_PAGES: Final = "/console"


@dataclass(frozen=True, slots=True)
class Timed:
    """What a page took, in milliseconds."""

    who: str
    page: str
    kilobytes: float
    median_ms: float
    p99_ms: float


@dataclass(slots=True)
class Tour:
    """All the pages that one person came to: what they took, and what went wrong."""

    who: str
    browser: Browser
    timed: list[Timed] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def go(self, begin: Sequence[str], times: int) -> None:
        """Measure every kind of page that links lead to from these."""
        for kind, path in self._kinds(begin):
            answers = [self.browser.get(path) for _ in range(times)]
            if not all(answer.is_page for answer in answers):
                self.wrong.append(f"{self.who}: {path} answered { ({one.status for one in answers}) }")
                continue
            taken = sorted(answer.ms for answer in answers)
            p99 = taken[ceil(len(taken) * 0.99) - 1]
            size = len(answers[0].body) / 1024
            self.timed.append(Timed(self.who, kind, round(size, 1), round(median(taken), 1), round(p99, 1)))

    def _kinds(self, begin: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield an address of each kind of page; those of `begin` first, one by one."""
        waiting, seen, visits = deque(begin), set(begin), Counter[str]()
        while waiting:
            path = waiting.popleft()
            kind = path if path in begin else shape_of(path)
            visits[kind] += 1
            if visits[kind] > EXAMPLES:
                continue
            answer = self.browser.get(path)
            if answer.status == 200 and visits[kind] == 1:
                yield kind, path
            elif answer.status not in (200, 303):
                self.wrong.append(f"{self.who}: {path} answered {answer.status}")
            links = [answer.location] if answer.location else answer.document().links
            for link in (urljoin(path, one).partition("#")[0] for one in links):
                if link.startswith(_PAGES) and link not in seen:
                    seen.add(link)
                    waiting.append(link)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parse(arguments)
    console = Console(highlight=False)
    timed, wrong = [], []
    with run_demo() as demo:
        console.print(f"Filling a server with {options.licenses:,} licences ...", style="dim")
        filled = fill(demo, options.licenses)
        console.print(
            ", ".join(f"{number:,} of {name}" for name, number in filled.counts.items()), style="dim"
        )
        for who in WHO:
            tour = Tour(who, Browser(demo.base_url))
            tour.browser.sign_in(filled.company if who == "company" else demo.person(who))
            tour.go(_begin(filled, who), options.times)
            tour.browser.close()
            timed += tour.timed
            wrong += tour.wrong
    timed.sort(key=lambda one: -one.p99_ms)
    over = [one for one in timed if one.p99_ms > options.most_ms]
    _show(console, timed, wrong)
    told = {"over": len(over), "most_ms": options.most_ms, "times": options.times, "wrong": len(wrong)}
    slowest = {"median_ms": max(one.median_ms for one in timed), "p99_ms": timed[0].p99_ms}
    pages = [asdict(one) for one in timed]
    sys.stdout.write(json.dumps({"counts": filled.counts, **told, "slowest": slowest, "pages": pages}) + "\n")
    sys.exit(1 if over or wrong else 0)


def _begin(filled: Filled, who: str) -> list[str]:
    """Return where a person begins: at home; who may find licences also by searching for some."""
    if who not in ("support", "sales", "admin", "auditor"):
        return ["/console/"]
    asked = (
        filled.login,
        filled.login[:8],
        filled.login.rpartition("-")[0],
        filled.email,
        filled.email[:6],
        filled.device,
        "desktop-",
        filled.license,
        "nobody at all",
    )
    searches = [f"/console/licenses?fragment=1&query={quote(one)}" for one in asked]
    return ["/console/", f"/console/licenses/{filled.license}", *searches]


def _show(console: Console, timed: Sequence[Timed], wrong: Sequence[str]) -> None:
    table = Table("who", "page", "KiB", "median ms", "p99 ms")
    for column in table.columns[2:]:
        column.justify = "right"
    for one in timed:
        table.add_row(one.who, one.page, f"{one.kilobytes}", f"{one.median_ms}", f"{one.p99_ms}")
    console.print(table)
    for line in wrong:
        console.print(line, style="red")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.pages", description=__doc__)
    parser.add_argument("--licenses", type=int, default=1_000_000, help="licences in all (1000000)")
    parser.add_argument("--times", type=int, default=50, help="how often each page is asked for (50)")
    parser.add_argument("--most-ms", type=float, default=100.0, help="how long a page may take (100)")
    options = parser.parse_args(arguments)
    if options.licenses < FEWEST or options.times < 2:
        parser.error(f"at least {FEWEST} licences and 2 times are needed")
    return options


if __name__ == "__main__":
    main()
