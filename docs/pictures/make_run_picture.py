"""Make run.svg: what `make run` prints, from a real run with a data folder of its own.

Run as: .venv/bin/python docs/pictures/make_run_picture.py
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
WIDTH = 96
FONT_FACES = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
SECRET = re.compile(r"[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){5}")


def main() -> None:
    """Run the demo until it is up, and draw what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103  (the embedded database drops root)
        printed = run_demo(Path(folder))
    console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"))  # noqa: SIM115
    console.print(Text.from_ansi("$ make run\n" + tidy(printed, folder)))
    # Fonts come from the reader's machine: a picture should not call home.
    style = FONT_FACES.sub("", CONSOLE_SVG_FORMAT)
    console.save_svg(str(HERE / "run.svg"), title="softphone-activation", code_format=style)


def run_demo(folder: Path) -> str:
    """Return what a first run prints on a terminal of WIDTH columns."""
    environment = {
        **os.environ,
        "ACTIVATION_DATA_DIR": str(folder / "data"),
        "ACTIVATION_PORT": "8080",
        "ACTIVATION_LOG_LEVEL": "warning",
        "COLUMNS": str(WIDTH),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
    }
    demo = subprocess.Popen(  # noqa: S603  (our own command)
        [str(Path(sys.executable).parent / "activation"), "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (folder / "data" / "demo.json").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    demo.send_signal(signal.SIGINT)
    return demo.communicate(timeout=60)[0]


def tidy(printed: str, folder: str) -> str:
    """Leave out the end, the temporary folder, and the passwords: they are of a run that is gone."""
    shown = printed.split("Stopped.", maxsplit=1)[0].rstrip()
    return SECRET.sub("····-····-····-····-····-····", shown.replace(f"{folder}/data", ".activation"))


if __name__ == "__main__":
    main()
