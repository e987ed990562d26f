"""The client's protocol: its phases as a table, and plays of lines in, events and lines out."""

from typing import TypeVar

import pytest

from chat_server.protocol.events import (
    Bye,
    Event,
    History,
    Message,
    Ok,
    Refused,
    Reply,
    Welcome,
)
from chat_server.protocol.json_lines import line, parse_event
from chat_tui.session import protocol
from chat_tui.session.heard import left_out
from chat_tui.session.outbox import Outbox
from chat_tui.session.protocol import (
    ASK_AGAIN,
    FEW,
    HELD_SECONDS,
    UNANSWERED,
    Answered,
    Phase,
    Protocol,
    Step,
    Told,
    after,
)
from tests.support import people
from tests.support.clock import FakeClock
from tests.support.faults import command

APART, HELLO, ARRIVING, CATCHING_UP = Phase.APART, Phase.HELLO, Phase.ARRIVING, Phase.CATCHING_UP
LIVE, LEAVING, ENDED, NO_CHAT = Phase.LIVE, Phase.LEAVING, Phase.ENDED, Phase.NO_CHAT

A = TypeVar("A", bound=Reply)

TABLE = {
    Step.GREETED: {APART: HELLO},
    Step.WELCOMED: {HELLO: ARRIVING, LIVE: CATCHING_UP},
    Step.KNOWN: {ARRIVING: CATCHING_UP},
    Step.CAUGHT_UP: {CATCHING_UP: LIVE},
    Step.PARTED: {HELLO: LEAVING, ARRIVING: LEAVING, CATCHING_UP: LEAVING, LIVE: LEAVING},
    Step.DISMISSED: {
        HELLO: ENDED,
        ARRIVING: ENDED,
        CATCHING_UP: ENDED,
        LIVE: ENDED,
        LEAVING: ENDED,
    },
    Step.ESTRANGED: {HELLO: NO_CHAT},
    Step.BROKEN: dict.fromkeys(Phase, APART),
}
"""Every change of phases; all other steps change nothing."""


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("phase", Phase)
def test_a_step_leads_where_the_table_says_or_nowhere(phase: Phase, step: Step) -> None:
    assert after(phase, step) is TABLE[step].get(phase, phase)


# Plays


class Play:
    """A protocol, the server that it speaks with, and the one who types."""

    def __init__(self, name: str = "alice") -> None:
        self.clock = FakeClock()
        self.outbox = Outbox(self.clock.now)
        self.protocol = Protocol(name, self.outbox, self.clock.now)

    @property
    def phase(self) -> Phase:
        return self.protocol.phase

    def types(self, *lines: str, is_of_many: bool = False) -> None:
        for typed in lines:
            self.outbox.add(command(typed), is_of_many=is_of_many)
        self.protocol.send_waiting()

    def hears(self, *said: Event | bytes) -> list[Told]:
        """Let the server say something; return what is told of it."""
        lines = [each if isinstance(each, bytes) else line(each) for each in said]
        return [told for each in lines for told in self.protocol.receive(each)]

    def sends(self) -> list[str]:
        """What goes to the server since this was last asked."""
        return self.protocol.data_to_send().decode().splitlines()

    def comes_in(self) -> None:
        """Be in the chat for the first time, with nothing said before."""
        self.protocol.greet()
        self.hears(welcome(), Ok(re="1"), History([], None, re="2"))
        self.sends()

    def comes_back(self) -> None:
        """Lose the connection, have another one, and be let in."""
        self.protocol.broke()
        self.protocol.greet()
        self.hears(welcome())

    @property
    def held(self) -> list[str]:
        return [each.line for each in self.outbox.outgoing if each.state == "held"]


def welcome(you: str = "alice", token: str = "t", last: str = "5", chat: str = "c") -> Welcome:
    return people.welcome(you, chat=chat, last=last, token=token)


def as_told(answer: A) -> A:
    """Return an answer as it comes from a server, which words it for people as well."""
    told = parse_event(line(answer))
    assert isinstance(told, type(answer))
    return told


def message(number: int) -> Message:
    return people.says("bob", f"message {number}", number=number)


