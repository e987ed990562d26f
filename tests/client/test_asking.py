"""A command that needs a password: what is asked and told, in whatever order that comes."""

from collections.abc import Callable

import pytest

from chat_server.protocol.commands import ChangePassword, Login, Register, Secret, Unregister
from chat_server.protocol.events import Ask, Field, Ok, Refused, Reply
from chat_server.protocol.names import name
from chat_tui.session.asking import AGAIN, BROKEN, NO_CONNECTION, Asking, Step, chosen, given
from chat_tui.session.spoken import Guarded

HORSE = Secret("correct horse")


class Play:
    """Somebody who is asked, and the server that asks."""

    def __init__(self, order: Guarded, *, is_connected: bool = True) -> None:
        self._is_connected = is_connected
        self._lines: list[str] = []
        self._answer: list[Callable[[Reply], None]] = []
        self.changes = 0
        self.asking = Asking(order, "alice", self._ask, self._changed)
        self.asking.begin()

    def _ask(self, line: str, answered: Callable[[Reply], None]) -> bool:
        if self._is_connected:
            self._lines.append(line)
            self._answer.append(answered)
        return self._is_connected

    def _changed(self) -> None:
        self.changes += 1

    @property
    def sent(self) -> list[str]:
        """What went to the server since this was last asked."""
        sent, self._lines = self._lines, []
        return sent

    def hears(self, *replies: Reply) -> None:
        """Let the server answer its lines, the oldest first."""
        for reply in replies:
            self._answer.pop(0)(reply)

    @property
    def asked(self) -> tuple[Field, str]:
        return self.asking.field, self.asking.name


def login(**kept: bool) -> Play:
    return Play(Login(name("Alice")), **kept)


@pytest.mark.parametrize(
    ("order", "line", "asked"),
    [
        (Login(name("bob")), "login bob", ("password", "bob")),
        (Register(), "register", ("new_password", "alice")),
        (ChangePassword(), "password", ("password", "alice")),
        (Unregister(), "unregister", ("password", "alice")),
    ],
)
def test_what_will_be_asked_is_known_before_the_server_asks(
    order: Guarded, line: str, asked: tuple[Field, str]
) -> None:
    play = Play(order)
    assert (play.sent, play.asked, play.asking.is_open) == ([line], asked, True)


def test_what_is_typed_before_the_question_is_told_once_it_comes() -> None:
    play = login()
    play.asking.tell(HORSE)
    assert (play.sent, play.asking.is_open) == (["login Alice"], False)
    play.hears(Ask("password", "alice"))
    assert (play.sent, play.asking.step) == (["secret correct horse"], Step.TOLD)
    done = Ok(code="logged_in", data={"name": "alice"})
    play.hears(done)
    assert (play.asking.step, play.asking.done) == (Step.OVER, done)


def test_what_is_typed_for_one_question_does_not_answer_another() -> None:
    play = login()
    play.asking.tell(HORSE)
    play.hears(Ask("chat_password"))
    assert play.sent == ["login Alice"]
    assert (play.asking.field, play.asking.step) == ("chat_password", Step.ASKED)


def test_a_new_password_is_asked_for_after_the_one_before() -> None:
    play = Play(ChangePassword())
    play.hears(Ask("password", "alice"))
    play.asking.tell(HORSE)
    play.hears(Ask("new_password", "alice"))
    assert (play.asked, play.asking.is_open) == (("new_password", "alice"), True)
    play.asking.tell(Secret("battery staple"))
    assert play.sent == ["password", "secret correct horse", "secret battery staple"]


@pytest.mark.parametrize("code", AGAIN)
def test_after_a_refusal_another_try_gives_the_command_again_by_itself(code: str) -> None:
    play = Play(ChangePassword())
    play.hears(Ask("password", "alice"))
    play.asking.tell(HORSE)
    play.hears(Ask("new_password", "alice"))
    play.asking.tell(Secret("battery staple"))
    assert play.sent
    play.hears(Refused(code))
    assert (play.asking.step, play.asked) == (Step.REFUSED, ("password", "alice"))
    play.asking.tell(HORSE)
    assert (play.sent, play.asking.refused) == (["password"], None)
    play.hears(Ask("password", "alice"))
    assert play.sent == ["secret correct horse"]


def test_what_was_typed_is_not_told_where_the_command_is_refused() -> None:
    play = login()
    play.asking.tell(HORSE)
    play.hears(Refused("too_many_attempts", {"seconds": 60}))
    assert (play.sent, play.asking.step) == (["login Alice"], Step.REFUSED)
    play.asking.tell(Secret("battery staple"))
    play.hears(Ask("password", "alice"))
    assert play.sent == ["login Alice", "secret battery staple"]


def test_what_cannot_be_done_is_over() -> None:
    play = Play(Register())
    play.asking.tell(HORSE)
    play.hears(Refused("guest_name", {"name": "guest1"}))
    play.asking.tell(HORSE)
    assert (play.sent, play.asking.step, play.asking.is_open) == (["register"], Step.OVER, False)


def test_nothing_more_is_told_once_it_is_given_up() -> None:
    play = login()
    play.asking.tell(HORSE)
    play.asking.give_up()
    play.hears(Ask("password", "alice"))
    assert play.sent == ["login Alice"]


def test_what_was_told_before_it_was_given_up_may_be_done_all_the_same() -> None:
    play = login()
    play.hears(Ask("password", "alice"))
    play.asking.tell(HORSE)
    play.asking.give_up()
    play.hears(Ok(code="logged_in"))
    assert play.asking.done == Ok(code="logged_in")


def test_a_break_ends_it_and_nothing_is_told_again() -> None:
    play = login()
    play.hears(Ask("password", "alice"))
    play.asking.tell(HORSE)
    assert play.sent
    play.asking.broke()
    assert (play.asking.step, play.asking.refused) == (Step.OVER, BROKEN)
    play.asking.tell(HORSE)
    assert play.sent == []


def test_without_a_connection_nothing_is_told() -> None:
    play = login(is_connected=False)
    assert (play.asking.step, play.asking.refused) == (Step.OVER, NO_CONNECTION)


def test_only_one_password_is_on_its_way() -> None:
    play = login()
    play.hears(Ask("password", "alice"))
    play.asking.tell(HORSE)
    play.asking.tell(Secret("battery staple"))
    assert play.sent == ["login Alice", "secret correct horse"]


def test_a_password_is_taken_as_a_server_reads_its_line() -> None:
    assert given(" correct\thorse\x1b \n") == Secret("correct horse")
    assert given("one\ntwo") == Secret("one two")
    assert isinstance(given(" \n "), Refused)


@pytest.mark.parametrize("typed", ["1234567", "  1234567  ", "x" * 129])
def test_a_new_password_is_neither_too_short_nor_too_long(typed: str) -> None:
    refused = chosen(typed)
    assert isinstance(refused, Refused) and refused.code == "bad_password"
    assert chosen("12345678") == Secret("12345678")


def test_no_representation_tells_a_password() -> None:
    play = login()
    play.asking.tell(HORSE)
    assert "horse" not in repr(play.asking) + repr(HORSE) + repr(play.asking.__dict__)
