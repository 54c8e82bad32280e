"""Devices and requests: none alike, all parts count, and the server reads them as they were meant."""

from pathlib import Path

from activation.licensing.devices.fingerprints import identify
from activation.messages.credentials import parse_basic
from activation.messages.requests import parse_activation
from loadtest.devices import make_device
from loadtest.feeds import read_part, write_feed
from loadtest.requests import activation_request
from loadtest.seeded import Seeded

DEVICES = 20_000
SEEDED = Seeded("abcdef", "00" * 32, "softphone", 5, 100, 1)


def test_all_six_parts_of_every_device_count() -> None:
    for number in range(DEVICES):
        fingerprint = identify(make_device(number)["components"], install_id_allowed=False)
        assert (len(fingerprint.parts), fingerprint.ignored) == (6, ()), number


def test_no_two_devices_share_a_telling_part() -> None:
    seen: dict[str, set[str]] = {}
    for number in range(DEVICES):
        for which in (0, 1):
            for kind, value in make_device(number, which)["components"].items():
                seen.setdefault(kind, set()).add(str(value))
    telling = {kind: len(values) for kind, values in seen.items() if kind != "cpu_id"}
    assert telling == dict.fromkeys(telling, 2 * DEVICES)


def test_a_request_is_what_the_server_reads() -> None:
    head, _, body = activation_request(SEEDED, 7).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    message = parse_activation(body)
    assert int(headers["Content-Length"]) == len(body)
    assert (message.product, message.major) == ("softphone", 5)
    assert message.device.components == make_device(7)["components"]
    basic = parse_basic(headers["Authorization"])
    assert basic is not None
    assert (basic.login, basic.password) == ("load-abcdef-0000007", SEEDED.password(7))


def test_a_feed_deals_requests_out_and_remembers_which_were_sent(tmp_path: Path) -> None:
    requests = [b"r%d" % n * (n + 1) for n in range(11)]
    feed = write_feed(tmp_path, "f", requests, 2)
    assert list(read_part(feed.parts[0])) == requests[0::2]
    assert feed.visited((2, 3)) == [*requests[0::2][:2], *requests[1::2][:3]]
