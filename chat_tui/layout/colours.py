"""The colour of a name: always the same hue, as light or dark as can be read on the background."""

import zlib
from functools import lru_cache
from math import cos, radians, sin

CONTRAST = 4.5
"""How much a name stands out at least, as WCAG 2 measures it (its level AA for text)."""
TERMINAL = ("ansi_red", "ansi_green", "ansi_yellow", "ansi_blue", "ansi_magenta", "ansi_cyan")
"""The terminal's own colours that can be told from its black, white and grey."""

_CHROMA = 0.14
_STEP = 0.02
_Rgb = tuple[float, float, float]


@lru_cache(maxsize=4096)
def name_colour(name: str, background: str) -> str:
    """Choose the colour of a name on a background, both as Textual writes them.

    A background of the terminal's own (`ansi_…`) gets one of the terminal's colours, whose
    contrast is the terminal's matter; `#rrggbb` gets one with a contrast of CONTRAST at least.
    """
    number = zlib.crc32(name.encode("utf-8", "replace"))
    if not background.startswith("#"):
        return TERMINAL[number % len(TERMINAL)]
    behind = _parse(background)
    hue = number % 360
    lightness, step = (0.78, _STEP) if _luminance(behind) < 0.18 else (0.52, -_STEP)
    while 0 < lightness < 1:
        colour = _fitted(lightness, hue)
        if contrast(colour, background) >= CONTRAST:
            return colour
        lightness += step
    return "#ffffff" if step > 0 else "#000000"


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours `#rrggbb`, from 1 to 21 (WCAG 2)."""
    darker, lighter = sorted((_luminance(_parse(one)), _luminance(_parse(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _parse(colour: str) -> _Rgb:
    """Read `#rrggbb` as linear light."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: _Rgb) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _fitted(lightness: float, hue: float) -> str:
    """Write a colour as `#rrggbb`, as strong as a screen can show it at this lightness."""
    chroma = _CHROMA
    while chroma > 0:
        colour = _from_oklch(lightness, chroma, hue)
        if all(0 <= part <= 1 for part in colour):
            return _written(colour)
        chroma -= 0.01
    return _written(_from_oklch(lightness, 0, hue))


def _written(colour: _Rgb) -> str:
    parts = [round(255 * _gamma(min(1.0, max(0.0, part)))) for part in colour]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _from_oklch(lightness: float, chroma: float, hue: float) -> _Rgb:
    """Convert from OKLCH, whose hues are equally light to the eye (Ottosson 2020)."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
