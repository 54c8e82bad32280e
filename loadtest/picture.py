"""The benchmark's figures as a picture: a bar for each median, a line for its spread."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from loadtest.telling import MEANINGS


def draw(report: dict[str, Any], path: Path) -> None:
    """Write the picture; the file's ending says in which format."""
    names = [name for name in MEANINGS if report[name] is not None]
    medians = [report[name] for name in names]
    spreads = [report["spread"][name] for name in names]
    below = [middle - least for middle, (least, _) in zip(medians, spreads, strict=True)]
    above = [most - middle for middle, (_, most) in zip(medians, spreads, strict=True)]
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    colours = ["#4878a8" if "activation" in name or "renewal" in name else "#b0b0b0" for name in names]
    bars = axes.barh(names, medians, xerr=[below, above], color=colours, ecolor="#303030", capsize=3)
    axes.bar_label(bars, [f"{value:,.0f}" for value in medians], padding=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    machine = report["machine"]
    axes.set_xlabel("a second; median, and least to most of the rounds")
    axes.set_title(
        f"{machine['processor']}, {machine['cores']} cores shared with PostgreSQL and the load", fontsize=10
    )
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
