"""The machine as a request's device: what was read, and an install id where nothing else tells it (D3)."""

from dataclasses import dataclass, field
from pathlib import Path

from activation.client.reading import Reading, load_or_create_install_id, read_components
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

    Raises InstallIdError when the install id is damaged.
    """
    reading = read_components()
    components: Components = dict(reading.components)
    if not identify(components, install_id_allowed=False).identifiable:
        components = {**components, "install_id": load_or_create_install_id(folder)}
    fingerprint = identify(components, install_id_allowed=True)
    return ThisDevice(reading.device_name, reading.platform, components, fingerprint, reading)
