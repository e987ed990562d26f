"""What the client knows: every event, and nothing shown twice."""

import pytest

from chat_server.events import (
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
from chat_tui.state import KEPT_IDS, ChatState, Note, Said

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
) -> Welcome:
    here = ["alice", "bob"] if users is None else users
    return Welcome(
        "alice", "chat-server", "1", chat, NOW + 7, here, pending or [], undelivered or [], "0"
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
        for line in state.take_lines()
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


def test_ones_own_messages_are_known_by_the_sender() -> None:
    lines = entered(message(1, "alice"), message(2)).take_lines()
    assert [line.is_mine for line in lines if isinstance(line, Said)] == [True, False]


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
        "fact: carol, dave joined",
        "fact: bob left",
        "fact: dave is now known as eve",
    ]


def test_ones_own_new_name_is_ones_own() -> None:
    state = entered(Renamed("alice", "ada", NOW), message(1, "ada"), message(2, "alice"))
    assert (state.you, state.users) == ("ada", ["ada", "bob"])
    mine = [line.is_mine for line in state.take_lines() if isinstance(line, Said)]
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
    assert state.take_lines() == [Note("refusal", "careful", NOW)]
