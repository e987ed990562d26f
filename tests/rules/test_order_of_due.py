"""The order of scheduled messages."""

from chat_server.rules.schedule import Schedule, ScheduledMessage


def scheduled(due: float, owner: str = "me", to: str | None = None) -> ScheduledMessage:
    return ScheduledMessage(0.0, due, owner, to, "hi")


def schedule(*dues: float) -> Schedule:
    made = Schedule({}, {})
    for number, due in enumerate(dues, start=1):
        made.add(number, scheduled(due))
    return made


def test_nothing_is_due_without_items() -> None:
    assert schedule().next_due() is None
    assert schedule().due_by(1e12) == []


def test_next_is_the_one_due_soonest() -> None:
    assert schedule(30, 10, 20).next_due() == 10


def test_next_passes_over_what_was_removed() -> None:
    made = schedule(30, 10, 20)
    made.remove(2)
    assert made.next_due() == 20


def test_due_ones_come_in_the_order_of_their_times() -> None:
    assert schedule(30, 10, 40, 20).due_by(30) == [2, 4, 1]


def test_ones_due_together_come_in_the_order_of_their_making() -> None:
    assert schedule(10, 10, 10).due_by(10) == [1, 2, 3]


def test_due_ones_do_not_include_what_was_removed() -> None:
    made = schedule(10, 20, 30)
    made.remove(2)
    assert made.due_by(30) == [1, 3]


def test_first_of_the_due_ones_can_be_asked_for() -> None:
    made = schedule(*(10 * (n * 7 % 50) for n in range(50)))
    made.remove(1)
    made.postpone(2, 5)
    in_order = made.due_by(1e9)
    assert in_order[0] == 2
    assert [made.due_by(1e9, most) for most in (0, 1, 7, 48, 49, 1000)] == [
        in_order[:most] for most in (0, 1, 7, 48, 49, 1000)
    ]


def test_asking_what_is_due_removes_nothing() -> None:
    made = schedule(10, 20)
    assert made.due_by(20) == made.due_by(20) == [1, 2]


def test_owner_sees_own_items_as_made_and_as_due() -> None:
    made = schedule(30, 10)
    made.add(3, scheduled(5, owner="other"))
    assert made.owned_by("me") == [1, 2]
    assert made.soonest_first("me") == [2, 1]
    assert made.owned_by("nobody") == []


def test_items_of_a_snapshot_are_in_the_same_order() -> None:
    again = Schedule(schedule(30, 10, 20).items, {})
    assert again.due_by(30) == [2, 3, 1]
    assert again.owned_by("me") == [1, 2, 3]


def test_many_cancelled_ones_leave_the_order_of_the_others() -> None:
    made = schedule(*range(1000, 0, -1))
    for number in range(1, 998):
        made.remove(number)
    assert made.due_by(1000) == [1000, 999, 998]
    assert made.next_due() == 1


def test_many_cancelled_ones_do_not_hide_what_is_due() -> None:
    made = schedule(*range(1000, 0, -1))
    for number in range(1, 561):
        made.remove(number)
    assert made.due_by(3) == [1000, 999, 998]


def test_last_item_removed_leaves_nothing_of_its_owner() -> None:
    made = schedule(10)
    assert made.remove(1) == scheduled(10)
    assert (made.owned_by("me"), made.items) == ([], {})


def test_items_concern_their_owners_and_their_recipients_until_they_are_gone() -> None:
    made = Schedule({}, {})
    for number, recipient in enumerate(("bob", "bob", None), start=1):
        made.add(number, scheduled(10, to=recipient))
    for schedule in (made, Schedule({**made.items}, {})):
        schedule.remove(1)
        told = [schedule.concerns(who) for who in ("me", "bob", "carol")]
        schedule.remove(2)
        told += [schedule.concerns(who) for who in ("me", "bob")]
        schedule.remove(3)
        assert [*told, schedule.concerns("me")] == [True, True, False, True, False, False]


# Postponing


def test_postponed_item_is_due_later_and_behind_the_others() -> None:
    made = schedule(10, 20)
    made.postpone(1, 60)
    assert (made.due(1), made.next_due()) == (60, 20)
    assert (made.due_by(59), made.due_by(60)) == ([2], [2, 1])


def test_postponed_item_keeps_the_time_that_its_owner_sees() -> None:
    made = schedule(10)
    made.postpone(1, 60)
    assert made.items[1].due == 10


def test_item_that_is_postponed_and_taken_back_is_due_once() -> None:
    made = schedule(10)
    made.postpone(1, 60)
    made.postpone(1, 10)
    assert (made.next_due(), made.due_by(100)) == (10, [1])


def test_postponed_item_that_was_removed_is_not_due() -> None:
    made = schedule(10)
    made.postpone(1, 60)
    made.remove(1)
    assert (made.next_due(), made.due_by(100), made.waiting_for("bob")) == (None, [], [])


def test_items_waiting_for_somebody_are_the_postponed_ones() -> None:
    made = Schedule({}, {})
    for number, recipient in enumerate(("bob", "bob", "carol", None), start=1):
        made.add(number, scheduled(10, to=recipient))
    for number in (3, 2, 4):
        made.postpone(number, 60)
    assert (made.waiting_for("bob"), made.waiting_for("carol")) == ([2], [3])


def test_postponed_items_of_a_snapshot_are_due_as_before() -> None:
    postponed: dict[int, float] = {}
    made = Schedule({}, postponed)
    for due in (10, 20, 30):
        made.add(due, scheduled(due))
    made.postpone(10, 25)
    again = Schedule(made.items, postponed)
    assert again.due_by(30) == made.due_by(30) == [20, 10, 30]
