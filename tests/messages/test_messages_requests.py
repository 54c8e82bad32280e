"""The bounds of every field of every request, and the path by which a wrong one is named."""

import json

import pytest
from msgspec import UNSET

from activation.licensing.identifiers import LICENSE, to_text
from activation.messages.requests import (
    REASONS,
    Device,
    license_id_of,
    major_of,
    parse_activation,
    parse_release,
    parse_renewal,
    parse_reset,
    parse_staff_reset,
)
from activation.messages.strict import MalformedError

DEVICE = {"platform": "linux", "components": {"hdd_serial": "S1", "mac": ["02:00:00:00:00:01"]}}
ACTIVATION = {"product": "softphone", "version": "5.6.1", "device": DEVICE}
RENEWAL = {"certificate": "a.b.c", "device": DEVICE}


def put(message, path, value):
    """A copy of the message with one field changed, or left out when the value is UNSET."""
    *outer, last = path.split(".")
    copy = json.loads(json.dumps(message))
    place = copy
    for name in outer:
        place = place[name]
    if value is UNSET:
        del place[last]
    else:
        place[last] = value
    return json.dumps(copy).encode()


def refused_field(parse, body):
    with pytest.raises(MalformedError) as caught:
        parse(body)
    return caught.value.field


def test_a_whole_activation():
    request = parse_activation(
        json.dumps(
            ACTIVATION
            | {"move": True, "license_id": "lic_x", "device": {**DEVICE, "name": "", "public_key": "A" * 43}}
        ).encode()
    )
    assert (request.product, request.version, request.major, request.move) == ("softphone", "5.6.1", 5, True)
    assert request.device == Device("linux", DEVICE["components"], "", "A" * 43)


def test_what_may_be_left_out_is_unset():
    request = parse_activation(json.dumps(ACTIVATION).encode())
    assert (request.move, request.license_id) == (UNSET, UNSET)
    assert (request.device.name, request.device.public_key) == (UNSET, UNSET)
    renewal = parse_renewal(json.dumps(RENEWAL).encode())
    assert (renewal.version, renewal.proof) == (UNSET, UNSET)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("product", ["x", "x" * 64]),
        ("version", ["5", "5.", "5.6", "9999.1", "5.6.1-beta+7_x", "05", "5." + "1" * 40]),
        ("device.platform", ["a", "windows", "mac-os_11", "a" * 32]),
        ("device.name", ["", "Anna's laptop ☎", "n" * 128]),
        ("device.public_key", ["A" * 43, "-_" * 21 + "A"]),
        ("device.components", [{}, {"later_kind": "x"}, {str(n): "x" for n in range(32)}]),
        ("device.components.mac", ["a", [], ["a"] * 16, ["x" * 256]]),
        ("device.components.hdd_serial", ["", "x" * 256]),
        ("move", [True, False]),
        ("license_id", ["x", "x" * 64]),
    ],
)
def test_values_within_an_activations_bounds(path, values):
    for value in values:
        parse_activation(put(ACTIVATION, path, value))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("product", [UNSET, "", "x" * 65, 5, None]),
        ("version", [UNSET, "", "x", ".5", "v5", "5x", "12345", "5." + "1" * 41, "5.6\n", "5 ", "٥", 5, 5.6]),
        ("device", [UNSET, None, [], "x"]),
        ("device.platform", [UNSET, "", "Linux", "a" * 33, "a b", "linux\n", "ü", 1]),
        ("device.name", ["n" * 129, None, 1]),
        (
            "device.public_key",
            ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "/", "A" * 43 + "\n", None],
        ),
        ("device.components", [UNSET, None, [], {str(n): "x" for n in range(33)}]),
        ("move", ["true", 1, None]),
        ("license_id", ["", "x" * 65, 1, None]),
        ("surprise", [1]),
        ("device.surprise", [1]),
    ],
)
def test_values_beyond_an_activations_bounds_are_refused_by_name(path, values):
    for value in values:
        assert refused_field(parse_activation, put(ACTIVATION, path, value)) == path, value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mac", ["a"] * 17),
        ("mac", ["x" * 257]),
        ("mac", [1]),
        ("mac", [["a"]]),
        ("mac", None),
        ("hdd_serial", "x" * 257),
        ("hdd_serial", 5),
        ("hdd_serial", {"a": "b"}),
        ("x" * 33, "too long a kind"),
    ],
)
def test_components_beyond_their_bounds_are_refused_by_name(kind, value):
    field = refused_field(parse_activation, put(ACTIVATION, f"device.components.{kind}", value))
    assert field in ("device.components", f"device.components.{kind}")


@pytest.mark.parametrize("parse", [parse_activation, parse_renewal, parse_release])
def test_only_mac_takes_a_list(parse):
    message = ACTIVATION if parse is parse_activation else RENEWAL
    body = put(message, "device.components.hdd_serial", ["a"])
    assert refused_field(parse, body) == "device.components.hdd_serial"


@pytest.mark.parametrize("parse", [parse_renewal, parse_release])
def test_the_bounds_of_a_certificate(parse):
    parse(put(RENEWAL, "certificate", "x" * 8192))
    for value in (UNSET, "", "x" * 8193, 1, None):
        assert refused_field(parse, put(RENEWAL, "certificate", value)) == "certificate"


def test_a_release_takes_no_version_but_a_renewal_does():
    assert major_of(parse_renewal(put(RENEWAL, "version", "7.1")).version) == 7
    assert refused_field(parse_release, put(RENEWAL, "version", "7.1")) == "version"
    assert refused_field(parse_renewal, put(RENEWAL, "proof", "x" * 8193)) == "proof"


def test_a_reset_names_a_licence():
    assert parse_reset(b'{"license_id": "lic_x"}').license_id == "lic_x"
    assert refused_field(parse_reset, b'{"license_id": ""}') == "license_id"


@pytest.mark.parametrize("reason", REASONS)
def test_r4_a_staff_reset_takes_each_reason_code(reason):
    assert parse_staff_reset(json.dumps({"reason": reason, "note": "why"}).encode()).reason == reason


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"note": "n"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"reason": "because", "note": "n"}, "reason"),
        ({"reason": "", "note": "n"}, "reason"),
        ({"reason": "other", "note": ""}, "note"),
        ({"reason": "other", "note": " \n\t\u00a0"}, "note"),
        ({"reason": "other", "note": "n" * 2001}, "note"),
        ({"reason": "other", "note": "n", "license_id": "x"}, "license_id"),
    ],
)
def test_r4_a_staff_reset_needs_a_reason_code_and_a_note(message, field):
    assert refused_field(parse_staff_reset, json.dumps(message).encode()) == field


def test_r4_the_reason_codes_are_the_published_ones():
    assert REASONS == (
        "hardware_failure",
        "device_lost",
        "device_replaced",
        "reinstallation",
        "mistaken_activation",
        "other",
    )


def test_a_licence_id_that_cannot_be_anybodys_is_zero():
    assert license_id_of(UNSET) is None
    assert license_id_of("nonsense") == 0
    assert license_id_of(to_text("act_", 5)) == 0
    assert license_id_of(to_text(LICENSE, 5)) == 5
