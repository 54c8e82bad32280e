"""Chooses the reader for the machine that this runs on."""

import sys

from activation.client.reading.finding import Reading
from activation.client.reading.linux import read_linux
from activation.client.reading.macos import read_macos
from activation.client.reading.windows import read_windows


def read_components(system: str = sys.platform) -> Reading:
    """Read this machine's parts; an unknown Unix is tried like Linux and says what is not there."""
    if system == "win32":
        return read_windows()
    if system == "darwin":
        return read_macos()
    return read_linux()
