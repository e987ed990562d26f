"""What the client knows: every event, and nothing shown twice."""

import msgspec
import pytest

import tests.support.people
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
    Message,
    Muted,
    Ok,
    Person,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
)
from chat_tui.config.ignore_list import Entry
from chat_tui.session.state import EVERYONE, KEPT_IDS, LATELY, ChatState, Moves, Note, Said
from tests.support.people import joined, left, people, person, renamed, says

NOW = 1_700_000_000.0
LATER = Item("1", NOW, NOW + 60, None, "later")
SOON = Item("2", NOW, NOW + 5, person("bob"), "soon")


def message(number: int, sender: str | Person = "bob") -> Message:
    return says(sender, f"message {number}", number=number, at=NOW + number)


def welcome(
    chat: str = "one",
    *,
    users: list[Person] | None = None,
    pending: list[Item] | None = None,
    undelivered: list[Undelivered] | None = None,
    last: str = "0",
) -> Welcome:
    here = people("alice", "bob") if users is None else users
    return tests.support.people.welcome(
        "alice",
        here,
        chat=chat,
        time=NOW + 7,
        pending=pending or (),
        undelivered=undelivered or (),
        last=last,
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
    assert [key for key, line in lines if isinstance(line, Note)] == [EVERYONE, "id-bob"]
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
    state.apply(joined("carol", at=NOW + 3600), NOW)
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
    state.apply(left("bob", at=NOW - 60), NOW)
    assert state.clock_offset == 7
    state.apply(welcome(), NOW + 100)
    assert state.clock_offset == -93


# Whom one ignores


def said_by(state: ChatState) -> list[str]:
    return [line.message.sender.name for _, line in state.take_lines() if isinstance(line, Said)]


def test_who_is_ignored_stays_so_under_another_name_and_nobody_else_becomes_it() -> None:
    state = entered()
    state.ignored.add("bob", person("bob"))
    state.apply(renamed("bob", "боб"), NOW)
    state.apply(message(1, person("боб", "bob")), NOW)
    state.apply(Joined([Person("another", "bob")], NOW), NOW)
    state.apply(message(2, Person("another", "bob")), NOW)
    assert said_by(state) == ["bob"]
    assert state.ignored.names == ["боб"]


def test_names_that_are_swapped_wholly_while_one_is_away_swap_nobody() -> None:
    state = entered(joined("carol"))
    state.ignored.add("bob", person("bob"))
    swapped = [person("alice"), person("carol", "bob"), person("bob", "carol")]
    for event in (welcome(users=swapped), History([], 0)):
        state.apply(event, NOW)
    state.apply(message(1, swapped[1]), NOW)
    state.apply(message(2, swapped[2]), NOW)
    assert said_by(state) == ["bob"]
    assert state.ignored.names == ["carol"]


def test_who_comes_under_an_ignored_name_is_told_of_once() -> None:
    state = entered(left("bob"))
    state.ignored.entries = (Entry("mallory"),)
    state.take_lines()
    for event in (joined("Mallory"), left("Mallory"), joined("Mallory")):
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


def names(state: ChatState) -> list[str]:
    return [person.name for person in state.people.here.values()]


def test_people_come_go_and_rename_themselves() -> None:
    state = entered(joined("carol", "dave"), left("bob"), renamed("dave", "eve"))
    assert names(state) == ["alice", "carol", "eve"]
    assert shown(state) == [
        "move: carol, dave joined",
        "move: bob left",
        "move: dave is now known as eve",
    ]


def test_ones_own_new_name_is_ones_own() -> None:
    ada, another = person("ada", "alice"), Person("another", "alice")
    state = entered(renamed("alice", "ada"), message(1, ada), message(2, another))
    assert (state.you, names(state)) == (ada, ["ada", "bob"])
    mine = [line.is_mine for _, line in state.take_lines() if isinstance(line, Said)]
    assert mine == [True, False]


def test_a_renamed_neighbour_does_not_rename_oneself() -> None:
    assert entered(renamed("bob", "rob")).you == person("alice")


def test_a_crowd_comes_and_goes_in_silence() -> None:
    state = entered(joined(*(f"guest{number}" for number in range(60))), left("bob"))
    assert len(state.people.here) == 61
    assert shown(state) == []


def test_the_servers_list_of_people_counts() -> None:
    assert names(entered(Users(people("bob", "zoe")))) == ["bob", "zoe"]


def test_a_welcome_replaces_who_was_here() -> None:
    assert names(entered(welcome(users=people("alice", "zoe")))) == ["alice", "zoe"]


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
            Undelivered("1", "not_here", person("bob"), "later"),
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
    missing = Undelivered("1", "not_here", person("bob"), "hi")
    state = entered(missing, missing)
    state.apply(welcome(undelivered=[missing]), NOW)
    assert len(shown(state)) == 1


def test_what_was_not_delivered_while_one_was_away_is_told_on_return() -> None:
    missing = Undelivered("1", "not_here", person("bob"), "hi")
    assert len(shown(state_after(welcome(undelivered=[missing])))) == 1


def test_another_server_may_use_the_same_number() -> None:
    missing = Undelivered("1", "not_here", person("bob"), "hi")
    state = entered(missing)
    state.take_lines()
    state.apply(welcome("two", undelivered=[missing]), NOW)
    assert len(shown(state)) == 2


# Notes


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Refused("muted", {"command": "send", "seconds": 570.0}),
            "refusal: You are muted for another 9 min 30 s. Nothing was sent.",
        ),
        (Refused("of tomorrow", text="It is too late."), "refusal: It is too late."),
        (Bye("exit"), "fact: Goodbye."),
        (Ok(code="reported", data={"name": "dave"}), "fact: Reported dave"),
    ],
)
def test_an_answer_is_worded_as_on_telnet(event: Event, line: str) -> None:
    state = ChatState()
    state.note(event, NOW)
    assert shown(state) == [line]


