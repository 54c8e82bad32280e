"""Builds the /sys, /proc and /etc of a machine in a folder, with the links a real kernel makes."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from activation.client.reading.finding import Reading
from activation.client.reading.linux import read_linux


@dataclass
class FakeMachine:
    root: Path
    closed: set[str] = field(default_factory=set)

    def file(self, path: str, content: str | bytes) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def link(self, path: str, target: str) -> None:
        place, aim = self.root / path.lstrip("/"), self.root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.relpath(aim, place.parent))

    def block(self, path: str, number: str) -> str:
        name = path.rpartition("/")[2]
        self.file(f"{path}/dev", f"{number}\n")
        self.link(f"/sys/class/block/{name}", path)
        self.link(f"/sys/dev/block/{number}", path)
        return path

    def disk(self, path: str, number: str, *, device: str, removable: str = "0") -> str:
        self.block(path, number)
        self.file(f"{path}/removable", f"{removable}\n")
        (self.root / device.lstrip("/")).mkdir(parents=True, exist_ok=True)
        self.link(f"{path}/device", device)
        self.link(f"/sys/block/{path.rpartition('/')[2]}", path)
        return path

    def partition(self, disk: str, name: str, number: str) -> str:
        self.file(f"{disk}/{name}/partition", "1\n")
        return self.block(f"{disk}/{name}", number)

    def stacked(self, name: str, number: str, slaves: list[str]) -> str:
        path = self.block(f"/sys/devices/virtual/block/{name}", number)
        self.link(f"/sys/block/{name}", path)
        for slave in slaves:
            self.link(f"{path}/slaves/{slave.rpartition('/')[2]}", slave)
        return path

    def root_mount(self, number: str, source: str, fstype: str = "ext4") -> None:
        lines = [
            "22 27 0:21 / /proc rw,nosuid - proc proc rw",
            f"27 1 {number} / / rw,relatime shared:1 - {fstype} {source} rw,errors=remount-ro",
            "31 27 0:26 / /run rw,nosuid,nodev shared:5 - tmpfs tmpfs rw,mode=755",
        ]
        self.file("/proc/self/mountinfo", "\n".join(lines) + "\n")

    def interface(
        self, name: str, address: str, *, bus: str | None, kind: str = "1", assigned: str = "0"
    ) -> str:
        path = f"{bus or '/sys/devices/virtual'}/net/{name}"
        self.file(f"{path}/address", f"{address}\n")
        self.file(f"{path}/type", f"{kind}\n")
        self.file(f"{path}/addr_assign_type", f"{assigned}\n")
        if bus is not None:
            self.link(f"{path}/device", bus)
        self.link(f"/sys/class/net/{name}", path)
        return path

    def firmware(self, product_uuid: str, board_serial: str) -> None:
        self.file("/sys/devices/virtual/dmi/id/product_uuid", f"{product_uuid}\n")
        self.file("/sys/devices/virtual/dmi/id/board_serial", f"{board_serial}\n")
        self.link("/sys/class/dmi/id", "/sys/devices/virtual/dmi/id")

    def close_to_users(self, *paths: str) -> None:
        self.closed.update(paths)

    def open_as_user(self, path: Path) -> bytes:
        """Refuse what an ordinary user may not read: chmod does not stop tests that run as root."""
        if f"/{path.relative_to(self.root).as_posix()}" in self.closed:
            raise PermissionError(13, "Permission denied", str(path))
        return path.read_bytes()

    def reading(self) -> Reading:
        return read_linux(self.root, self.open_as_user)
