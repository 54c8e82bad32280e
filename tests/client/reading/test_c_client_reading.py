"""The client in C reads every machine as the Python client does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_c_client import build, run

from activation.client.reading.linux import read_linux

from . import machines
from .fake_machine import FakeMachine

MACHINES = [
    machines.thinkpad,
    machines.docked_thinkpad,
    machines.desktop,
    machines.raspberry_pi,
    machines.qemu_vm,
    machines.docker_container,
    machines.firecracker_vm,
]


@pytest.fixture(scope="session")
def c_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.getbasetemp() / "c")


@pytest.mark.parametrize("make", MACHINES, ids=lambda make: make.__name__)
def test_both_clients_read_the_same(
    c_client: Path, tmp_path: Path, make: Callable[[Path], FakeMachine]
) -> None:
    make(tmp_path / "machine")
    folder = tmp_path / "kept"
    done = run(c_client, "fingerprint", "--values", "--root", tmp_path / "machine", "--folder", folder)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    reading = read_linux(tmp_path / "machine")
    told["components"].pop("install_id", None)
    assert told["components"] == reading.components
    assert told["name"] == reading.device_name


def test_both_clients_read_this_machine_alike(c_client: Path, tmp_path: Path) -> None:
    done = run(c_client, "fingerprint", "--values", "--folder", tmp_path)
    told = json.loads(done.stdout)["components"]
    told.pop("install_id", None)
    assert told == read_linux().components
