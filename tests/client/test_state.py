"""What the client knows: every event, and nothing shown twice."""

import pytest

from chat_server.protocol.events import (
    Bye,
    Cancelled,
    Event,
    Fired,
    Help,
    HelpEntry,
    History,
    Item,
    Joined,
    Left,
    Message,
    Muted,
    Ok,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
)
from chat_tui.session.state import EVERYONE, KEPT_IDS, LATELY, ChatState, Mark, Moves, Note, Said

NOW = 1_700_000_000.0
LATER = Item("1", NOW, NOW + 60, None, "later")
SOON = Item("2", NOW, NOW + 5, "bob", "soon")


def message(number: int, sender: str = "bob") -> Message:
    return Message(str(number), NOW + number, sender, None, f"message {number}")


def welcome(
    chat: str = "one",
    *,
    users: list[str] | None = None,
    pending: list[Item] | None = None,
    undelivered: list[Undelivered] | None = None,
    last: str = "0",
) -> Welcome:
    here = ["alice", "bob"] if users is None else users
    return Welcome(
        "alice", "chat-server", "1", chat, NOW + 7, here, pending or [], undelivered or [], last
    )


def state_after(*events: Event) -> ChatState:
    state = ChatState()
    for event in events:
        state.apply(event, NOW)
    return state


def entered(*events: Event) -> ChatState:
    """Alice has come in, has seen that nothing was said before, and then heard the events."""
    return state_after(welcome(), History([], None), *events)


def shown(state: ChatState) -> list[str]:
    return [
        line.message.text if isinstance(line, Said) else f"{line.kind}: {line.text}"
        for _, line in state.take_lines()
    ]


# Messages


def test_a_message_is_shown_once() -> None:
    state = entered(message(1), message(1), message(2))
    assert shown(state) == ["message 1", "message 2"]
    assert shown(state) == []


def test_messages_wait_for_the_ones_before_them() -> None:
    state = state_after(welcome(), message(3), message(4))
    assert shown(state) == []
    state.apply(History([message(1), message(2), message(3)], None), NOW)
    assert shown(state) == ["message 1", "message 2", "message 3", "message 4"]


def test_coming_back_shows_nothing_twice() -> None:
    state = entered(message(1), message(2))
    for event in (welcome(), message(4), History([message(2), message(3)], 0), message(4)):
        state.apply(event, NOW)
    assert shown(state) == ["message 1", "message 2", "message 3", "message 4"]


def test_what_was_missed_is_counted_above_what_was_not() -> None:
    state = state_after(welcome(), History([message(5)], 3))
    assert shown(state) == ["divider: 3 earlier messages are not shown here.", "message 5"]


def test_nothing_missed_is_not_mentioned() -> None:
    assert shown(state_after(welcome(), History([message(5)], 0))) == ["message 5"]


def test_a_gap_is_told_where_nobody_knows_how_many_are_missing() -> None:
    state = entered(message(1), private(2, "bob", "alice"))
    for event in (welcome(), History([message(301)], None)):
        state.apply(event, NOW)
    state.apply(message(302), NOW)
    gap = Note("divider", "Messages are missing here; how many is not known.", NOW + 7)
    lines = state.take_lines()
    assert [line for key, line in lines if key == EVERYONE and isinstance(line, Note)] == [gap]
    assert [key for key, line in lines if isinstance(line, Note)] == [EVERYONE, "bob"]
    assert [line.message.id for _, line in lines if isinstance(line, Said)] == [
        "1", "2", "301", "302",
    ]  # fmt: skip


def test_there_is_no_gap_where_nothing_was_heard_yet_or_what_came_reaches_back() -> None:
    assert shown(state_after(welcome(), History([message(301)], None))) == ["message 301"]
    state = entered(message(1))
    for event in (welcome(), History([message(1), message(2)], None)):
        state.apply(event, NOW)
    assert shown(state) == ["message 1", "message 2"]


def test_one_missing_message_is_one() -> None:
    state = state_after(welcome(), History([message(5)], 1))
    assert shown(state)[0] == "divider: 1 earlier message is not shown here."