def test_somebody_new_says_their_name_asks_what_was_said_and_is_live() -> None:
    play = Play()
    assert (play.phase, play.sends()) == (APART, [])
    play.protocol.greet()
    assert (play.phase, play.sends()) == (HELLO, ["format json", "@1 rename alice"])
    assert play.hears(welcome()) == [welcome()]
    assert (play.phase, play.sends()) == (CATCHING_UP, ["@2 history"])
    said = History([message(5)], None, re="2")
    assert play.hears(Ok(re="1"), said, message(6)) == [said, message(6)]
    assert (play.phase, play.sends()) == (LIVE, [])


def test_a_guest_asks_who_is_here_to_be_let_in() -> None:
    play = Play(name="")
    play.protocol.greet()
    assert play.sends() == ["format json", "@1 users"]


def test_what_is_typed_waits_until_we_are_let_in_and_not_until_we_have_caught_up() -> None:
    play = Play()
    play.types("send -- one")
    play.protocol.greet()
    play.types("send -- two")
    assert play.sends() == ["format json", "@1 rename alice"]
    play.hears(welcome())
    assert play.sends() == ["@2 history", "@line-1 send -- one", "@line-2 send -- two"]
    play.types("send -- three")
    assert play.sends() == ["@line-3 send -- three"]


def test_an_answer_is_told_with_the_line_that_it_answers() -> None:
    play = Play()
    play.comes_in()
    play.types("send -- one", "cancel")
    one, cancel = play.outbox.outgoing
    refused = Refused("nothing_pending", re="line-2")
    sent = [each._replace(was_sent=True) for each in (one, cancel)]
    assert play.hears(Ok(re="line-1"), refused) == [
        Answered(sent[0], Ok(re="line-1")),
        Answered(sent[1], as_told(refused)),
    ]
    assert play.outbox.outgoing == []


def test_a_refusal_without_a_key_is_of_the_oldest_line() -> None:
    play = Play()
    play.comes_in()
    play.types("users", "send -- two")
    (told,) = play.hears(Refused("line_too_long", {"limit": 8192}))
    assert isinstance(told, Answered) and told.outgoing.line == "users"


def test_of_many_lines_few_are_without_an_answer_and_of_all_not_too_many() -> None:
    play = Play()
    play.comes_in()
    play.types(*(f"send -- {number}" for number in range(FEW + 1)), is_of_many=True)
    assert len(play.sends()) == FEW
    play.hears(Ok(re="line-1"))
    assert play.sends() == [f"@line-{FEW + 1} send -- {FEW}"]
    play = Play()
    play.comes_in()
    play.types(*(f"send -- {number}" for number in range(UNANSWERED + 1)))
    assert len(play.sends()) == UNANSWERED


# Breaks


def test_who_comes_back_sends_again_only_once_the_server_has_taken_them_back() -> None:
    play = Play()
    play.comes_in()
    play.types("send -- one")
    play.sends()
    play.protocol.broke()
    assert play.phase is APART
    play.types("send -- two")
    play.protocol.greet()
    assert play.sends() == ["format json", "@3 resume t"]
    play.hears(welcome())
    assert (play.phase, play.sends()) == (ARRIVING, ["@4 history 1000 --since 5"])
    play.hears(Ok(re="3"))
    assert play.phase is CATCHING_UP
    assert play.sends() == ["@line-1 send -- one", "@line-2 send -- two"]


def test_what_is_for_somebody_is_held_after_a_break() -> None:
    play = Play()
    play.comes_in()
    play.types("send -- one", "send -u bob -- two", "report bob", "users")
    play.comes_back()
    play.sends()
    play.hears(Ok(re="3"))
    assert play.sends() == ["@line-1 send -- one", "@line-4 users"]
    assert play.held == ["send -u bob -- two", "report bob"]


def test_where_one_is_somebody_new_everything_but_questions_is_held() -> None:
    play = Play()
    play.comes_in()
    play.types("send -- one", "users")
    play.comes_back()
    play.sends()
    play.hears(Refused("bad_token", {"hours": 24}, re="3"))
    assert play.sends() == ["@5 rename alice", "@line-2 users"]
    assert play.held == ["send -- one"]


def test_a_break_before_it_is_known_whether_we_are_taken_back_asks_with_the_same_token() -> None:
    play = Play()
    play.comes_in()
    play.protocol.broke()
    play.protocol.greet()
    play.hears(welcome("guest1", token="another"))
    play.protocol.broke()
    play.sends()
    play.protocol.greet()
    assert "resume t" in play.sends()[1]


