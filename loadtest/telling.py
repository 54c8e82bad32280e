"""The benchmark's figures as a table for people."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

MEANINGS: Final = {
    "hello_rps": "bare aiohttp handler, JSON in and out: the ceiling",
    "baseline_rps": "the same activation, one transaction per request",
    "leanest_rps": "the least it can be made of: one table, one read and write, no rules",
    "pgbench_tps": "one row updated durably, 64 clients of pgbench",
    "activation_rps": "first activations",
    "reactivation_rps": "the same devices again",
    "reactivation_hot_rps": "a few of them again and again, their certificates remembered",
    "renewal_rps": "their certificates renewed",
    "renewal_hot_rps": "a few of them again and again",
    "proved_renewal_rps": "renewed with a proof by the device's key, verified and kept",
}
TARGETS: Final = {"activation/hello": 0.35, "activation/baseline": 2.5}


def tell(report: dict[str, Any], console: Console) -> None:
    """Print the table, the ratios, the delays and the checks."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("figure", "median/s", "least", "most", "what"):
        table.add_column(heading, justify="left" if heading in ("figure", "what") else "right")
    for name, meaning in MEANINGS.items():
        spread = report["spread"][name] or ("-", "-")
        value = report[name]
        table.add_row(name, "-" if value is None else f"{value:,.0f}", *map(_number, spread), meaning)
    console.print(table)
    console.print()
    for name, value in report["ratios"].items():
        target = f"   (target {TARGETS[name]} at least)" if name in TARGETS else ""
        console.print(f"{name:32} {value if value is not None else '-'}{target}")
    console.print(
        f"\nAt {report['paced_rps']:,.0f} activations a second: p50 {report['p50_ms']} ms,"
        f" p99 {report['p99_ms']} ms. Memory of a worker: {report['worker_mib']} MiB."
    )
    checks = report["checks"]
    console.print(
        f"{checks['activations_answered_201']:,} activations answered, {checks['activations_stored']:,}"
        f" stored, {checks['certificates_verified']:,} certificates of a sample verified."
    )
    machine = report["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores shared by workers, PostgreSQL"
        f" {report['postgres']} and the load ({report['driver']}); {machine['system']},"
        f" Python {machine['python']}.\n"
    )


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
