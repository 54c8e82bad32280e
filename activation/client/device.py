"""The machine as a request's device: what was read, and an install id where nothing else tells it (D3).

An install id that was made is sent for good: a device known by it stays known when its first hardware part
appears, a network card in a virtual machine.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from activation.client.reading import InstallIdError, Reading, load_or_create_install_id, read_components
from activation.client.reading.install_id import FILE_NAME
from activation.licensing.devices.fingerprints import Components, Fingerprint, identify


@dataclass(frozen=True, slots=True)
class ThisDevice:
    """This machine: its name, platform, raw components, and what of them counts."""

    name: str
    platform: str
    components: Components = field(repr=False)
    fingerprint: Fingerprint = field(repr=False)
    reading: Reading = field(repr=False)


def read_device(folder: Path) -> ThisDevice:
    """Read this machine; `folder` keeps the install id, made only where no hardware part counts.

    Raises InstallIdError when the install id is damaged and nothing else tells this machine.
    """
    return describe(read_components(), folder)


def describe(reading: Reading, folder: Path) -> ThisDevice:
    """Return what was read as a device. Raises InstallIdError, as `read_device` does."""
    components: Components = dict(reading.components)
    if not identify(components, install_id_allowed=False).identifiable:
        components = {**components, "install_id": load_or_create_install_id(folder)}
    elif (folder / FILE_NAME).exists():
        with suppress(InstallIdError):  # the hardware tells this machine without it
            components = {**components, "install_id": load_or_create_install_id(folder)}
    fingerprint = identify(components, install_id_allowed=True)
    return ThisDevice(reading.device_name, reading.platform, components, fingerprint, reading)
