"""How many connections each address has, and how often it opened one lately."""

from chat_server.connection.rate_limit import Pace
from chat_server.protocol.events import Bye

NETWORK = 4
"""How many times what one address may have a network of IPv6 may: a household, or a campus."""
REMEMBERED = 1024
"""Addresses that are remembered without a look whether that is of any use."""


class _Of:
    """What one address has: its connections, and when it may open a whole burst again."""

    __slots__ = ("full_at", "here")

    def __init__(self) -> None:
        self.here = 0
        self.full_at = 0.0


class Visits:
    """The connections of each address; one without any, and without new ones, is forgotten.

    Addresses are as `counted` gives them; those that are "" are not counted at all.
    """

    def __init__(self, most: int, new_per_minute: int) -> None:
        """Let one address have so many connections, and open so many a minute; 0: any number."""
        self._most = most
        self._new_per_minute = new_per_minute
        self._of: dict[str, _Of] = {}
        self._look_at = REMEMBERED

    @property
    def known(self) -> int:
        """Count the addresses that are remembered."""
        return len(self._of)

    def why_not(self, address: str, now: float) -> Bye | None:
        """Say why an address may not open one more now; who asks in vain pays nothing."""
        if not address or (of := self._of.get(address)) is None:
            return None
        times = _times(address)
        if self._most and of.here >= times * self._most:
            return Bye("too_many_of_address", {"limit": times * self._most})
        if self._new_per_minute and (wait := self._pace(times).wait(of.full_at, now)):
            return Bye("too_often", {"seconds": int(-(-wait // 1))})
        return None

    def began(self, address: str, now: float) -> None:
        """Count one more connection of an address."""
        if not address:
            return
        if len(self._of) >= self._look_at:
            self._forget(now)
        of = self._of.setdefault(address, _Of())
        of.here += 1
        if self._new_per_minute:
            of.full_at = self._pace(_times(address)).after_line(of.full_at, now)

    def ended(self, address: str) -> None:
        """Count one connection less."""
        if address:
            self._of[address].here -= 1

    def _pace(self, times: int) -> Pace:
        return Pace(times * self._new_per_minute / 60, times * self._new_per_minute)

    def _forget(self, now: float) -> None:
        """Forget whom nothing is known of; look again when there are twice as many as now."""
        self._of = {one: of for one, of in self._of.items() if of.here or of.full_at > now}
        self._look_at = max(REMEMBERED, 2 * len(self._of))


def _times(address: str) -> int:
    return NETWORK if ":" in address else 1
