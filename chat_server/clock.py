"""The one place that reads the time; whoever needs it is given a clock."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Time as the server knows it; tests make their own."""

    def now(self) -> float:
        """Return the time of day, in seconds since 1970 (UTC); it may be set back."""

    def monotonic(self) -> float:
        """Return seconds that only ever go forward."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back after that many seconds."""


class SystemClock:
    """The time of this machine; its calls come from the running loop."""

    def now(self) -> float:
        return time.time()  # noqa: TID251 - the clock itself

    def monotonic(self) -> float:
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)
