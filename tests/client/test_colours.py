"""The colours of names: stable, and readable in every theme."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from chat_tui.layout.colours import CONTRAST, TERMINAL, contrast, name_colour

NAMES = [f"name{number}" for number in range(500)] + ["alice", "боб", "李", "\ud800", ""]


@pytest.mark.parametrize("theme", BUILTIN_THEMES)
def test_every_name_can_be_read_in_every_theme(theme: str) -> None:
    background = BUILTIN_THEMES[theme].to_color_system().generate()["background"]
    colours = {name_colour(name, background) for name in NAMES}
    if background.startswith("#"):
        assert min(contrast(colour, background) for colour in colours) >= CONTRAST
        assert len(colours) > 200
    else:
        assert colours == set(TERMINAL)
    assert all(Color.parse(colour) for colour in colours)


@pytest.mark.parametrize("background", ["#777777", "#767676", "#000000", "#ffffff", "#ff0000"])
def test_any_background_leaves_names_readable(background: str) -> None:
    assert min(contrast(name_colour(name, background), background) for name in NAMES) >= CONTRAST


def test_a_name_keeps_its_hue_in_all_themes() -> None:
    for name in NAMES[:100]:
        dark, light = (Color.parse(name_colour(name, back)) for back in ("#121212", "#fafafa"))
        apart = abs(dark.hsl.h - light.hsl.h)
        assert min(apart, 1 - apart) < 0.08, name


def test_contrast_is_measured_as_wcag_measures_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
