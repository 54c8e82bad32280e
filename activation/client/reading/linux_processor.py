"""Names the processor's model from /proc/cpuinfo; the same on every machine of a model."""

from activation.client.reading.finding import Finding, explain_unread, find_value
from activation.client.reading.system_tree import SystemTree, Unreadable

_PATH = "/proc/cpuinfo"

# Field names differ by architecture; the first row that is there in full is taken.
_ARCHITECTURES = (
    ("vendor_id", "cpu family", "model", "stepping"),
    ("CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision"),
    ("isa", "mvendorid", "marchid", "mimpid"),
    ("cpu", "revision"),
)


def find_processor(tree: SystemTree) -> Finding:
    """Return the first processor's model, or why it is not known."""
    try:
        content = tree.content(_PATH)
    except Unreadable as unreadable:
        return explain_unread("cpu_id", unreadable.reason)
    fields = _parse_first_processor(content.decode("utf-8", errors="replace"))
    absent = f"{_PATH} does not name the processor's model"
    for names in _ARCHITECTURES:
        if all(fields.get(name) for name in names):
            return find_value("cpu_id", " ".join(fields[name] for name in names), _PATH, absent)
    return explain_unread("cpu_id", absent)


def _parse_first_processor(text: str) -> dict[str, str]:
    block = text.lstrip().split("\n\n", maxsplit=1)[0]
    pairs = (line.partition(":") for line in block.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