def test_a_token_that_is_refused_before_we_are_let_in_holds_nobody_up() -> None:
    play = Play()
    play.comes_in()
    play.protocol.broke()
    play.protocol.greet()
    play.hears(Refused("not_saved", re="3"), welcome("guest1", token="new"))
    assert play.phase is CATCHING_UP
    play.protocol.broke()
    play.protocol.greet()
    assert "resume new" in play.sends()[1]


@pytest.mark.parametrize(
    ("last", "chat", "question"),
    [("8", "c", "history 1000 --since 6"), ("4", "c", "history"), ("8", "other", "history")],
)
def test_what_is_asked_for_is_what_came_since_unless_the_chat_is_another(
    last: str, chat: str, question: str
) -> None:
    play = Play()
    play.comes_in()
    play.hears(message(6))
    play.protocol.broke()
    play.protocol.greet()
    play.sends()
    play.hears(welcome(last=last, chat=chat))
    assert play.sends() == [f"@4 {question}"]


def test_what_comes_before_the_history_does_not_count_as_caught_up() -> None:
    play = Play()
    play.protocol.greet()
    play.hears(welcome(last=""), message(6))
    play.protocol.broke()
    play.protocol.greet()
    play.sends()
    play.hears(welcome(last="300"))
    assert play.sends() == ["@4 history 1000"]


def test_where_an_older_copy_was_put_back_all_that_there_is_is_asked_for() -> None:
    play = Play()
    play.comes_in()
    play.comes_back()
    play.sends()
    refused = Refused("bad_id", {"id": "5"}, re="4")
    assert play.hears(Ok(re="3"), refused) == [as_told(refused)]
    assert (play.phase, play.sends()) == (CATCHING_UP, ["@5 history"])


def test_a_history_too_long_to_be_read_is_told_and_ends_the_catching_up() -> None:
    play = Play()
    play.protocol.greet()
    play.hears(welcome())
    told = play.protocol.skip(5000)
    assert told == [
        Refused("not_understood", text=left_out("a line of more than 5000 bytes")),
        History([], None),
    ]
    assert play.phase is LIVE


# Names


@pytest.mark.parametrize("code", ["name_taken", "name_lookalike"])
def test_a_name_that_is_kept_for_another_is_asked_for_until_it_is_ours(code: str) -> None:
    play = Play()
    play.protocol.greet()
    taken = Refused(code, {"name": "alice", "like": "a1ice"}, re="1")
    assert play.hears(welcome("guest1"), taken) == [welcome("guest1"), as_told(taken)]
    play.hears(History([], None, re="2"))
    play.sends()
    for number in (3, 4):
        play.protocol.wake()
        assert play.sends() == []
        play.clock.advance(ASK_AGAIN)
        play.protocol.wake()
        assert play.sends() == [f"@{number} rename alice"]
        assert play.hears(Refused("name_taken", {"name": "alice"}, re=str(number))) == []
    play.hears(people.renamed("guest1", "alice"))
    play.clock.advance(ASK_AGAIN)
    play.protocol.wake()
    play.hears(Ok(re="5"))
    assert play.sends() == ["@5 rename alice"]
    assert play.protocol.wakes_at is None


@pytest.mark.parametrize("owner", ["alice", "a1ice"])
def test_a_name_is_asked_for_at_once_when_its_owner_leaves_and_not_for_ever(owner: str) -> None:
    play = Play()
    play.protocol.greet()
    play.hears(welcome("guest1"), History([], None, re="2"))
    play.sends()
    play.hears(people.left(owner))
    assert play.sends() == ["@3 rename alice"]
    play.clock.advance(HELD_SECONDS)
    play.hears(Refused("name_taken", {"name": "alice"}, re="3"))
    play.clock.advance(ASK_AGAIN)
    play.protocol.wake()
    assert "rename" not in str(play.sends())


# Ends


def test_the_server_says_why_it_ends() -> None:
    play = Play()
    play.comes_in()
    assert play.hears(Bye("stopping")) == [as_told(Bye("stopping"))]
    assert (play.phase, play.protocol.reason) == (ENDED, "The server is stopping. Goodbye.")
    play.protocol.broke()
    play.protocol.greet()
    assert (play.phase, play.protocol.reason) == (HELLO, "")


