"""Textual as tests need it: nothing of it is in haste, and clients share what each would make."""

import asyncio
import contextlib
from collections.abc import Iterator
from unittest.mock import patch

from textual._styles_cache import StylesCache
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.notifications import Notification

TURNS = 10
"""Turns of the loop in which a message gets from one widget to the next, and more."""
LONG = 3600.0
"""Seconds that no test takes."""

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


async def turns(*_: float) -> None:
    for _turn in range(TURNS):
        await asyncio.sleep(0)


@contextlib.contextmanager
def for_tests() -> Iterator[None]:
    with (
        # Textual waits after each key until the process sleeps; here all wait for what it does.
        patch("textual.app.wait_for_idle", turns),
        patch("textual.pilot.wait_for_idle", turns),
        # What is told in a corner is there until it is looked at, and clicks are one double click.
        patch.object(Notification, "time_left", LONG),
        patch.object(App, "CLICK_CHAIN_TIME_THRESHOLD", LONG),
        patch.object(Stylesheet, "_parse_rules", _parse_once),
    ):
        yield
    # It remembers all that was ever drawn, which whoever collects garbage has to go through.
    StylesCache.get_inner_outer.cache_clear()


def _parse_once(
    sheet: Stylesheet,
    css: str,
    read_from: tuple[str, str],
    is_default_rules: bool,
    tie_breaker: int,
    scope: str,
) -> list[RuleSet]:
    """Parse a part of a style sheet once for all clients; nothing changes its rules."""
    key = (css, read_from, is_default_rules, tie_breaker, scope, *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, read_from, is_default_rules, tie_breaker, scope)
    return _parsed[key]
