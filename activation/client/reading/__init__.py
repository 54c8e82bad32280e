"""Reads the parts of a device that licensing knows it by.

`read_components()` asks the machine it runs on: Linux through /sys, /proc and udev's database,
Windows through one PowerShell query, macOS through ioreg, system_profiler, networksetup and sysctl.
Nothing here raises because a part is missing, damaged or closed to the user: what could not be read
is named in `Reading.unread`, without its value. Values stay as found; making them comparable and
knowing the ones that many machines share is left to licensing.
"""

from activation.client.reading.finding import Reading, Unread
from activation.client.reading.install_id import InstallIdError, load_or_create_install_id
from activation.client.reading.platforms import read_components

__all__ = ["InstallIdError", "Reading", "Unread", "load_or_create_install_id", "read_components"]
