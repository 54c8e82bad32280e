"""The benchmark's figures: medians and spreads of the rounds, ratios, and the machine they come from."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

RATIOS: Final = {
    "activation/hello": ("activation_rps", "hello_rps"),
    "activation/baseline": ("activation_rps", "baseline_rps"),
    "activation/leanest": ("activation_rps", "leanest_rps"),
    "leanest/hello": ("leanest_rps", "hello_rps"),
    "reactivation/hello": ("reactivation_rps", "hello_rps"),
    "reactivation/hello, remembered": ("reactivation_hot_rps", "hello_rps"),
    "renewal/hello": ("renewal_rps", "hello_rps"),
    "renewal/hello, remembered": ("renewal_hot_rps", "hello_rps"),
    "proved renewal/renewal": ("proved_renewal_rps", "renewal_rps"),
}


@dataclass(slots=True)
class Figures:
    """What was measured, round by round."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    single: dict[str, float | None] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, rate: float) -> None:
        """Note one round's rate."""
        self.rates.setdefault(name, []).append(rate)

    def median(self, name: str) -> float | None:
        """Return the median of the rounds, None when there were none."""
        rates = self.rates.get(name)
        return median(rates) if rates else None

    def spread(self, name: str) -> tuple[float, float] | None:
        """Return the least and the greatest round."""
        rates = self.rates.get(name)
        return (min(rates), max(rates)) if rates else None

    def ratios(self) -> dict[str, float | None]:
        """Return the ratios of medians that have targets."""
        return {
            name: _divide(self.median(above), self.median(below)) for name, (above, below) in RATIOS.items()
        }

    def report(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        names = (
            "hello_rps",
            "baseline_rps",
            "leanest_rps",
            "pgbench_tps",
            "activation_rps",
            "reactivation_rps",
            "reactivation_hot_rps",
            "renewal_rps",
            "renewal_hot_rps",
            "proved_renewal_rps",
        )
        return {
            **{name: _round(self.median(name)) for name in names},
            **self.single,
            "ratios": {name: _round(value, 3) for name, value in self.ratios().items()},
            "spread": {name: [round(rate) for rate in self.spread(name) or ()] for name in names},
            "rounds": {name: [round(rate) for rate in self.rates.get(name, ())] for name in names},
            "checks": self.checks,
            "machine": describe_machine(),
        }


def describe_machine() -> dict[str, Any]:
    """Name the machine, and how busy it was."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def resident_mib(pids: list[int]) -> float | None:
    """Return the resident memory of a process in MiB, the mean of these; None where /proc does not tell."""
    sizes = [_resident_kib(pid) for pid in pids]
    return round(sum(sizes) / len(sizes) / 1024, 1) if sizes else None


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _divide(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _round(value: float | None, digits: int = 0) -> float | None:
    return None if value is None else round(value, digits) if digits else float(round(value))