def test_a_server_that_was_set_back_is_begun_with_anew() -> None:
    state = entered(message(1), message(9))
    for event in (welcome(last="4"), History([message(1), message(4)], None), message(9)):
        state.apply(event, NOW)
    assert shown(state) == [
        "message 1",
        "message 9",
        "divider: The server was set back; some of what was said before is not known there.",
        "message 1",
        "message 4",
        "message 9",
    ]


# What time it is


def test_the_servers_time_is_learned_from_whatever_comes() -> None:
    """As after a sleep, through which clocks that nobody sets stand still."""
    state = entered()
    assert state.clock_offset == 7
    state.apply(Joined(["carol"], NOW + 3600), NOW)
    assert state.clock_offset == 3600
    state.apply(Scheduled(Item("1", NOW + 4000, NOW + 4060, None, "x")), NOW + 10)
    assert state.clock_offset == 3990


@pytest.mark.parametrize("step", [3600, -3600])
def test_a_server_whose_clock_is_set_tells_of_each_item_once_more(step: float) -> None:
    items = [Item(str(number), NOW, NOW + 7 + 600 * number, None, "x") for number in (1, 2, 3)]
    state = entered(*map(Scheduled, items))
    left = [item.due - NOW - state.clock_offset for item in state.pending]
    for item in items:
        moved = Item(item.id, item.at + step, item.due + step, None, "x")
        state.apply(Scheduled(moved), NOW + 10)
    assert len(state.pending) == 3
    later = [item.due - NOW - 10 - state.clock_offset for item in state.pending]
    assert later == [each - 10 for each in left]


def test_a_new_item_tells_that_the_servers_clock_was_set_back() -> None:
    state = entered(Scheduled(Item("1", NOW - 3600, NOW - 3000, None, "x")))
    assert state.pending[0].due - NOW - state.clock_offset == 600


def test_what_comes_late_does_not_set_the_servers_time_back() -> None:
    state = entered(message(1))
    state.apply(Left(["bob"], NOW - 60), NOW)
    assert state.clock_offset == 7
    state.apply(welcome(), NOW + 100)
    assert state.clock_offset == -93


# Whom one ignores


def said_by(state: ChatState) -> list[str]:
    return [line.message.sender for _, line in state.take_lines() if isinstance(line, Said)]


def test_who_is_ignored_stays_so_under_another_name_and_nobody_else_becomes_it() -> None:
    state = entered()
    state.ignore("bob")
    state.apply(Renamed("bob", "боб", NOW), NOW)
    state.apply(message(1, "боб"), NOW)
    state.apply(Joined(["bob"], NOW), NOW)
    state.apply(message(2, "bob"), NOW)
    assert said_by(state) == ["bob"]
    assert state.ignored == ["боб"]


def test_who_takes_an_ignored_name_while_they_are_here_is_heard() -> None:
    state = entered(Joined(["carol"], NOW))
    state.ignore("bob")
    state.apply(Left(["bob"], NOW), NOW)
    state.apply(Renamed("carol", "Bob", NOW), NOW)
    state.apply(message(1, "Bob"), NOW)
    assert said_by(state) == ["Bob"]
    state.apply(Renamed("Bob", "carol", NOW), NOW)
    assert state.ignored == ["bob"]
    state.apply(Joined(["bob"], NOW), NOW)
    state.apply(message(2, "bob"), NOW)
    assert said_by(state) == []


def test_who_comes_under_an_ignored_name_is_told_of_once() -> None:
    state = entered(Left(["bob"], NOW))
    state.ignored = ["mallory"]
    state.take_lines()
    for event in (Joined(["Mallory"], NOW), Left(["Mallory"], NOW), Joined(["Mallory"], NOW)):
        state.apply(event, NOW)
    told = "Mallory is here, a name that you ignore; /unignore Mallory shows them."
    assert shown(state) == [f"fact: {told}"]


