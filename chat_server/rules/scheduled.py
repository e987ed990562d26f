"""Scheduled messages: whose they are, which comes next, which was made last.

The items belong to the state; the order of their times is derived from it.
"""

import heapq

import msgspec

from chat_server.protocol.events import Item


class Scheduled(msgspec.Struct, frozen=True):
    """An item with the ids of its owner and its recipient (None: everyone)."""

    item: Item
    owner: int
    recipient: int | None


def on_the_wall(item: Item, ahead: float) -> Item:
    """Give an item with the times of day, which are that much ahead of the chat's."""
    return msgspec.structs.replace(item, at=item.at + ahead, due=item.due + ahead)


class Schedule:
    """The pending items of everybody. `items` maps their numbers, counting up, to them."""

    def __init__(self, items: dict[int, Scheduled], postponed: dict[int, float]) -> None:
        self.items = items
        self._postponed = postponed
        self._due = self._heap()
        self._owned: dict[int, list[int]] = {}
        self.size = sum(len(scheduled.item.text.encode()) for scheduled in items.values())
        """Bytes of all their texts."""
        for number, scheduled in items.items():
            self._owned.setdefault(scheduled.owner, []).append(number)

    def add(self, number: int, scheduled: Scheduled) -> None:
        self.items[number] = scheduled
        self.size += len(scheduled.item.text.encode())
        self._owned.setdefault(scheduled.owner, []).append(number)
        heapq.heappush(self._due, (scheduled.item.due, number))

    def postpone(self, number: int, until: float) -> None:
        """Let an item be due at another time."""
        self._postponed[number] = until
        heapq.heappush(self._due, (until, number))

    def waiting_for(self, recipient: int) -> list[int]:
        """Number the postponed items for somebody, in order."""
        return [n for n in self._postponed if self.items[n].recipient == recipient]

    def due(self, number: int) -> float:
        """Return when an item is due; KeyError if it is not pending."""
        return self._postponed.get(number, self.items[number].item.due)

    def _heap(self) -> list[tuple[float, int]]:
        heap = [(self.due(number), number) for number in self.items]
        heapq.heapify(heap)
        return heap

    def remove(self, number: int) -> Scheduled:
        """Take an item out; KeyError if it is not pending."""
        scheduled = self.items.pop(number)
        self._postponed.pop(number, None)
        self.size -= len(scheduled.item.text.encode())
        owned = self._owned[scheduled.owner]
        owned.remove(number)
        if not owned:
            del self._owned[scheduled.owner]
        if len(self._due) > 2 * len(self.items) + 100:
            self._due = self._heap()
        return scheduled

    def owned_by(self, owner: int) -> list[int]:
        """Number somebody's pending items in the order in which they were scheduled."""
        return self._owned.get(owner, [])

    def soonest_first(self, owner: int, ahead: float = 0.0) -> list[Item]:
        """Give somebody's items as the clocks on the wall have them."""
        items = (self.items[number].item for number in self.owned_by(owner))
        return [on_the_wall(item, ahead) for item in sorted(items, key=lambda item: item.due)]

    def next_due(self) -> float | None:
        """Return when the next item is due; None with nothing pending."""
        while self._due and self._is_stale(*self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def due_by(self, at: float, most: int | None = None) -> list[int]:
        """Number the items that are due at that time, in their order; the first so many."""
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