def test_somebody_muted_is_told_to_everyone() -> None:
    (line,) = shown(entered(Muted(person("dave"), NOW + 600)))
    assert line.startswith("fact: dave is muted until ")


def test_the_list_of_commands_has_a_line_each() -> None:
    state = ChatState()
    state.note(Help([HelpEntry("users", "users", "who"), HelpEntry("exit", "exit", "go")]), NOW)
    assert shown(state) == ["fact: The commands:", "fact: users: who", "fact: exit: go"]


def test_one_command_is_explained_in_full() -> None:
    state = ChatState()
    state.note(Help([HelpEntry("users", "users", "who", ["the details"])]), NOW)
    assert shown(state) == ["fact: users: who", "fact: the details"]


def test_a_warning_is_shown_with_its_time() -> None:
    state = ChatState()
    state.warn("careful", NOW)
    assert state.take_lines() == [(EVERYONE, Note("refusal", "careful", NOW))]


# Conversations


def private(
    number: int, sender: str | Person, to: str | Person, text: str = "pst", item: str | None = None
) -> Message:
    return says(sender, text, to, number, NOW + number, item)


def keys(state: ChatState) -> list[str]:
    return [key for key, _ in state.take_lines()]


def said(state: ChatState) -> list[Said]:
    return [line for _, line in state.take_lines() if isinstance(line, Said)]


def test_a_private_message_belongs_to_the_other_person() -> None:
    state = entered(private(1, "bob", "alice"), private(2, "alice", "carol"), message(3))
    assert keys(state) == ["id-bob", "id-carol", EVERYONE]


def test_an_answer_belongs_to_the_conversation_that_is_seen() -> None:
    state = entered()
    state.active = "id-bob"
    state.note(Ok(code="reported", data={"name": "dave"}), NOW)
    state.note(Ok(code="reported", data={"name": "eve"}), NOW, EVERYONE)
    state.apply(Muted(person("dave"), NOW + 600), NOW)
    assert keys(state) == ["id-bob", EVERYONE, EVERYONE]


def test_a_conversation_is_with_its_person_whatever_they_are_called() -> None:
    state = entered(private(1, "bob", "alice"), renamed("bob", "rob"))
    state.apply(private(2, "alice", person("rob", "bob")), NOW)
    assert keys(state) == ["id-bob", EVERYONE, "id-bob", "id-bob"]


def test_what_was_said_under_an_old_name_is_known_to_be_of_the_same_person() -> None:
    ada, rob = person("ada", "alice"), person("rob", "bob")
    state = entered(renamed("bob", "rob"), renamed("alice", "ada"))
    another = Person("another", "bob")
    before = [private(1, "bob", "alice"), private(2, "alice", "bob"), private(8, another, ada)]
    state.take_lines()
    for event in (msgspec.structs.replace(welcome(users=[ada, rob]), you=ada), History(before, 0)):
        state.apply(event, NOW)
    lines = state.take_lines()
    assert [key for key, _ in lines] == ["id-bob", "id-bob", "another"]
    mine = [line.is_mine for _, line in lines if isinstance(line, Said)]
    assert mine == [False, True, False]


def test_who_takes_the_name_of_somebody_who_left_is_told_of_where_one_wrote_with_them() -> None:
    state = entered(private(1, "bob", "alice"), left("bob"), joined("carol"))
    state.take_lines()
    another = person("BOB", "carol")
    state.apply(Renamed(another, "carol", NOW), NOW)
    told = Note("move", "BOB is here: somebody else of that name, or the same.", NOW)
    assert state.take_lines()[0] == ("id-bob", told)
    for event in (welcome(users=[person("alice"), another]), History([], 0)):
        state.apply(event, NOW)
    assert state.take_lines() == []


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
    (line,) = said(entered(says("bob", text)))
    assert line.is_mention is is_mention


def test_a_message_to_oneself_alone_is_a_mention_and_ones_own_never_is() -> None:
    lines = said(
        entered(
            private(1, "bob", "alice"),
            private(2, "alice", "bob", "alice"),
            says("alice", "I am alice", number=3),
        )
    )
    assert [line.is_mention for line in lines] == [True, False, False]


def test_what_comes_with_a_history_is_known_as_such() -> None:
    state = state_after(welcome(), message(2), History([message(1)], None), message(3))
    assert [line.is_replayed for line in said(state)] == [True, False, False]


