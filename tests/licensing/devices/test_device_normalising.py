import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.normalising import (
    EMPTY,
    LOCAL,
    MALFORMED,
    MULTICAST,
    TOO_LONG,
    TOO_SHORT,
    UNKNOWN_KIND,
    examine,
    normalise,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
PLAUSIBLE_TEXT = st.text(st.sampled_from(" \0\t\x1c-_:./{}0159aAfFzZé\ud800\xa0"), max_size=40)
UUID_TEXT = st.uuids().map(str)
MAC_TEXT = st.binary(min_size=6, max_size=6).map(lambda octets: octets.hex("-"))


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        ("hdd_serial", "  wd-wx32 d61h\t7kr9 \0\0", "WD-WX32D61H7KR9"),
        ("board_serial", " /7xq2z13/  CNWSC0089A \0", "/7XQ2Z13/ CNWSC0089A"),
        ("cpu_id", " bfebfbff000906ea ", "BFEBFBFF000906EA"),
        ("install_id", "My  device 01", "MY DEVICE 01"),
        ("system_uuid", "{4C4C4544-0042-3510-8052-B3C04F4B4E32}", "4c4c4544-0042-3510-8052-b3c04f4b4e32"),
        (
            "system_uuid",
            "4C4C45440042351080 52B3C04F4B4E32".replace(" ", ""),
            "4c4c4544-0042-3510-8052-b3c04f4b4e32",
        ),
        (
            "system_uuid",
            "urn:uuid:4c4c4544-0042-3510-8052-b3c04f4b4e32",
            "4c4c4544-0042-3510-8052-b3c04f4b4e32",
        ),
        ("machine_id", "3D1219C7C4C5404AAA1F6D2A48ADFDA4\n", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
        ("machine_id", "3d1219c7-c4c5-404a-aa1f-6d2a48adfda4", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
        ("mac", "A4-BB-6D-11-22-33", "a4bb6d112233"),
        ("mac", "a4bb.6d11.2233", "a4bb6d112233"),
        ("mac", " a4:bb:6d:11:22:33 ", "a4bb6d112233"),
    ],
)
def test_d3_one_component_has_one_spelling(kind, value, canonical):
    assert normalise(kind, value) == canonical


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("hdd_serial", "", EMPTY),
        ("hdd_serial", " \0\0 ", EMPTY),
        ("hdd_serial", "....", EMPTY),
        ("hdd_serial", "ABZ", TOO_SHORT),
        ("install_id", "ABZ4567", TOO_SHORT),
        ("hdd_serial", "WD" * 128 + "1", TOO_LONG),
        ("hdd_serial", "WD-WX32é1H7KR9", MALFORMED),
        ("hdd_serial", "WD-WX32\xa0D61H7KR9", MALFORMED),
        ("hdd_serial", "WD-WX32\x01D61H7KR9", MALFORMED),
        ("hdd_serial", "WD-WX32\ud800D61H", MALFORMED),
        ("system_uuid", "", EMPTY),
        ("system_uuid", "{}", EMPTY),
        ("system_uuid", "4c4c4544-0042-3510-8052-b3c04f4b4e3", MALFORMED),
        ("system_uuid", "4c4c4544-0042-3510-8052-b3c04f4b4e3g", MALFORMED),
        ("machine_id", "3d1219c7c4c5404aaa1f6d2a48adfda40", MALFORMED),
        ("mac", " ", EMPTY),
        ("mac", "a4:bb:6d:11:22", MALFORMED),
        ("mac", "a4:bb:6d:11:22:3g", MALFORMED),
        ("mac", "+4_b.6d11.2233", MALFORMED),
        ("mac", "02:42:ac:11:00:02", LOCAL),
        ("mac", "52:54:00:12:34:56", LOCAL),
        ("mac", "fa:16:3e:12:34:56", LOCAL),
        ("mac", "be:3a:f2:b6:05:9f", LOCAL),
        ("mac", "a6:bb:6d:11:22:33", LOCAL),
        ("mac", "01:00:5e:00:00:01", MULTICAST),
        ("mac", "ff:ff:ff:ff:ff:ff", MULTICAST),
        ("colour", "WD-WX32D61H7KR9", UNKNOWN_KIND),
    ],
)
def test_d3_what_does_not_count_says_why(kind, value, reason):
    assert examine(kind, value) == (None, reason)


def test_d3_the_longest_and_the_shortest_value_that_count():
    longest = "WD1X" + "7Q" * 126
    assert normalise("hdd_serial", longest) == longest
    assert normalise("hdd_serial", "W-D-1-X") == "W-D-1-X"
    assert normalise("install_id", "pc-7q-x-412") == "PC-7Q-X-412"


@given(st.sampled_from(KINDS), ANY_TEXT | PLAUSIBLE_TEXT | UUID_TEXT | MAC_TEXT)
@example("hdd_serial", "ﬀﬀﬀﬀ1")
@example("mac", "{-}")
def test_normalise_takes_any_text_and_is_settled_after_once(kind, value):
    once = normalise(kind, value)
    assert once is None or normalise(kind, once) == once


@given(st.sampled_from(KINDS), PLAUSIBLE_TEXT | UUID_TEXT | MAC_TEXT)
def test_case_and_blanks_around_never_matter(kind, value):
    assert examine(kind, f"\t {value.swapcase()}\0 ") == examine(kind, value)


@given(UUID_TEXT)
def test_a_random_uuid_counts_as_it_is(value):
    assert normalise("system_uuid", value) == value
    assert normalise("machine_id", value) == value.replace("-", "")
