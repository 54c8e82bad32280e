"""Parsers under Atheris, each in a process of its own, as `fuzzing.py` starts them.

    python tests/fuzz/guided.py SECONDS AT_ONCE SEED FOLDER PARSER...

Reading our code in with its coverage takes longer than a parser's share may be: it is done once, and the
processes are forked from there. Below the folder each parser has its inputs, its log, and what was found.
"""

import os
import re
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))

with atheris.instrument_imports(include=["crypto", "activation"], enable_loader_override=False):
    from all_parsers import BY_NAME

LONGEST_INPUT = 8192


def place_of(folder: Path, name: str) -> Path:
    return folder / re.sub(r"[^A-Za-z0-9]+", "-", name)


def fuzz(name: str, seconds: str, seed: str, folder: Path) -> None:
    """Fuzz one parser and end the process: status 0 when nothing was found."""
    place = place_of(folder, name)
    corpus = place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(BY_NAME[name].seeds):
        (corpus / f"seed-{number}").write_bytes(data)
    log = os.open(place / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_INPUT}",
        f"-seed={seed}",
        f"-artifact_prefix={place}/",
        "-print_final_stats=1",
        "-timeout=20",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], BY_NAME[name])
    atheris.Fuzz()


def main() -> None:
    seconds, at_once, seed, folder, *names = sys.argv[1:]
    running: dict[int, str] = {}
    while names or running:
        if names and len(running) < int(at_once):
            name = names.pop(0)
            running[os.fork() or _be(name, seconds, seed, Path(folder))] = name
            continue
        ended, status = os.wait()
        print(f"{running.pop(ended)}\t{os.waitstatus_to_exitcode(status)}", flush=True)


def _be(name: str, seconds: str, seed: str, folder: Path) -> int:
    fuzz(name, seconds, seed, folder)
    os._exit(0)


if __name__ == "__main__":
    main()