# Scheduled messages that were sent


def test_a_message_that_was_scheduled_says_so() -> None:
    mine = says("alice", "later", number=9, item="1")
    assert [line.item for line in said(entered(Scheduled(LATER), mine, Fired("1", "9")))] == ["1"]


def test_of_two_scheduled_messages_with_the_same_text_the_one_is_said_that_was_sent() -> None:
    twins = [Item(number, NOW, NOW + 60, None, "later") for number in ("1", "2")]
    state = entered(*map(Scheduled, twins))
    state.take_lines()
    sent = says("alice", "later", number=9, at=NOW + 60, item="2")
    for event in (welcome(pending=twins[:1]), History([sent], 0)):
        state.apply(event, NOW)
    assert [(line.message.id, line.item) for line in said(state)] == [("9", "2")]
    assert state.pending == twins[:1]


def test_what_others_scheduled_says_nothing_of_it() -> None:
    assert [line.item for line in said(entered(says("bob", "later", item="1")))] == [""]


def test_whom_a_scheduled_message_is_for_is_known_by_their_new_name() -> None:
    state = entered(Scheduled(SOON), renamed("bob", "rob"))
    state.apply(Joined([Person("another", "bob")], NOW), NOW)
    assert [item.to for item in state.pending] == [person("rob", "bob")]


# Who speaks, who moves, who is ignored


def test_who_spoke_last_comes_first() -> None:
    state = entered(message(1, "bob"), message(2, "carol"), message(3, "bob"))
    assert state.people.spoke == ["id-bob", "id-carol"]
    state.apply(message(4, person("caro", "carol")), NOW)
    assert state.people.spoke == ["id-carol", "id-bob"]


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
    state.apply(says("bob", "still here", number=3, at=at), NOW)
    state.apply(left("carol", "bob", at=at + 2), NOW)
    state.apply(joined("dave", at=at + 3), NOW)
    assert shown(state) == ["still here", *(f"move: {text}" for text in told)]


@pytest.mark.parametrize("moves", ["smart", "none"])
def test_ones_own_new_name_is_always_told(moves: Moves) -> None:
    state = entered()
    state.moves = moves
    state.apply(renamed("alice", "ada"), NOW)
    assert shown(state) == ["move: alice is now known as ada"]


def test_whom_one_writes_to_is_told_of_in_their_conversation() -> None:
    state = entered(private(1, "bob", "alice"))
    state.moves = "none"
    state.take_lines()
    state.apply(left("bob", "carol"), NOW)
    assert state.take_lines() == [("id-bob", Note("move", "bob left", NOW))]


def test_nothing_is_shown_of_whom_one_ignores() -> None:
    state = ChatState()
    state.ignored.entries = (Entry("ＢＯＢ"),)
    said = (message(1), private(2, "bob", "alice"), left("bob", "carol"))
    for event in (welcome(), History([], None), *said):
        state.apply(event, NOW)
    assert shown(state)[1:] == ["move: carol left"]
    assert state.people.spoke == []


# Somebody else, by logging in


def becomes_ada(state: ChatState, *before: Message, then: tuple[Message, ...] = ()) -> list[Said]:
    """Log in as ada; return what is shown of what was said before, and what waited for her."""
    ada = tests.support.people.welcome("ada", people("ada", "bob"), chat="one", time=NOW + 50)
    state.apply(ada, NOW)
    for event in then:
        state.apply(event, NOW)
    state.apply(History(list(before), None), NOW)
    return [line for _, line in state.take_lines() if isinstance(line, Said)]


def test_who_becomes_another_sees_what_is_theirs_and_nothing_twice() -> None:
    state = entered(message(20), message(21))
    state.take_lines()
    theirs, older = private(9, "bob", "ada"), message(8)
    (said,) = becomes_ada(state, older, theirs, message(20), message(21))
    assert (said.message, said.is_mention, said.is_past) == (theirs, True, True)
    assert state.you.name == "ada"
    assert shown(state) == []


def test_of_what_is_theirs_nothing_counts_as_missing() -> None:
    ada = tests.support.people.welcome("ada", people("ada", "bob"), chat="one", time=NOW + 50)
    state = entered(private(20, "bob", "alice"))
    state.take_lines()
    for event in (ada, History([private(9, "bob", "ada", "theirs")], None)):
        state.apply(event, NOW)
    assert shown(state) == ["theirs"]


def test_what_waited_for_a_member_is_told_as_such_and_once() -> None:
    state = entered(message(20))
    state.take_lines()
    waited, now = private(9, "bob", "ada"), private(60, "bob", "ada")
    told = becomes_ada(state, waited, message(20), then=(waited, now))
    assert [(said.message, said.has_waited, said.is_past) for said in told] == [
        (waited, True, False),
        (now, False, False),
    ]


def test_in_which_conversation_a_message_is_shown_is_known() -> None:
    state = entered(message(1), private(2, "bob", "alice"))
    assert [state.shown_in(id_) for id_ in ("1", "2", "3")] == [EVERYONE, "id-bob", None]
