import pytest
from device_strategies import LABELS, SINGLE, device, digest, enrollable
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.devices.enrolment import (
    DRIFTS_REMEMBERED,
    RECENT_REMEMBERED,
    Enrolment,
    enrol,
    unpack,
)
from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.policies import UnknownPolicyError

DIGESTS = st.binary(min_size=16, max_size=16)
TIMES = st.integers(0, 2**40 - 1)
LABEL_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)


@st.composite
def enrolments(draw):
    kinds = dict.fromkeys(SINGLE, st.lists(DIGESTS, min_size=1, max_size=4).map(tuple))
    held = draw(st.fixed_dictionaries({}, optional=kinds))
    current = {kind: digests[:1] for kind, digests in held.items()}
    past = {kind: digests[1:] for kind, digests in held.items() if digests[1:]}
    macs = tuple(draw(st.lists(DIGESTS, max_size=8)))
    current |= {"mac": macs} if macs else {}
    drifts = draw(st.lists(st.tuples(st.sampled_from(KINDS), TIMES), max_size=DRIFTS_REMEMBERED))
    recent = draw(st.lists(st.tuples(DIGESTS, TIMES), max_size=RECENT_REMEMBERED))
    return Enrolment(draw(LABEL_TEXT), current, past, tuple(drifts), tuple(recent))


def test_d2_the_policys_label_is_kept_with_the_device():
    assert enrol("lenient/1", device(hdd_serial="a")).policy == "lenient/1"


def test_d2_an_enrolment_holds_what_was_sent_in_canonical_order():
    given_parts = device(cpu_id="a", mac=("b", "a"), hdd_serial="a")
    enrolment = enrol("standard/1", given_parts)
    assert list(enrolment.current) == ["hdd_serial", "mac", "cpu_id"]
    assert enrolment.current == given_parts | {"mac": tuple(sorted(given_parts["mac"]))}
    assert (enrolment.past, enrolment.drifts) == ({}, ())


def test_d3_install_id_is_enrolled_only_where_there_is_no_hardware():
    assert "install_id" not in enrol("standard/1", device(install_id="a", board_serial="a")).current
    assert "install_id" in enrol("standard/1", device(install_id="a", machine_id="a")).current


def test_d4_at_most_8_macs_are_enrolled_whatever_their_order():
    macs = tuple(str(number) for number in range(16))
    enrolment = enrol("standard/1", device(mac=macs))
    assert len(enrolment.current["mac"]) == 8
    assert enrol("standard/1", device(mac=macs[::-1])) == enrolment


def test_d2_a_device_that_does_not_fit_is_not_enrolled():
    with pytest.raises(ValueError, match="no hardware part"):
        enrol("standard/1", device(machine_id="a"))
    with pytest.raises(ValueError, match="strict matching needs mac"):
        enrol("strict/1", device(hdd_serial="a"))
    with pytest.raises(UnknownPolicyError):
        enrol("standard", device(hdd_serial="a"))


def test_d5_only_digests_of_16_bytes_one_of_each_kind_are_enrolled():
    with pytest.raises(ValueError, match="hdd_serial: one digest expected"):
        enrol("standard/1", device(hdd_serial=("a", "b")))
    with pytest.raises(ValueError, match="mac: a digest is 16 bytes"):
        enrol("standard/1", {"mac": (b"short",)})


def test_d5_an_index_finds_a_device_by_its_current_parts_that_weigh():
    enrolment = Enrolment(
        "standard/1", device(hdd_serial="b", mac=("m", "n"), cpu_id="c"), device(hdd_serial="a")
    )
    wanted = [digest("hdd_serial", "b"), digest("mac", "m"), digest("mac", "n")]
    assert list(enrolment.digests()) == wanted