def test_ones_own_messages_are_known_by_the_sender() -> None:
    lines = entered(message(1, "alice"), message(2)).take_lines()
    assert [line.is_mine for _, line in lines if isinstance(line, Said)] == [True, False]


def test_old_ids_are_forgotten_in_the_end() -> None:
    state = entered(*(message(number) for number in range(KEPT_IDS + 1)))
    state.take_lines()
    state.apply(message(0), NOW)
    state.apply(message(2), NOW)
    assert shown(state) == ["message 0"]


def test_a_server_that_started_anew_is_told_apart() -> None:
    state = entered(message(1))
    for event in (welcome("two"), History([message(1)], None)):
        state.apply(event, NOW)
    assert shown(state) == [
        "message 1",
        "divider: The server has started anew and does not know what was said before.",
        "message 1",
    ]


def test_coming_back_to_the_same_chat_has_no_divider() -> None:
    assert shown(state_after(welcome(), History([], None), welcome(), History([], 0))) == []


# People


def test_people_come_go_and_rename_themselves() -> None:
    state = entered(Joined(["carol", "dave"], NOW), Left(["bob"], NOW), Renamed("dave", "eve", NOW))
    assert state.users == ["alice", "carol", "eve"]
    assert shown(state) == [
        "move: carol, dave joined",
        "move: bob left",
        "move: dave is now known as eve",
    ]


def test_ones_own_new_name_is_ones_own() -> None:
    state = entered(Renamed("alice", "ada", NOW), message(1, "ada"), message(2, "alice"))
    assert (state.you, state.users) == ("ada", ["ada", "bob"])
    mine = [line.is_mine for _, line in state.take_lines() if isinstance(line, Said)]
    assert mine == [True, False]


def test_a_renamed_neighbour_does_not_rename_oneself() -> None:
    assert entered(Renamed("bob", "rob", NOW)).you == "alice"


def test_a_crowd_comes_and_goes_in_silence() -> None:
    state = entered(Joined([f"guest{number}" for number in range(60)], NOW), Left(["bob"], NOW))
    assert len(state.users) == 61
    assert shown(state) == []


def test_the_servers_list_of_people_counts() -> None:
    assert entered(Users(["bob", "zoe"])).users == ["bob", "zoe"]


def test_a_welcome_replaces_who_was_here() -> None:
    assert entered(welcome(users=["alice", "zoe"])).users == ["alice", "zoe"]


def test_the_servers_time_is_known() -> None:
    assert entered().clock_offset == 7


# Scheduled messages


def test_scheduled_messages_are_sorted_by_their_time() -> None:
    state = entered(Scheduled(LATER), Scheduled(SOON))
    assert state.pending == [SOON, LATER]
    assert shown(state)[0].startswith("fact: Scheduled 1 for ")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Fired("1", "9"), []),
        (Cancelled("1", "later"), ["fact: Cancelled 1: later"]),
        (
            Undelivered("1", "bob is not here", None, "later"),
            [
                "refusal: Scheduled message 1 was not sent, because bob is not here: later",
            ],
        ),
    ],
)
def test_a_scheduled_message_is_gone_when_it_ends(event: Event, told: list[str]) -> None:
    state = state_after(welcome(pending=[SOON, LATER]), History([], None), event)
    assert state.pending == [SOON]
    assert shown(state) == told


def test_what_was_not_delivered_is_told_once() -> None:
    missing = Undelivered("1", "bob is not here", "bob", "hi")
    state = entered(missing, missing)
    state.apply(welcome(undelivered=[missing]), NOW)
    assert len(shown(state)) == 1


def test_what_was_not_delivered_while_one_was_away_is_told_on_return() -> None:
    missing = Undelivered("1", "bob is not here", "bob", "hi")
    assert len(shown(state_after(welcome(undelivered=[missing])))) == 1


def test_another_server_may_use_the_same_number() -> None:
    missing = Undelivered("1", "bob is not here", "bob", "hi")
    state = entered(missing)
    state.take_lines()
    state.apply(welcome("two", undelivered=[missing]), NOW)
    assert len(shown(state)) == 2


