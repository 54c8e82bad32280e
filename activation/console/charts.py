"""Charts' geometry: numbers into points and bars of a picture, which templates/parts/charts.html draws."""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import ceil, floor, log10
from typing import Final

from activation.licensing.values import value

WIDTH: Final = 480
HEIGHT: Final = 200
LEFT: Final = 44
BOTTOM: Final = 24
TOP: Final = 10
RIGHT: Final = 8
RANK: Final = 38
"""How high a lying bar is, with its label."""
MOST_LABEL: Final = 42
_MOST_LABELS: Final = 6


@value
class Mark:
    """A line across, or a label below: where, and what it says."""

    at: float
    text: str


@value
class Bar:
    """One bar."""

    x: float
    y: float
    width: float
    height: float
    label: str
    number: float


@value
class Bars:
    """A chart of bars."""

    bars: tuple[Bar, ...]
    levels: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    floor: float = HEIGHT - BOTTOM


@value
class Line:
    """One line: its name, its points as SVG writes them, its numbers."""

    name: str
    points: str
    area: str
    numbers: tuple[float, ...]


@value
class Lines:
    """A chart of lines over the same labels."""

    lines: tuple[Line, ...]
    levels: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    """The table beside: each row's name, and a number for each line."""


@value
class Rank:
    """One bar that lies: its label above it, its number at the right."""

    y: float
    width: float
    label: str
    number: float


@value
class Ranking:
    """A chart of lying bars, for what has long names."""

    ranks: tuple[Rank, ...]
    height: float


def smooth(numbers: Sequence[float], over: int) -> list[float]:
    """Return for each number the mean of it and those before it, `over` in all, as far as there are."""
    made = []
    for at in range(len(numbers)):
        window = numbers[max(at - over + 1, 0) : at + 1]
        made.append(_round(sum(window) / len(window)))
    return made


def ranking(rows: Sequence[tuple[str, float]]) -> Ranking:
    """Return a chart of a lying bar for each (label, number); the longest takes the whole width."""
    most = max((number for _, number in rows), default=0)
    made = [
        Rank(
            float(RANK * index),
            _round(WIDTH * number / most) if most else 0.0,
            label if len(label) <= MOST_LABEL else f"{label[: MOST_LABEL - 1]}…",
            number,
        )
        for index, (label, number) in enumerate(rows)
    ]
    return Ranking(tuple(made), float(RANK * len(rows)))


def bars(rows: Sequence[tuple[str, float]]) -> Bars:
    """Return a chart of a bar for each (label, number)."""
    top = nice_top(max((number for _, number in rows), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    thick = min(step * 0.7, 56.0)
    made = [
        Bar(
            _round(LEFT + step * index + (step - thick) / 2),
            _y(number, top),
            _round(thick),
            _round(HEIGHT - BOTTOM - _y(number, top)),
            label,
            number,
        )
        for index, (label, number) in enumerate(rows)
    ]
    middles = [Mark(_round(LEFT + step * (index + 0.5)), label) for index, (label, _) in enumerate(rows)]
    return Bars(tuple(made), _levels(top), _thinned(middles))


def lines(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    rows: Sequence[str] = (),
    fold: Callable[[Sequence[float]], float] = sum,
) -> Lines:
    """Return a chart of lines: each has a number for each label.

    The table beside has a row for each label; where `rows` names another for each, those of one name follow
    each other and are folded into one.
    """
    top = nice_top(max((number for _, numbers in series for number in numbers), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels) - 1, 1)
    xs = [_round(LEFT + step * index) for index in range(len(labels))]
    made = []
    for name, numbers in series:
        points = " ".join(f"{x},{_y(number, top)}" for x, number in zip(xs, numbers, strict=True))
        base = HEIGHT - BOTTOM
        area = f"{xs[0]},{base} {points} {xs[-1]},{base}" if xs else ""
        made.append(Line(name, points, area, tuple(numbers)))
    marks = [Mark(x, label) for x, label in zip(xs, labels, strict=True)]
    return Lines(tuple(made), _levels(top), _thinned(marks), tuple(labels), _fold(rows or labels, made, fold))


def _fold(
    names: Sequence[str], made: Sequence[Line], fold: Callable[[Sequence[float]], float]
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    found: list[tuple[str, tuple[float, ...]]] = []
    for name, group in groupby(range(len(names)), key=names.__getitem__):
        places = list(group)
        found.append((name, tuple(fold([line.numbers[at] for at in places]) for line in made)))
    return tuple(found)


def nice_top(most: float) -> float:
    """Return the end of a scale that holds `most`: 1, 2 or 5 times a power of ten, and no less than 1."""
    if most <= 1:
        return 1
    power = 10 ** floor(log10(most))
    return float(next(one * power for one in (1, 2, 5, 10) if one * power >= most))


def _levels(top: float) -> tuple[Mark, ...]:
    parts = [0.0, top / 2, top] if top % 2 == 0 else [0.0, top]
    return tuple(Mark(_y(level, top), _short(level)) for level in parts)


def _short(level: float) -> str:
    """Return a level in a few characters: 500k, 2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if level >= 10 * size or (level >= size > 1_000):
            return f"{level / size:g}{unit}"
    return f"{level:g}"


def _y(number: float, top: float) -> float:
    return _round(TOP + (HEIGHT - BOTTOM - TOP) * (1 - number / top))


def _thinned(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    every = max(ceil(len(marks) / _MOST_LABELS), 1)
    return tuple(mark for index, mark in enumerate(marks) if index % every == 0)


def _round(number: float) -> float:
    return round(number, 1)
