"""Scheduled messages: whose they are, which comes next, which was made last.

The items belong to the state; the order of their times is derived from it.
"""

import heapq

import msgspec

from chat_server.events import Item


class Scheduled(msgspec.Struct, frozen=True):
    """An item with the ids of its owner and its recipient (None: everyone)."""

    item: Item
    owner: int
    recipient: int | None


class Schedule:
    """The pending items of everybody. `items` maps their numbers, counting up, to them."""

    def __init__(self, items: dict[int, Scheduled]) -> None:
        self.items = items
        self._due = [(scheduled.item.due, number) for number, scheduled in items.items()]
        heapq.heapify(self._due)
        self._owned: dict[int, list[int]] = {}
        for number, scheduled in items.items():
            self._owned.setdefault(scheduled.owner, []).append(number)

    def add(self, number: int, scheduled: Scheduled) -> None:
        self.items[number] = scheduled
        self._owned.setdefault(scheduled.owner, []).append(number)
        heapq.heappush(self._due, (scheduled.item.due, number))

    def remove(self, number: int) -> Scheduled:
        """Take an item out; KeyError if it is not pending."""
        scheduled = self.items.pop(number)
        owned = self._owned[scheduled.owner]
        owned.remove(number)
        if not owned:
            del self._owned[scheduled.owner]
        if len(self._due) > 2 * len(self.items) + 100:
            self._due = [(pending.item.due, left) for left, pending in self.items.items()]
            heapq.heapify(self._due)
        return scheduled

    def owned_by(self, owner: int) -> list[int]:
        """Number somebody's pending items in the order in which they were scheduled."""
        return self._owned.get(owner, [])

    def soonest_first(self, owner: int) -> list[Item]:
        return sorted(
            (self.items[number].item for number in self.owned_by(owner)), key=lambda item: item.due
        )

    def next_due(self) -> float | None:
        """Return when the next item is due; None with nothing pending."""
        while self._due and self._due[0][1] not in self.items:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def due_by(self, at: float) -> list[int]:
        """Number the items that are due at that time, in the order in which they are."""
        heap, due, places = self._due, [], [0]
        while places:
            place = places.pop()
            if place < len(heap) and heap[place][0] <= at:
                due.append(heap[place])
                places += (2 * place + 1, 2 * place + 2)
        return [number for _, number in sorted(due) if number in self.items]
