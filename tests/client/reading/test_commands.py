"""A system tool answers in time, or the reason is told without what it printed."""

import sys

import pytest

from activation.client.reading.commands import ToolFailed, run_tool


def test_a_tool_that_answers() -> None:
    assert run_tool([sys.executable, "-c", "print('bonjour')"]).strip() == "bonjour"


def test_bytes_that_are_no_text_are_marked() -> None:
    script = r"import sys; sys.stdout.buffer.write(b'\xffok')"
    assert run_tool([sys.executable, "-c", script]) == "\ufffdok"


def test_a_tool_that_fails_tells_its_status_and_nothing_it_printed() -> None:
    script = "import sys; print('S4EWNX0R'); print('S4EWNX0R', file=sys.stderr); sys.exit(3)"
    with pytest.raises(ToolFailed, match=r"^python\S* ended with status 3$"):
        run_tool([sys.executable, "-c", script])


def test_a_tool_that_hangs_is_ended() -> None:
    script = "import time; print('S4EWNX0R', flush=True); time.sleep(60)"
    with pytest.raises(ToolFailed, match=r"gave no answer within 0.2 s$") as failed:
        run_tool([sys.executable, "-c", script], timeout_s=0.2)
    assert failed.value.__suppress_context__


def test_a_tool_that_is_not_there() -> None:
    with pytest.raises(ToolFailed, match=r"^ioreg is not installed$"):
        run_tool(["/nowhere/ioreg"])
    with pytest.raises(ToolFailed, match=r"^powershell.exe is not installed$"):
        run_tool([r"C:\nowhere\powershell.exe"])


def test_a_tool_that_cannot_be_started() -> None:
    with pytest.raises(ToolFailed, match=r"^tmp could not be started$"):
        run_tool(["/tmp"])
