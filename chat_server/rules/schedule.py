"""Scheduled messages: whose they are, which comes next, which was made last.

The items belong to the state; the order of their times is derived from it.
"""

import heapq
from collections import Counter

import msgspec


class ScheduledMessage(msgspec.Struct, frozen=True, gc=False):
    """An item as it is kept: with the ids of its owner and its recipient (None: everyone).

    `address` is where it was scheduled from, "" for this machine.
    """

    at: float
    due: float
    owner: str
    to: str | None
    text: str
    address: str = ""


class Schedule:
    """The pending items of everybody. `items` maps their numbers, counting up, to them."""

    def __init__(self, items: dict[int, ScheduledMessage], postponed: dict[int, float]) -> None:
        self.items = items
        self._postponed = postponed
        self._due = self._heap()
        self._owned: dict[str, list[int]] = {}
        self._expected: dict[str, int] = {}
        """How many items are for a person, by the person's id; nobody has 0."""
        self._from: Counter[str] = Counter()
        """How many items are from an address of another machine; none has 0."""
        self.size = 0
        """Bytes of all their texts."""
        for number, item in items.items():
            self._note(number, item)

    def _note(self, number: int, item: ScheduledMessage) -> None:
        self.size += len(item.text.encode())
        self._owned.setdefault(item.owner, []).append(number)
        if item.address:
            self._from[item.address] += 1
        if item.to is not None:
            self._expected[item.to] = self._expected.get(item.to, 0) + 1

    def add(self, number: int, item: ScheduledMessage) -> None:
        self.items[number] = item
        self._note(number, item)
        heapq.heappush(self._due, (item.due, number))

    def postpone(self, number: int, until: float) -> None:
        """Let an item be due at another time."""
        self._postponed[number] = until
        heapq.heappush(self._due, (until, number))

    def waiting_for(self, recipient: str) -> list[int]:
        """Return the numbers of the postponed items for somebody, in order."""
        return [n for n in self._postponed if self.items[n].to == recipient]

    def due(self, number: int) -> float:
        """Return when an item is due; KeyError if it is not pending."""
        return self._postponed.get(number, self.items[number].due)

    def _heap(self) -> list[tuple[float, int]]:
        heap = [(self.due(number), number) for number in self.items]
        heapq.heapify(heap)
        return heap

    def remove(self, number: int) -> ScheduledMessage:
        """Take an item out; KeyError if it is not pending."""
        item = self.items.pop(number)
        self._postponed.pop(number, None)
        self.size -= len(item.text.encode())
        owned = self._owned[item.owner]
        owned.remove(number)
        if not owned:
            del self._owned[item.owner]
        if item.address:
            self._from[item.address] -= 1
            if not self._from[item.address]:
                del self._from[item.address]
        if item.to is not None:
            self._expected[item.to] -= 1
            if not self._expected[item.to]:
                del self._expected[item.to]
        if len(self._due) > 2 * len(self.items) + 100:
            self._due = self._heap()
        return item

    def hand_over(self, owner: str, heir: str) -> None:
        """Let all items of somebody be another's."""
        numbers = self._owned.pop(owner, [])
        for number in numbers:
            self.items[number] = msgspec.structs.replace(self.items[number], owner=heir)
        if numbers:
            self._owned[heir] = sorted([*self.owned_by(heir), *numbers])

    def owned_by(self, owner: str) -> list[int]:
        """Return the numbers of somebody's items, in the order in which they were scheduled."""
        return self._owned.get(owner, [])

    def count_from(self, address: str) -> int:
        """Count the items that were scheduled from an address; of this machine ("") none count."""
        return self._from[address]

    def soonest_first(self, owner: str) -> list[int]:
        """Return the numbers of somebody's items, in the order in which they are due."""
        return sorted(self.owned_by(owner), key=lambda number: self.items[number].due)

    def concerns(self, person: str) -> bool:
        """Say whether anything is scheduled by somebody, or for them."""
        return person in self._owned or person in self._expected

    def next_due(self) -> float | None:
        """Return when the next item is due; None with nothing pending."""
        while self._due and self._is_stale(*self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def due_by(self, at: float, most: int | None = None) -> list[int]:
        """Return the numbers of the items that are due by then, in order; at most `most`."""
        heap, due = self._due, dict[int, None]()
        most = len(heap) if most is None else most
        next_ones = [(*heap[0], 0)] if heap else []
        while next_ones and next_ones[0][0] <= at and len(due) < most:
            due_at, number, place = heapq.heappop(next_ones)
            if not self._is_stale(due_at, number):
                due[number] = None
            for below in (2 * place + 1, 2 * place + 2):
                if below < len(heap):
                    heapq.heappush(next_ones, (*heap[below], below))
        return list(due)

    def _is_stale(self, at: float, number: int) -> bool:
        return number not in self.items or self.due(number) != at
