from activation.licensing.devices.kinds import CODES, HARDWARE, KIND_BY_CODE, KINDS


def test_codes_are_the_ones_that_stored_enrolments_hold():
    assert CODES == {
        "hdd_serial": 1,
        "system_uuid": 2,
        "board_serial": 3,
        "machine_id": 4,
        "mac": 5,
        "cpu_id": 6,
        "install_id": 7,
    }
    assert {KIND_BY_CODE[code]: code for code in KIND_BY_CODE} == CODES


def test_canonical_order_is_the_order_of_codes_and_fits_four_bits():
    assert list(CODES) == list(KINDS) == sorted(KINDS, key=CODES.get)
    assert max(CODES.values()) < 16


def test_d3_what_images_copy_or_models_share_is_no_hardware_part():
    assert {"hdd_serial", "system_uuid", "board_serial", "mac"} == HARDWARE
