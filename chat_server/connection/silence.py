"""How a newcomer who says nothing enters the chat: after a moment, within the turns of all."""

from typing import Protocol

from chat_server.clock import Clock, Timer
from chat_server.delivery.turns import Turns

ENTRY_SECONDS = 0.3
"""How long a connection may be silent before it enters as a guest."""
ENTER_AGAIN_SECONDS = 1.0
"""How long until a silent newcomer's entering, which was not saved, is tried again."""


class Owner(Protocol):
    """Who is silent."""

    @property
    def used(self) -> float:
        """A number that grows with how much it has talked lately."""

    def enter_in_silence(self) -> None:
        """Enter, unless it has entered or ended meanwhile."""


class Silence:
    """A newcomer's silence."""

    __slots__ = ("_owner", "_timer", "_turns")

    def __init__(
        self, owner: Owner, clock: Clock, turns: Turns, seconds: float = ENTRY_SECONDS
    ) -> None:
        """Let it last for some seconds from now."""
        self._owner = owner
        self._turns = turns
        self._timer: Timer | None = clock.call_later(seconds, self._last)

    @property
    def has_lasted(self) -> bool:
        """Say whether they were silent for so long that they enter before they speak."""
        return self._timer is None

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _last(self) -> None:
        self._timer = None
        self._enter_in_turn()

    def _enter_in_turn(self) -> None:
        if self._turns.left > 0:
            self._owner.enter_in_silence()
        else:
            self._turns.wait(self._owner.used, self._enter_in_turn)
