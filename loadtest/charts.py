"""Pictures of a Locust run from its CSV history: every second the rate and the times of the last ten."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

FORMATS = ("svg", "png")


@dataclass(slots=True)
class History:
    """One figure for each second of the run, NaN where Locust had none."""

    seconds: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p95_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)


def read_history(path: Path) -> History:
    """Read the aggregated lines of Locust's `_stats_history.csv`."""
    history = History()
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Name"] == "Aggregated"]
    for row in rows:
        history.seconds.append(int(row["Timestamp"]) - int(rows[0]["Timestamp"]))
        history.rates.append(_number(row["Requests/s"]))
        history.failures.append(_number(row["Failures/s"]))
        history.p50_ms.append(_number(row["50%"]))
        history.p95_ms.append(_number(row["95%"]))
        history.p99_ms.append(_number(row["99%"]))
    return history


def draw_charts(history: History, folder: Path) -> list[Path]:
    """Draw both pictures in every format; return the files."""
    return [*_draw_rates(history, folder), *_draw_times(history, folder)]


def _draw_rates(history: History, folder: Path) -> list[Path]:
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(history.seconds, history.rates, label="answers")
    axes.plot(history.seconds, history.failures, label="answers that broke a promise", color="#c03030")
    _finish(axes, "a second")
    return _save(figure, folder, "rate")


def _draw_times(history: History, folder: Path) -> list[Path]:
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.subplots()
    for values, label in ((history.p50_ms, "50 %"), (history.p95_ms, "95 %"), (history.p99_ms, "99 %")):
        axes.plot(history.seconds, values, label=f"{label} faster than")
    _finish(axes, "milliseconds")
    return _save(figure, folder, "percentiles")


def _finish(axes: Axes, unit: str) -> None:
    axes.set_xlabel("seconds since the start")
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}.{kind}" for kind in FORMATS]
    for path in paths:
        figure.savefig(path)
    return paths


def _number(text: str) -> float:
    return float(text) if text not in ("", "N/A") else float("nan")
