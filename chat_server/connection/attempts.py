"""How long to wait before another password may be tried, from one address and for one name.

A wait is asked for before a password is looked at, so guessing costs the server no hashing. New
accounts of one address have to wait, too.
Nothing here reads a clock: `now` is in seconds, of one that only goes forward.
"""

from collections import OrderedDict

import msgspec

FIRST_WAIT = 60.0
"""Seconds, after the last wrong attempt that is free; each further one doubles them."""
LONGEST_WAIT = 3600.0
FORGOTTEN_AFTER = 3600.0
"""Seconds after the end of a wait in which nothing wrong was tried; then counting begins anew."""
AT_ONCE = 4
"""Hashes that are made or compared at once for one address."""
MOST = 10_000
"""Addresses, and names tried from them, that are remembered."""


class Allowance(msgspec.Struct, frozen=True):
    """How many wrong attempts in how many seconds there are before the first wait."""

    attempts: int
    seconds: float


OF_PAIR = Allowance(3, 60.0)
"""For one name from one address: slips of the finger."""
OF_ADDRESS = Allowance(10, 60.0)
"""For all names from one address: a class behind one router."""
OF_ACCOUNTS = Allowance(30, 3600.0)
"""For new accounts from one address."""


class Tally:
    """The wrong attempts, or the new accounts, of one address, or those for one name from there."""

    __slots__ = ("_allowance", "_free", "_seconds", "until")

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._free: tuple[float, ...] = ()
        """When those were made that count, but had no wait after them."""
        self._seconds = 0.0
        """How long the last wait was."""
        self.until = 0.0
        """When it ends."""

    def add(self, now: float) -> None:
        """Count a wrong attempt."""
        if now >= self.until + FORGOTTEN_AFTER:
            self._seconds = 0.0
        if self._seconds or self._is_used_up(now):
            self._seconds = min(LONGEST_WAIT, 2 * self._seconds or FIRST_WAIT)
            self.until = max(self.until, now + self._seconds)

    def _is_used_up(self, now: float) -> bool:
        """Count a free attempt, and say whether it was the last one."""
        since = now - self._allowance.seconds
        self._free = (*(at for at in self._free if at > since), now)
        return len(self._free) >= self._allowance.attempts


class Address:
    """What is remembered of one address: its own tally, and those of the names tried from there."""

    __slots__ = ("accounts", "names", "tally")

    def __init__(self) -> None:
        self.tally = Tally(OF_ADDRESS)
        self.accounts = Tally(OF_ACCOUNTS)
        self.names: OrderedDict[str, Tally] = OrderedDict()
        """By the keys of the names, the one that was tried last at the end."""


class Attempts:
    """The wrong attempts of all addresses, as `chat_server/rules/addresses.py:counted` has them.

    Of this machine, "", only the names are counted: many people may come through it. Whoever has
    tried the most names gives up memory first, so trying names from elsewhere lifts no wait.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._addresses: OrderedDict[str, Address] = OrderedDict()
        """The one from which something wrong was tried last at the end."""
        self._size = 0
        self._under_way: set[tuple[str, str]] = set()
        """Addresses and names' keys for which a hash is being made or compared."""

    @property
    def is_any_under_way(self) -> bool:
        return bool(self._under_way)

    def begin(self, address: str, key: str) -> bool:
        """Say whether a hash may be made or compared now: one for a name, a few for an address."""
        here = sum(1 for other, _ in self._under_way if other == address) if address else 0
        if here >= AT_ONCE or (address, key) in self._under_way:
            return False
        self._under_way.add((address, key))
        return True

    def end(self, address: str, key: str) -> None:
        """Let what has begun be over."""
        self._under_way.discard((address, key))

    def wait(self, address: str, key: str, now: float) -> float:
        """Return in how many seconds a password may be tried for a name's key; 0: now."""
        known = self._addresses.get(address)
        if known is None:
            return 0.0
        of_name = known.names.get(key)
        tallies = [tally for tally in (of_name, known.tally) if tally is not None]
        return max(0.0, *(tally.until - now for tally in tallies))

    def failed(self, address: str, key: str, now: float) -> None:
        """Count a wrong attempt, for a name that somebody has or nobody."""
        known = self._known(address)
        if address:
            known.tally.add(now)
        if key not in known.names:
            known.names[key] = Tally(OF_PAIR)
            self._size += 1
        known.names[key].add(now)
        known.names.move_to_end(key)
        self._forget_too_many()

    def succeeded(self, address: str, key: str) -> None:
        """Forget the wrong attempts for one name from one address."""
        known = self._addresses.get(address)
        if known is not None and known.names.pop(key, None) is not None:
            self._size -= 1

    def wait_for_account(self, address: str, now: float) -> float:
        """Return in how many seconds an address may have another new account; 0: now."""
        known = self._addresses.get(address)
        return 0.0 if known is None else max(0.0, known.accounts.until - now)

    def registered(self, address: str, now: float) -> None:
        """Count a new account of an address; those of this machine are not counted."""
        if address:
            self._known(address).accounts.add(now)
            self._forget_too_many()

    def _known(self, address: str) -> Address:
        if address not in self._addresses:
            self._addresses[address] = Address()
            self._size += 1
        self._addresses.move_to_end(address)
        return self._addresses[address]

    def _forget_too_many(self) -> None:
        while self._size > self._most:
            self._forget()

    def _forget(self) -> None:
        """Forget a name of the address that has the most, or an address where all have one."""
        largest = max(self._addresses.values(), key=lambda known: len(known.names))
        if len(largest.names) > 1:
            largest.names.popitem(last=False)
            self._size -= 1
            return
        _, oldest = self._addresses.popitem(last=False)
        self._size -= 1 + len(oldest.names)
