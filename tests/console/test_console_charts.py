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


def test_lying_bars_share_the_width_and_their_labels_fit():
    chart = charts.ranking([("x" * 100, 200), ("b", 50), ("c", 0)])
    assert [one.width for one in chart.ranks] == [charts.WIDTH, charts.WIDTH / 4, 0]
    assert len(chart.ranks[0].label) == charts.MOST_LABEL
    assert chart.height == 3 * charts.RANK
    assert charts.ranking([("a", 0)]).ranks[0].width == 0


def test_the_table_beside_lines_may_be_shorter_than_they_are():
    days, months = ["1", "2", "3", "4"], ["Jan", "Jan", "Feb", "Feb"]
    series = [("a", [1, 2, 3, 4]), ("b", [5, 0, 0, 1])]
    assert charts.lines(days, series).rows[1] == ("2", (2, 0))
    assert charts.lines(days, series, months).rows == (("Jan", (3, 5)), ("Feb", (7, 1)))
    assert charts.lines(days, series, months, max).rows == (("Jan", (2, 5)), ("Feb", (4, 1)))


def test_a_mean_begins_with_what_there_is():
    assert charts.smooth([7, 0, 14, 0], 3) == [7, 3.5, 7, 4.7]
    assert charts.smooth([], 7) == []


def test_high_levels_are_written_short():
    assert [one.text for one in charts.bars([("a", 1_500_000)]).levels] == ["0", "1M", "2M"]
    assert [one.text for one in charts.bars([("a", 15_000)]).levels] == ["0", "10k", "20k"]
    assert [one.text for one in charts.bars([("a", 4)]).levels] == ["0", "5"]
