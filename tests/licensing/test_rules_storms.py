"""Storms among minutes: found, joined, and never made of little."""

from activation.licensing.storms import LEAST, Storm, find_storms, usual_of

HOUR = 3600


def minutes(**numbers):
    return {int(name[1:]) * 60: number for name, number in numbers.items()}


def test_the_usual_number_leaves_the_busiest_tenth_out():
    assert usual_of({}, 0, HOUR) == 0
    calm = {at * 60: 10 for at in range(60)}
    assert usual_of(calm, 0, HOUR) == 10
    assert usual_of({**calm, 60: 100_000, 120: 90_000}, 0, HOUR) == 10
    assert usual_of({600: 5}, 600, 600) == 5


def test_little_is_no_storm_however_quiet_it_was():
    assert find_storms(minutes(m1=LEAST - 1), 0) == []
    assert find_storms(minutes(m1=LEAST), 0) == [Storm(60, 60, LEAST, LEAST)]


def test_what_is_usual_is_no_storm():
    busy = {at * 60: 400 for at in range(60)}
    assert find_storms(busy, usual_of(busy, 0, HOUR)) == []
    [storm] = find_storms({**busy, 600: 2000}, 400)
    assert storm == Storm(600, 600, 2000, 2000)


def test_minutes_with_a_breath_between_them_are_one_storm_and_the_newest_comes_first():
    found = find_storms(minutes(m10=100, m11=300, m13=70, m14=5, m30=80), 1)
    assert found == [Storm(1800, 1800, 80, 80), Storm(600, 780, 300, 470)]
