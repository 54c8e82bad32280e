"""Runs a system tool that reports hardware, within a time limit."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import PurePath, PureWindowsPath

TIMEOUT_S = 10.0

Runner = Callable[[Sequence[str]], str]

# A softphone is a windowed program: without this every query flashes a console on Windows.
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class ToolFailed(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A tool gave no answer; the text says why in plain English, without anything it printed."""


def run_tool(arguments: Sequence[str], timeout_s: float = TIMEOUT_S) -> str:
    """Run one tool and return what it printed; raise ToolFailed when there is no answer."""
    name = PureWindowsPath(arguments[0]).name  # knows both kinds of slash
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell, nothing from outside
            list(arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            creationflags=_NO_WINDOW,
        )
    except FileNotFoundError:
        raise ToolFailed(f"{name} is not installed") from None
    except subprocess.TimeoutExpired:
        # `from None`: the exception underneath carries the output, and that may hold serials.
        raise ToolFailed(f"{name} gave no answer within {timeout_s:g} s") from None
    except OSError:
        # A folder on the PATH that may not be entered hides that the tool is in none of them.
        is_there = shutil.which(arguments[0]) is not None or PurePath(arguments[0]).is_absolute()
        raise ToolFailed(f"{name} could not be started" if is_there else f"{name} is not installed") from None
    if done.returncode != 0:
        raise ToolFailed(f"{name} ended with status {done.returncode}")
    return done.stdout.decode("utf-8", errors="replace")
