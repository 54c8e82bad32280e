"""Write the project's lists as C: values that many machines share (D3), and match policies (D2).

Run by the Makefile as `python3 make_tables.py FOLDER`, Python 3.11 or newer.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.policies import POLICIES
from activation.licensing.devices.shared_values import SHARED


def strings(texts: Iterable[str]) -> str:
    """Return a C array of strings that ends with NULL."""
    return "(const char *const[]){" + ", ".join([*map(json.dumps, sorted(texts)), "NULL"]) + "}"


def numbers(values: Iterable[int]) -> str:
    """Return a C array of numbers."""
    return "{" + ", ".join(str(int(value)) for value in values) + "}"


def render_shared_values() -> str:
    """Return one row for each kind of component."""
    rows = []
    for kind, shared in SHARED.items():
        beginnings = [text for bucket in shared.beginnings.values() for text in bucket]
        whole, runs = strings(shared.whole), json.dumps(shared.runs)
        rows.append(f"{{{json.dumps(kind)}, {whole}, {strings(beginnings)}, {runs}}},\n")
    return "".join(rows)


def render_policies() -> str:
    """Return one row for each policy and version."""
    rows = []
    for label, policy in POLICIES.items():
        weights = numbers(policy.weights.get(kind, 0) for kind in KINDS)
        required = numbers(kind in policy.required for kind in KINDS)
        share = f"{policy.numerator}, {policy.denominator}"
        rows.append(f"{{{json.dumps(label)}, {weights}, {share}, {required}}},\n")
    return "".join(rows)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "shared_values.inc").write_text(render_shared_values(), encoding="ascii")
    (folder / "policies.inc").write_text(render_policies(), encoding="ascii")
