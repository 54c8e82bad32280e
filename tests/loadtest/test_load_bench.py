"""The benchmark from end to end, short: every figure is there and its checks pass."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_short_bench_measures_everything(tmp_path: Path) -> None:
    picture = tmp_path / "bench.svg"
    shape = [
        "--rounds",
        "1",
        "--seconds",
        "0.5",
        "--connections",
        "8",
        "--accounts",
        "2000",
        "--workers",
        "1",
        "--own-driver",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "loadtest.bench", *shape, "--picture", str(picture)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    for name in (
        "hello_rps",
        "baseline_rps",
        "leanest_rps",
        "activation_rps",
        "reactivation_rps",
        "reactivation_hot_rps",
        "renewal_rps",
        "renewal_hot_rps",
        "proved_renewal_rps",
        "p99_ms",
    ):
        assert report[name] > 0, name
    assert report["p50_ms"] <= report["p99_ms"]
    checks = report["checks"]
    assert checks["activations_answered_201"] == checks["activations_stored"] > 200
    assert checks["certificates_verified"] > 0
    assert "ratios" in report
    assert picture.read_text("utf-8").count("<svg") == 1
