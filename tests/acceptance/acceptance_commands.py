"""The command line, run here: the very same `main`, without a Python of its own to start (about 1.5 s each).

What a process is for is tested by `run_process`: how one starts and ends, signals, terminals, servers.
"""

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import stamina.instrumentation
from click.testing import CliRunner

from activation.cli import main

COMMAND = Path(sys.executable).parent / "activation"
# These serve until a signal comes, or run beside the test.
PROCESSES = {"serve", "demo"}
Done = subprocess.CompletedProcess[str]


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what a developer's shell may say about another server."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ACTIVATION_")}
    own.pop("PROMETHEUS_MULTIPROC_DIR", None)
    # As container images set it: nothing may hang on how Python buffers.
    return {**own, "PYTHONUNBUFFERED": "1", "ACTIVATION_DATA_DIR": str(folder), **settings}


def run_process(
    folder: Path,
    *arguments: str | Path,
    settings: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout_s: float = 60,
) -> Done:
    """Run the command to its end in a process of its own; nobody is ever shown a traceback."""
    done = subprocess.run(
        [COMMAND, *arguments],
        env=environment(folder, settings or {}),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
        cwd=folder if folder.is_dir() else "/",
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def run_cli(
    folder: Path,
    *arguments: str | Path,
    settings: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout_s: float = 60,
) -> Done:
    """Run the command to its end. Whatever happens, nobody is ever shown a traceback."""
    if str(arguments[0]) in PROCESSES:
        return run_process(folder, *arguments, settings=settings, stdin=stdin, timeout_s=timeout_s)
    # In a thread of its own, since a command brings its own event loop and a test may be in one.
    with ThreadPoolExecutor(1) as apart:
        done = apart.submit(_run, folder, [str(one) for one in arguments], settings or {}, stdin)
        result = done.result(timeout_s)
    assert "Traceback" not in result.stderr, result.stderr
    return result


def _run(folder: Path, arguments: list[str], settings: Mapping[str, str], stdin: str) -> Done:
    with (
        _surroundings(folder, ["activation", *arguments], settings),
        CliRunner().isolation(input=stdin) as (out, err, _),
    ):
        status = _status_of_main()
        sys.stdout.flush()
        sys.stderr.flush()
        told = out.getvalue().decode(), err.getvalue().decode()
    return subprocess.CompletedProcess(arguments, status, *told)


def _status_of_main() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 70
    return 0


@contextmanager
def _surroundings(folder: Path, words: list[str], settings: Mapping[str, str]) -> Iterator[None]:
    """What a process has of its own: environment, working directory, words; given back at the end."""
    before, place, said = dict(os.environ), Path.cwd(), sys.argv
    hooks = stamina.instrumentation.get_on_retry_hooks()
    os.environ.clear()
    os.environ.update(environment(folder, settings))
    sys.argv = words
    os.chdir(folder if folder.is_dir() else "/")
    try:
        yield
    finally:
        os.chdir(place)
        sys.argv = said
        os.environ.clear()
        os.environ.update(before)
        stamina.instrumentation.set_on_retry_hooks(hooks)