def test_who_leaves_says_so_and_says_nothing_after_it() -> None:
    play = Play()
    play.protocol.greet()
    play.hears(welcome("guest1"), History([], None, re="2"))
    play.sends()
    play.protocol.leave()
    play.types("send -- too late")
    play.hears(people.left("alice"))
    play.clock.advance(ASK_AGAIN)
    play.protocol.wake()
    assert (play.phase, play.sends()) == (LEAVING, ["exit", "exit"])
    play.hears(Bye("exit"))
    assert play.phase is ENDED


@pytest.mark.parametrize(
    ("said", "phase", "reason"),
    [
        (b"* Welcome, guest1.\r\n", HELLO, ""),
        (b"[21:07:00] bob: hi\r\n", HELLO, ""),
        (b"! The server is full.\r\n", ENDED, "The server is full."),
        (b"HTTP/1.1 400 Bad Request\r\n", NO_CHAT, protocol.NO_CHAT),
        (b"\x15\x03\x01\x00\x02\x02\n", NO_CHAT, protocol.NO_CHAT),
        (b'{"half": ', HELLO, ""),
        (line(welcome()).replace(b'"protocol":2', b'"protocol":3'), NO_CHAT, protocol.NEWER),
        (b'{"type":"welcome","you":"alice","users":["alice"]}\n', NO_CHAT, protocol.OLDER),
    ],
)
def test_what_is_said_before_we_are_let_in_says_what_answers(
    said: bytes, phase: Phase, reason: str
) -> None:
    play = Play()
    play.protocol.greet()
    play.hears(said)
    assert (play.phase, play.protocol.reason) == (phase, reason)


def test_what_is_no_event_once_we_are_in_is_told_and_left_out() -> None:
    play = Play()
    play.comes_in()
    (told,) = play.hears(b"! words\r\n")
    assert told == Refused("not_understood", text=left_out("a line that is no event"))
    assert play.phase is LIVE


# Somebody else, by logging in or out


def test_who_becomes_another_has_their_token_and_asks_for_all_that_they_may_see() -> None:
    play = Play("carol")
    play.comes_in()
    play.hears(welcome("ada", token="adas"))
    assert (play.phase, play.sends()) == (CATCHING_UP, ["@3 history 1000"])
    play.hears(History([], None, re="3"))
    play.protocol.broke()
    play.protocol.greet()
    assert play.sends() == ["format json", "@4 resume adas"]
    play.hears(welcome("guest2", token="g"), Refused("bad_token", {"hours": 24}, re="4"))
    assert "@6 rename ada" in play.sends()


def test_who_becomes_a_guest_wants_no_name_back() -> None:
    play = Play()
    play.comes_in()
    play.hears(welcome("guest2", token="g"), History([], None, re="3"))
    play.sends()
    play.hears(people.left("alice"))
    assert play.sends() == []


def test_what_was_not_sent_before_one_became_another_is_held() -> None:
    play = Play("carol")
    play.comes_in()
    play.types(*(f"send -- {number}" for number in range(FEW + 1)), is_of_many=True)
    play.sends()
    play.hears(welcome("ada", token="adas"))
    assert play.held == [f"send -- {FEW}"]
    assert play.outbox.outgoing[-1].why == "You are ada now; this was not said."


def test_a_line_that_is_kept_nowhere_is_forgotten_by_a_break() -> None:
    play = Play()
    answers: list[Reply] = []
    assert not play.protocol.ask("login ada", answers.append)
    play.comes_in()
    assert play.protocol.ask("login ada", answers.append)
    assert play.sends() == ["@3 login ada"]
    play.hears(Ok(re="3"))
    assert answers == [Ok(re="3")]
    assert play.protocol.ask("secret correct horse", answers.append)
    play.comes_back()
    play.hears(Ok(re="5"))
    assert not any("horse" in line for line in play.sends())


def test_keys_of_one_client_are_no_others() -> None:
    outbox = Outbox(run="a")
    asking = Protocol("alice", outbox, FakeClock().now, "b-")
    asking.greet()
    assert (outbox.add(command("users")).key, asking.data_to_send()) == (
        "a-1",
        b"format json\n@b-1 rename alice\n",
    )