# Notes


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Refused("muted", "You are muted."), "refusal: You are muted."),
        (Bye("Goodbye."), "fact: Goodbye."),
        (Ok(text="Reported dave"), "fact: Reported dave"),
    ],
)
def test_an_answer_is_worded_as_on_telnet(event: Event, line: str) -> None:
    state = ChatState()
    state.note(event, NOW)
    assert shown(state) == [line]


def test_somebody_muted_is_told_to_everyone() -> None:
    (line,) = shown(entered(Muted("dave", NOW + 600)))
    assert line.startswith("fact: dave is muted until ")


def test_the_list_of_commands_has_a_line_each() -> None:
    state = ChatState()
    state.note(Help([HelpEntry("users", "users", "who"), HelpEntry("exit", "exit", "go")]), NOW)
    assert shown(state) == ["fact: The commands:", "fact:   users: who", "fact:   exit: go"]


def test_one_command_is_explained_in_full() -> None:
    state = ChatState()
    state.note(Help([HelpEntry("users", "users", "who", ["the details"])]), NOW)
    assert shown(state) == ["fact: users: who", "fact:   the details"]


def test_a_warning_is_shown_with_its_time() -> None:
    state = ChatState()
    state.warn("careful", NOW)
    assert state.take_lines() == [(EVERYONE, Note("refusal", "careful", NOW))]


# Conversations


def private(number: int, sender: str, to: str, text: str = "pst") -> Message:
    return Message(str(number), NOW + number, sender, to, text)


def keys(state: ChatState) -> list[str]:
    return [key for key, _ in state.take_lines()]


def said(state: ChatState) -> list[Said]:
    return [line for _, line in state.take_lines() if isinstance(line, Said)]


def test_a_private_message_belongs_to_the_other_person() -> None:
    state = entered(private(1, "bob", "alice"), private(2, "alice", "carol"), message(3))
    assert keys(state) == ["bob", "carol", EVERYONE]


def test_an_answer_belongs_to_the_conversation_that_is_seen() -> None:
    state = entered()
    state.active = "bob"
    state.note(Ok(text="Reported dave"), NOW)
    state.note(Ok(text="Reported eve"), NOW, EVERYONE)
    state.apply(Muted("dave", NOW + 600), NOW)
    assert keys(state) == ["bob", EVERYONE, EVERYONE]


def test_a_conversation_follows_a_new_name() -> None:
    state = entered(private(1, "bob", "alice"), Renamed("bob", "rob", NOW + 2))
    assert state.take_renames() == [("bob", "rob")]
    assert state.take_renames() == []
    assert keys(state) == ["rob", EVERYONE, "rob"]


def test_what_was_said_under_an_old_name_is_known_to_be_of_the_same_person() -> None:
    state = entered(Renamed("bob", "rob", NOW + 5), Renamed("alice", "ada", NOW + 6))
    before = [private(1, "bob", "alice"), private(2, "alice", "bob"), private(8, "bob", "ada")]
    state.take_lines()
    state.apply(welcome(), NOW)
    state.you = "ada"
    state.apply(History(before, None), NOW)
    lines = state.take_lines()
    assert [key for key, _ in lines] == ["rob", "rob", "bob"]
    mine = [line.is_mine for _, line in lines if isinstance(line, Said)]
    assert mine == [False, True, False]


@pytest.mark.parametrize(
    ("text", "is_mention"),
    [
        ("alice: look", True),
        ("well, ALICE.", True),
        ("malice", False),
        ("alices", False),
        ("nobody", False),
    ],
)
def test_a_message_with_ones_name_as_a_word_is_a_mention(text: str, *, is_mention: bool) -> None:
    (line,) = said(entered(Message("1", NOW, "bob", None, text)))
    assert line.is_mention is is_mention


def test_a_message_to_oneself_alone_is_a_mention_and_ones_own_never_is() -> None:
    lines = said(
        entered(
            private(1, "bob", "alice"),
            private(2, "alice", "bob", "alice"),
            Message("3", NOW, "alice", None, "I am alice"),
        )
    )
    assert [line.is_mention for line in lines] == [True, False, False]


