"""The right reader for the machine, and this very machine."""

import pytest

from activation.client import reading as room
from activation.client.reading import Reading, platforms, read_components
from activation.client.reading.finding import KINDS, gather_findings


@pytest.mark.parametrize(
    ("system", "platform"),
    [("linux", "linux"), ("win32", "windows"), ("darwin", "macos"), ("freebsd14", "linux")],
)
def test_each_system_has_its_reader(monkeypatch: pytest.MonkeyPatch, system: str, platform: str) -> None:
    for name in ("linux", "windows", "macos"):
        monkeypatch.setattr(platforms, f"read_{name}", lambda name=name: gather_findings(name, "here", []))
    assert read_components(system).platform == platform


def test_this_machine() -> None:
    reading = read_components()
    assert isinstance(reading, Reading)
    assert set(reading.components) | {unread.kind for unread in reading.unread} == set(KINDS)
    assert set(reading.sources) == set(reading.components)
    assert reading.device_name
    assert all(unread.reason.startswith(f"{unread.kind}: ") for unread in reading.unread)
    for kind, value in reading.components.items():
        assert isinstance(value, list if kind == "mac" else str)
        assert value


def test_the_room_exports_what_it_documents() -> None:
    assert all(hasattr(room, name) for name in room.__all__)
