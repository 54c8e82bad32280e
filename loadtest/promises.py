"""Whether a load test's promises held: what the users saw, against what the database has."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from loadtest.postgres import Counts
from loadtest.tally import CERTIFICATE, Tally


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, whether it held (None: not looked at), and the figures."""

    text: str
    held: bool | None
    figures: str

    @property
    def word(self) -> str:
        """Return the verdict in a word."""
        return {True: "held", False: "BROKEN", None: "not checked"}[self.held]


def weigh(tally: Tally, counts: Counts | None) -> list[Promise]:
    """Return every promise with its verdict. `counts` None: the database could not be asked."""
    broken = sum(tally.broken.values())
    refused = sum(tally.total(status) for status in range(500, 600))
    answers = f"{tally.answered:,} answers, {broken:,} not as expected"
    if tally.broken:
        answers += ": " + "; ".join(
            f"{text} ({n})" for text, n in sorted(tally.broken.items(), key=_count, reverse=True)[:3]
        )
    made = tally.total(201)
    unknown = tally.sent - tally.answered
    stored = _weigh_stored(made, unknown, counts)
    single = None if counts is None else counts.one_device_each
    held = "" if counts is None else f"{counts.current:,} devices on {counts.licenses_held:,} licences"
    return [
        Promise("every answer has the expected status and code", not broken and tally.answered > 0, answers),
        Promise(
            "every certificate verifies offline",
            tally.certificates > 0 and not any(CERTIFICATE in text for text in tally.broken),
            f"{tally.certificates:,} certificates verified",
        ),
        Promise("no answer is a server error", refused == 0, f"{refused:,} answers of 500 and above"),
        stored,
        Promise("no licence is held by two devices", single, held),
    ]


def _count(entry: tuple[str, int]) -> int:
    return entry[1]


def _weigh_stored(made: int, unknown: int, counts: Counts | None) -> Promise:
    """What was answered 201 is stored, and nothing else but calls whose answer never came."""
    text = "every activation answered 201 is stored, and no other"
    if counts is None:
        return Promise(text, None, f"{made:,} answered 201")
    held = made <= counts.activations <= made + unknown and counts.activations == counts.told
    figures = f"{made:,} answered 201, {counts.activations:,} stored, {counts.told:,} in the event log"
    return Promise(text, held, figures + (f", {unknown:,} calls unanswered" if unknown else ""))


def write_summary(promises: list[Promise], lines: list[str], pictures: list[Path], path: Path) -> None:
    """Write the page that says first whether all promises held."""
    verdict = "All promises held." if all_held(promises) else "A PROMISE WAS BROKEN."
    rows = "".join(
        f"<tr><td>{one.word}</td><td>{escape(one.text)}</td><td>{escape(one.figures)}</td></tr>"
        for one in promises
    )
    images = "".join(
        f'<p><img src="{one.name}" alt="{one.stem}"></p>' for one in pictures if one.suffix == ".svg"
    )
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Load test</title>"
        "<style>body{font:16px sans-serif;margin:2em}td{padding:.2em 1em .2em 0}img{max-width:100%}</style>"
        f"<h1>{verdict}</h1><table>{rows}</table>{told}{images}"
        '<p><a href="locust.html">Locust\'s own report</a></p></html>\n',
        encoding="utf-8",
    )


def all_held(promises: list[Promise]) -> bool:
    """Tell whether none was broken."""
    return all(one.held is not False for one in promises)