def test_a_packed_enrolment_reads_like_its_description():
    enrolment = Enrolment(
        "standard/1",
        device(hdd_serial="b", mac=("m", "n")),
        device(hdd_serial="a"),
        (("hdd_serial", 1_800_000_000),),
    )
    expected = b"\x01\x0astandard/1\x02"
    expected += b"\x12" + digest("hdd_serial", "b") + digest("hdd_serial", "a")
    expected += b"\x52" + digest("mac", "m") + digest("mac", "n")
    expected += b"\x01\x01" + bytes.fromhex("006b49d200")
    assert enrolment.pack() == expected


def test_a_packed_enrolment_with_recent_values_is_format_2():
    came = device(system_uuid="u")["system_uuid"][0]
    enrolment = Enrolment("standard/1", device(mac="m"), recent=((came, 1_800_000_000),))
    expected = b"\x02\x0astandard/1\x01" + b"\x51" + digest("mac", "m") + b"\x00"
    assert enrolment.pack() == expected + b"\x01" + came + bytes.fromhex("006b49d200")


def test_a_packed_part_takes_17_bytes():
    six = dict.fromkeys(("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac", "cpu_id"), "a")
    assert len(enrol("standard/1", device(**six)).pack()) == 14 + 6 * 17


@given(enrolments())
def test_packed_and_unpacked_is_the_same(enrolment):
    again = unpack(enrolment.pack())
    assert again == enrolment
    assert list(again.current) == [kind for kind in KINDS if kind in enrolment.current]


@given(LABELS, st.data())
def test_enrolled_packed_and_unpacked_is_the_same(label, data):
    enrolment = enrol(label, data.draw(enrollable(label)))
    assert unpack(enrolment.pack()) == enrolment


GOOD = Enrolment("standard/1", device(hdd_serial="a", mac="m"), {}, (("mac", 5),)).pack()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"", "not a packed"),
        (b"\x03" + GOOD[1:], "format 3"),
        (GOOD[:-1], "too short"),
        (GOOD + b"\0", "too long"),
        (GOOD[:12], "not a packed"),
        (GOOD[:20], "not a packed"),
        (b"\x01\x00\x00\x00", "no policy"),
        (b"\x01\x01\x07\x00\x00", "no policy"),
        (b"\x01\x01\xff\x00\x00", "ascii"),
        (b"\x01\x01s\x01\x01" + bytes(16) + b"\x00", "not a packed"),
        (b"\x01\x01s\x01\x10\x00", "out of order or too large"),
        (b"\x01\x01s\x01\x15" + bytes(80) + b"\x00", "out of order or too large"),
        (b"\x01\x01s\x01\x59" + bytes(144) + b"\x00", "out of order or too large"),
        (b"\x01\x01s\x02" + 2 * (b"\x11" + bytes(16)) + b"\x00", "out of order or too large"),
        (b"\x01\x01s\x01\x81" + bytes(16) + b"\x00", "not a packed"),
        (b"\x01\x01s\x00\x09" + 9 * b"\x01\0\0\0\0\0", "too long"),
        (b"\x01\x01s\x00\x01\x00\0\0\0\0\0", "not a packed"),
        (b"\x02" + GOOD[1:], "not a packed"),
        (b"\x02" + GOOD[1:] + b"\0", "too short"),
        (b"\x02" + GOOD[1:] + b"\x01" + bytes(20), "too short"),
        (b"\x02" + GOOD[1:] + b"\x21" + bytes(33 * 21), "too long"),
    ],
)
def test_garbage_is_refused(broken, reason):
    with pytest.raises(ValueError, match=reason):
        unpack(broken)


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda tail: GOOD[:14] + tail))
def test_any_bytes_are_refused_or_read_as_what_they_say(packed):
    try:
        enrolment = unpack(packed)
    except ValueError:
        return
    assert enrolment.pack() == packed


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_one_changed_byte_is_refused_or_read_as_what_it_says(place, change):
    packed = bytearray(GOOD)
    packed[place] ^= change
    try:
        enrolment = unpack(bytes(packed))
    except ValueError:
        return
    assert enrolment.pack() == packed
