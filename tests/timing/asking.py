"""A client that measures: one connection, one request at a time, nothing done while the clock runs."""

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """An answer: how long it took, and all of it that may be compared."""

    took_us: float
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def write_request(path: str, headers: Mapping[str, str], message: Mapping[str, Any]) -> bytes:
    """Return a POST as it goes over the wire."""
    body = json.dumps(message).encode()
    fields = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Line:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Told:
        """Send a request; return what is told."""
        began = time.perf_counter_ns()
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        took_us = (time.perf_counter_ns() - began) / 1000
        while not _is_whole(answer):
            answer += self._socket.recv(65536)
        return _read(answer, took_us)

    def close(self) -> None:
        self._socket.close()


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return bool(found) and len(body) >= int(length or b"0")


def _read(answer: bytes, took_us: float) -> Told:
    head, _, body = answer.decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    headers = tuple(_comparable(*line.split(": ", 1)) for line in lines)
    return Told(took_us, int(status.split()[1]), headers, _without_trace(body))


def _comparable(name: str, value: str) -> tuple[str, str]:
    return name, "" if name == "Date" else value


def _without_trace(body: str) -> str:
    told = json.loads(body) if body else {}
    return json.dumps({name: value for name, value in told.items() if name != "trace_id"})