def test_what_comes_with_a_history_is_known_as_such() -> None:
    state = state_after(welcome(), message(2), History([message(1)], None), message(3))
    assert [line.is_replayed for line in said(state)] == [True, False, False]


# Scheduled messages that were sent

MINE = Message("9", NOW + 60, "alice", None, "later")


def test_a_message_that_was_scheduled_says_so() -> None:
    state = entered(Scheduled(LATER), MINE, Fired("1", "9"))
    assert [line.item for line in said(state)] == ["1"]
    assert state.take_marks() == []


def test_a_message_shown_already_is_marked_when_it_turns_out_to_be_scheduled() -> None:
    state = entered(Scheduled(LATER), MINE)
    assert [line.item for line in said(state)] == [""]
    state.apply(Fired("1", "9"), NOW)
    assert said(state) == []
    assert state.take_marks() == [Mark("9", "1")]


def test_a_scheduled_message_sent_while_one_comes_back_says_so() -> None:
    state = state_after(welcome(pending=[LATER]), MINE, Fired("1", "9"), History([], None))
    assert [line.item for line in said(state)] == ["1"]


def test_a_scheduled_message_sent_while_one_was_away_says_so() -> None:
    state = entered(Scheduled(LATER), Scheduled(SOON))
    state.take_lines()
    other = Message("8", NOW + 50, "alice", None, "later")
    for event in (welcome(pending=[SOON]), History([other, MINE], 0)):
        state.apply(event, NOW)
    assert [(line.message.id, line.item) for line in said(state)] == [("8", ""), ("9", "1")]


# Who speaks, who moves, who is ignored


def test_who_spoke_last_comes_first() -> None:
    state = entered(message(1, "bob"), message(2, "carol"), message(3, "bob"))
    assert state.spoke == ["bob", "carol"]
    state.apply(Renamed("bob", "rob", NOW + 4), NOW)
    assert state.spoke == ["rob", "carol"]


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ("all", ["carol, bob left", "dave joined"]),
        ("smart", ["bob left"]),
        ("none", []),
    ],
)
def test_moves_are_told_as_one_wishes(moves: Moves, told: list[str]) -> None:
    state = entered(message(1, "bob"), message(2, "carol"))
    state.take_lines()
    state.moves = moves
    at = NOW + 1 + LATELY
    state.apply(Message("3", at, "bob", None, "still here"), NOW)
    state.apply(Left(["carol", "bob"], at + 2), NOW)
    state.apply(Joined(["dave"], at + 3), NOW)
    assert shown(state) == ["still here", *(f"move: {text}" for text in told)]


@pytest.mark.parametrize("moves", ["smart", "none"])
def test_ones_own_new_name_is_always_told(moves: Moves) -> None:
    state = entered()
    state.moves = moves
    state.apply(Renamed("alice", "ada", NOW), NOW)
    assert shown(state) == ["move: alice is now known as ada"]


def test_whom_one_writes_to_is_told_of_in_their_conversation() -> None:
    state = entered(private(1, "bob", "alice"))
    state.moves = "none"
    state.take_lines()
    state.apply(Left(["bob", "carol"], NOW), NOW)
    assert state.take_lines() == [("bob", Note("move", "bob left", NOW))]


def test_nothing_is_shown_of_whom_one_ignores() -> None:
    state = entered()
    state.ignored = ["BOB"]
    for event in (message(1), private(2, "bob", "alice"), Left(["bob", "carol"], NOW)):
        state.apply(event, NOW)
    assert shown(state) == ["move: carol left"]
    assert state.spoke == []


def test_whom_one_ignores_stays_so_under_another_name() -> None:
    state = entered()
    state.ignored = ["bob"]
    for event in (Renamed("bob", "rob", NOW + 2), message(3, "rob"), message(4, "bob")):
        state.apply(event, NOW)
    assert state.ignored == ["rob"]
    assert shown(state) == ["message 4"]
