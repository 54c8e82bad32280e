"""Charts' geometry: what is drawn has the size of its number."""

import pytest

from activation.console import charts


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (10, 10), (11, 20), (499, 500), (501, 1000)]
)
def test_a_scale_ends_at_a_round_number(most, top):
    assert charts.nice_top(most) == top


def test_bars_stand_on_the_floor_and_are_as_high_as_their_numbers():
    chart = charts.bars([("a", 0), ("b", 5), ("c", 10)])
    assert {bar.y + bar.height for bar in chart.bars} == {chart.floor}
    low, middle, high = (bar.height for bar in chart.bars)
    assert (low, high) == (0, pytest.approx(2 * middle))
    assert all(bar.x >= charts.LEFT and bar.x + bar.width <= charts.WIDTH for bar in chart.bars)


def test_lines_share_a_scale_and_reach_from_side_to_side():
    chart = charts.lines(["1", "2", "3"], [("all", [1, 2, 4]), ("some", [0, 0, 5])])
    points = [point.split(",") for point in chart.lines[1].points.split()]
    assert [float(x) for x, _ in points] == [charts.LEFT, 258, charts.WIDTH - charts.RIGHT]
    assert float(points[2][1]) == charts.TOP


def test_nothing_to_draw_is_an_empty_chart():
    assert charts.bars([]).bars == ()
    assert charts.lines([], [("all", [])]).lines[0].points == ""


def test_many_labels_are_thinned():
    assert len(charts.bars([(str(day), 1) for day in range(365)]).labels) <= 6
