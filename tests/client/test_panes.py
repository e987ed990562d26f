"""Where the panes go: they fill the screen, and none hides another that is beside it."""

import pytest

from chat_tui.layout.panes import SIDES, Side, columns, places

CHOICES: tuple[tuple[Side, ...], ...] = ((), ("people",), ("schedule",), SIDES)


@pytest.mark.parametrize("sides", CHOICES)
@pytest.mark.parametrize("width", [80, 81, 100, 119, 120, 140, 250])
@pytest.mark.parametrize("wanted", [0, 4, 9, 100])
def test_beside_each_other_the_panes_fill_the_screen(
    width: int, wanted: int, sides: tuple[Side, ...]
) -> None:
    boxes = places(width, 20, sides, wanted)
    cells = [
        (x, y)
        for box in boxes.values()
        for x in range(box.x, box.x + box.width)
        for y in range(box.y, box.y + box.height)
    ]
    assert len(cells) == len(set(cells)) == width * 20
    assert set(boxes) == {"middle", *sides}
    assert boxes["middle"].width >= width // 2


@pytest.mark.parametrize("width", [20, 60, 79])
def test_on_a_narrow_screen_a_side_lies_over_the_messages(width: int) -> None:
    boxes = places(width, 15, ("people",), 4)
    assert boxes["middle"] == (0, 0, width, 15)
    assert boxes["people"].x + boxes["people"].width == width
    assert boxes["people"].width <= width


def test_scheduled_messages_get_no_more_than_they_fill() -> None:
    assert places(100, 30, SIDES, 6)["schedule"].height == 6
    assert places(100, 30, SIDES, 60)["schedule"].height == 15
    assert places(100, 30, ("schedule",), 6)["schedule"].height == 30


def test_the_number_of_columns_follows_from_the_width() -> None:
    assert [columns(width) for width in (79, 80, 119, 120)] == ["one", "two", "two", "three"]
