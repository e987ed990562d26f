"""What Enter will do with what is typed, and what one reads of it."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.protocol.commands import COMMANDS, MAX_MESSAGE, Send, parse
from chat_server.protocol.events import Person, Refused
from chat_server.protocol.names import name
from chat_server.protocol.unseen import has_something_to_see
from chat_tui.session.people import Recipient
from chat_tui.session.spoken import spoken
from chat_tui.typing import judge as under_test
from chat_tui.typing.hints import START, Hint, Usage, fitted, hint_of, is_held, question
from chat_tui.typing.intent import Ask, Intent, Leave, LocalCommand, Refusal, Say
from chat_tui.typing.judge import MAX_LINES, Known, addressed
from chat_tui.typing.local_commands import OWN_COMMANDS
from tests.support.people import person
from tests.support.zones import at, zone

NOW = at(2026, 11, 24, 16, 26)


@pytest.fixture(autouse=True)
def central_europe() -> Iterator[None]:
    with zone():
        yield


class Verdict(NamedTuple):
    """What a typed text means, and what one reads of it."""

    intent: Intent
    shown: Hint

    @property
    def hint(self) -> str:
        return self.shown.text

    @property
    def usage(self) -> Usage:
        return self.shown.usage

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that go to the server."""
        match self.intent:
            case Say(messages):
                return tuple(map(spoken, messages))
            case Ask(order):
                return (spoken(order),)
        return ()

    @property
    def to(self) -> Person | None:
        """For or about whom it is."""
        return self.intent.to if isinstance(self.intent, Say | Ask | LocalCommand) else None

    @property
    def texts(self) -> tuple[str, ...]:
        return self.intent.texts if isinstance(self.intent, Say) else ()

    @property
    def is_held(self) -> bool:
        return isinstance(self.intent, Say) and is_held(self.intent)

    @property
    def question(self) -> str:
        return question(self.intent, NOW) if isinstance(self.intent, Say) else ""

    @property
    def is_refused(self) -> bool:
        return self.shown.is_refused and isinstance(self.intent, Refusal)

    @property
    def is_timed(self) -> bool:
        return self.shown.is_timed


def judge_at(
    typed: str,
    recipient: str = "",
    *,
    now: float,
    known: Known | None = None,
    has_left: bool = False,
    is_indented: bool = False,
) -> Verdict:
    whom = Recipient(person(recipient), has_left) if recipient else None
    intent = under_test.judge(typed, whom, now=now, known=known or Known(), is_indented=is_indented)
    return Verdict(intent, hint_of(intent, typed, whom, now=now))


def judge(typed: str, recipient: str = "", now: float = NOW) -> Verdict:
    return judge_at(typed, recipient, now=now)


def line(verdict: Verdict) -> str:
    """The only line of a verdict; "" where there is none."""
    assert len(verdict.lines) < 2
    return "".join(verdict.lines)


# What is sent


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("send hello", "Enter sends this to everyone."),
        ("SEND hello", "Enter sends this to everyone."),
        ("/send hello", "Enter sends this to everyone."),
        ("send hello -u bob", "Enter sends this to bob."),
        (
            "send hello -t 60",
            "→ today 16:27, in 1 min: Enter schedules this for everyone.",
        ),
        (
            "send -u bob -t 1 hello",
            "→ today 16:26, in 1 second: Enter schedules this for bob.",
        ),
        ("send -- ls -t 5", "Enter sends this to everyone."),
        ("rename alice", "change your name"),
        ("users", "who is here"),
        ("help", "list the commands, or explain one"),
        ("/help send", "list the commands, or explain one"),
        ("history", "the last messages you may see"),
        ("history 50 --since 7", "the last messages you may see"),
        ("pending", "your scheduled messages"),
        ("cancel", "take back a scheduled message"),
        ("cancel 7", "take back a scheduled message"),
        ("report bob", "complain about somebody"),
    ],
)
def test_a_command_that_was_typed_is_sent(typed: str, hint: str) -> None:
    verdict = judge(f"{typed} ")
    assert (verdict.hint, parse(line(verdict))) == (hint, parse(typed))
    assert not (verdict.is_held or verdict.is_refused)


@pytest.mark.parametrize("typed", ["exit", "EXIT", "/exit", " exit "])
def test_exit_leaves(typed: str) -> None:
    verdict = judge(typed)
    assert verdict.intent == Leave()
    assert verdict.hint == "Enter leaves the chat."
    assert line(verdict) == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("good morning", "good morning"),
        ("  привет, мир  ", "привет, мир"),
        ("to send or not to send", "to send or not to send"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("-- dashes", "-- dashes"),
        ("@key words", "@key words"),
    ],
)
def test_what_begins_with_no_command_is_said_to_everyone(typed: str, said: str) -> None:
    verdict = judge(typed)
    assert verdict.hint == "Enter sends this to everyone."
    assert parse(line(verdict)) == Send(said)
    assert not verdict.is_held


@pytest.mark.parametrize("typed", ["", "   "])
def test_nothing_typed_sends_nothing(typed: str) -> None:
    assert judge(typed).shown == Hint(START)
    assert not judge(typed).lines
    assert judge(typed, "bob").hint == START.replace("a message", "a message to bob")


def test_what_is_longer_than_a_message_may_be_is_refused() -> None:
    assert line(judge("x" * MAX_MESSAGE))
    verdict = judge("x" * (MAX_MESSAGE + 1))
    assert (line(verdict), verdict.is_refused) == ("", True)
    assert "this one has 2001" in verdict.hint


# What is held back


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sned hello", "send"),
        ("sen hello", "send"),
        ("sendd hello", "send"),
        ("renome bob", "rename"),
        ("user", "users"),
        ("HISTROY", "history"),
        ("exot", "exit"),
        ("halp", "help"),
        ("cancl", "cancel"),
        ("peding", "pending"),
        ("raport dave", "report"),
    ],
)
def test_one_slip_away_from_a_command_is_held_back(typed: str, meant: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert f"Did you mean the command {meant}?" in verdict.hint
    assert parse(line(verdict)) == Send(typed)


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        ("hello -u bob", "-u"),
        ("hello -t 10", "-t"),
        ("hello --username bob", "--username"),
        ("hello --time=10", "--time"),
    ],
)
def test_a_message_that_ends_like_a_send_is_held_back(typed: str, option: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert verdict.hint.startswith(f"{option} is for the command send.")
    assert parse(line(verdict)) == Send(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hello -ubob", "-u bob"),
        ("-u bob hello", "-u bob"),
        ("--to боб привет", "-u боб"),
        ("hello —u bob", "-u bob"),
        ("hello -t10m", "-t 10m"),
    ],
)
def test_a_message_with_what_is_nearly_an_option_is_held_back(typed: str, meant: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert verdict.hint.startswith(f"Did you mean {meant}, which is for the command send?")
    assert parse(line(verdict)) == Send(typed)


@pytest.mark.parametrize("typed", ["see you -_-", "- item", "x -> y", "good night —Tom"])
def test_a_message_with_dashes_is_sent(typed: str) -> None:
    assert not judge(typed).is_held


@pytest.mark.parametrize("typed", ["tar -t now and then", "a = b", "hello no", "is it -u", "-u"])
def test_what_only_resembles_a_slip_is_not_held_back(typed: str) -> None:
    assert not judge(typed).is_held


# What is refused


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/hello", "There is no command /hello. To say it: send /hello …"),
        ("/", "There is no command /. To say it: send / …"),
        ("//send hi", "There is no command //send. Did you mean /send?"),
        ("/sned hi", "There is no command /sned. Did you mean /send?"),
        ("send", "There is no message."),
        ("send -t 5", "There is no message."),
        ("send hi -t", "-t takes seconds, 10m, 1h30m, 2d or 18:30."),
        ("send hi -t soon", "-t takes seconds, 10m, 1h30m, 2d or 18:30, not soon."),
        ("rename", "rename needs the name you want."),
        ("rename a b", "The name a b has ' '."),
        ("users now", "users does not take now."),
        ("pending 1", "pending does not take 1."),
        ("help me", "There is no command me."),
        ("history all", "history takes a number from 1 to 1000, not all."),
        ("cancel 1 2", "cancel does not take 2."),
        ("report", "report needs the name of somebody who is here."),
        ("exit now", "exit does not take now."),
        ("format json", "This is for telnet and programs; here it is not needed."),
        ("resume token", "This is for telnet and programs; here it is not needed."),
        ("secret correct horse", "This is for telnet and programs; here it is not needed."),
        ("/secret correct horse", "This is for telnet and programs; here it is not needed."),
        ("login alice correct horse", "login does not take correct horse."),
        ("register correct horse", "register does not take correct horse."),
        ("login alice\ncorrect horse\nhello", "login alice asks for a password: enter it alone."),
        ("hello\n/password\nold\nnew", "/password asks for a password: enter it alone."),
        ("token sell", "token does not know sell."),
    ],
)
def test_what_would_be_refused_is_not_sent(typed: str, hint: str) -> None:
    verdict = judge(typed)
    assert (line(verdict), verdict.is_refused) == ("", True)
    assert verdict.hint.startswith(hint)
    assert "Usage:" not in verdict.hint


# The usage, and where in it one is


@pytest.mark.parametrize(
    ("typed", "current"),
    [
        ("send", ""),
        ("send ", "MESSAGE"),
        ("send hel", "MESSAGE"),
        ("send hello -u", "[-u NAME]"),
        ("send hello -u ", "[-u NAME]"),
        ("send hello -u bo", "[-u NAME]"),
        ("send hello -u bob ", "MESSAGE"),
        ("send hello --time", "[-t SECONDS]"),
        ("send hello -u bob -t 1", "[-t SECONDS]"),
        ("send hello --username=bo", "[-u NAME]"),
        ("rename ali", "NAME"),
        ("help s", "[COMMAND]"),
        ("cancel ", "[ID]"),
        ("report d", "NAME"),
        ("history 5", "[N]"),
        ("history 5 --since ", "[--since ID]"),
        ("format j", "text|json"),
        ("users ", ""),
        ("pending", ""),
        ("exit", ""),
    ],
)
def test_the_argument_being_typed_is_marked_in_the_usage(typed: str, current: str) -> None:
    usage = judge(typed).usage
    assert usage.current == current
    assert "".join(usage) == COMMANDS[typed.split()[0]].usage


def test_plain_text_has_no_usage() -> None:
    assert judge("good morning").usage == Usage()


# Anything at all

anything = st.text() | st.lists(
    st.sampled_from([*COMMANDS, "-u", "-t", "--", "--time=5", "/", "bob", "5", " ", "sned", "\t"])
).map(" ".join)


@given(anything)
def test_any_text_has_a_hint(typed: str) -> None:
    verdict = judge(typed)
    assert verdict.hint
    assert not (verdict.lines and verdict.is_refused)


@example("0\n\x80")
@given(anything)
def test_plain_text_reaches_the_server_to_the_letter(typed: str) -> None:
    verdict = judge(typed)
    first = (typed.split() or [""])[0]
    if verdict.lines and first.lower() not in COMMANDS and not first.startswith("/"):
        lines = map(str.strip, typed.split("\n"))
        texts = [line for line in lines if has_something_to_see(line)]
        assert [parse(line) for line in verdict.lines] == [Send(text) for text in texts]


@given(anything)
def test_plain_text_reaches_the_person_of_the_conversation(typed: str) -> None:
    verdict = judge(typed, "bob")
    first = (typed.split() or [""])[0]
    if verdict.lines and first.lower() not in COMMANDS and not first.startswith("/"):
        said = [parse(line) for line in verdict.lines]
        assert all(isinstance(send, Send) and send.to == "id-bob" for send in said)
        assert [send.text for send in said if isinstance(send, Send)] == list(verdict.texts)


@pytest.mark.parametrize("typed", ["kick off at eight", "mute the tv", "announce it", "scheduled"])
def test_what_only_moderators_can_do_is_a_text_without_a_slash(typed: str) -> None:
    assert judge(typed).texts == (typed,)


@given(anything)
def test_a_command_that_is_sent_is_the_one_that_was_typed(typed: str) -> None:
    verdict = judge(typed)
    first = (typed.split() or [""])[0]
    row = COMMANDS.get(first.lower())
    is_text = row is None or row.for_moderators or row.name in (*OWN_COMMANDS, "ignores")
    is_command = not is_text or first.startswith("/")
    if len(verdict.lines) == 1 and is_command and "\n" not in typed.strip():
        assert parse(line(verdict)) == parse(typed)


@given(anything, st.sampled_from(["", "bob"]))
def test_whatever_is_sent_is_taken_by_the_server(typed: str, recipient: str) -> None:
    for sent in judge(typed, recipient).lines:
        assert "\n" not in sent
        assert not isinstance(parse(sent), Refused | None)


# Schedules that people understand


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("send hi -t 10m", "send -t 600 -- hi"),
        ("send hi --time 10m", "send -t 600 -- hi"),
        ("send hi --time=10m", "send -t 600 -- hi"),
        ("send -t 1h30m hi there", "send -t 5400 -- hi there"),
        ("/SEND -u bob -t 18:30 hi", "send -u bob -t 7440 -- hi"),
        ("send hi -t 2d -u bob", "send -u bob -t 172800 -- hi"),
        ("send -t 10m -- ls -t 5m", "send -t 600 -- ls -t 5m"),
        ("send ls -t 5m now", "send -- ls -t 5m now"),
        ("send -- ls -t 5m", "send -- ls -t 5m"),
        ("send -t 10m -- -- dashes", "send -t 600 -- -- dashes"),
        ("send hi -t 30d", "send -t 2592000 -- hi"),
    ],
)
def test_spans_and_times_of_day_are_sent_as_seconds(typed: str, sent: str) -> None:
    assert line(judge(typed)) == sent
    assert isinstance(parse(sent), Send)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("send hi -t 18:30", "→ today 18:30, in 2 h 4 min: Enter schedules this for everyone."),
        ("send hi -t 9:00", "→ tomorrow 09:00, in 16 h 34 min: Enter schedules this for everyone."),
        ("send hi -u bob -t 2d", "→ Thursday 16:26, in 2 days: Enter schedules this for bob."),
        ("send hi -t 0", "Enter sends this to everyone."),
        ("send hi -t 31d", "-t reaches 30 days at most; 31d is more."),
        ("send hi -t 2592001", "-t reaches 30 days at most; 2592001 is more."),
        (f"send hi -t {'9' * 40}", f"-t reaches 30 days at most; {'9' * 40} is more."),
        ("send hi -t", "-t takes seconds, 10m, 1h30m, 2d or 18:30."),
        ("send hi -t 25:00", "-t takes seconds, 10m, 1h30m, 2d or 18:30, not 25:00."),
    ],
)
def test_the_hint_says_when_something_will_be_said(typed: str, hint: str) -> None:
    verdict = judge(typed)
    assert verdict.hint == hint
    assert verdict.is_timed == hint.startswith("→")
    assert bool(verdict.lines) == hint.startswith(("→", "Enter"))


def test_the_time_that_is_told_is_the_one_of_now() -> None:
    assert "in 2 h 4 min" in judge("send hi -t 18:30").hint
    assert "in 1 min" in judge("send hi -t 18:30", now=NOW + 7380).hint
    assert line(judge("send hi -t 18:30", now=NOW + 7380)) == "send -t 60 -- hi"


def test_in_a_narrow_window_a_time_keeps_its_place_beside_the_argument() -> None:
    verdict = judge("send hi -t 18:30")
    assert fitted(verdict.shown, 200) == verdict.usage
    assert fitted(verdict.shown, 56) == Usage(current="[-t SECONDS]")
    assert fitted(judge("send hi -t ").shown, 76) == Usage(current="[-t SECONDS]")
    assert fitted(judge("send hi").shown, 10) == judge("send hi").usage


# Several lines


def test_several_lines_are_several_messages() -> None:
    verdict = judge("one\n\n  two  \n")
    assert verdict.lines == ("send -- one", "send -- two")
    assert verdict.hint == "Enter sends 2 messages to everyone."
    assert not (verdict.is_held or verdict.question)


def test_several_lines_keep_what_they_are_indented_by_where_that_is_wanted() -> None:
    typed = "def f():\n\n    return 1  \n\tpass"
    said = [parse(each) for each in judge_at(typed, now=NOW, is_indented=True).lines]
    assert said == [Send("def f():"), Send("    return 1"), Send(" pass")]
    later = judge_at("send -t 5\n  one\n  two -u bob", now=NOW, is_indented=True)
    assert parse(later.lines[1]) == Send("  two", name("bob"), 5)
    assert line(judge_at("  alone ", now=NOW, is_indented=True)) == "send -- alone"


def test_one_line_among_empty_ones_is_what_it_would_be_alone() -> None:
    assert judge("\nusers\n").lines == ("users",)
    assert judge("\n exit\n").intent == Leave()
    assert line(judge("\nhello\n")) == "send -- hello"


def test_about_more_than_three_lines_there_is_a_question() -> None:
    assert not judge("1\n2\n3").question
    verdict = judge("1\n2\n3\n4", "bob")
    assert verdict.question == "Send these 4 messages to bob?"
    assert verdict.hint == "Enter shows these 4 messages to bob, and asks first."
    assert verdict.texts == ("1", "2", "3", "4")
    assert verdict.lines[-1] == "send -u =id-bob -- 4"


def test_the_options_of_a_send_are_for_all_its_lines() -> None:
    assert judge("send one\ntwo -u bob").lines == ("send -u bob -- one", "send -u bob -- two")
    verdict = judge("send -t 10m\none\ntwo\nthree\nfour")
    assert verdict.lines[3] == "send -t 600 -- four"
    assert verdict.question == "Send these 4 messages to everyone → today 16:36, in 10 min?"
    assert verdict.hint.startswith("→ today 16:36, in 10 min: Enter shows these 4 messages")
    assert verdict.is_timed


@pytest.mark.parametrize("typed", ["hello\nusers", "users\nhello", "/x\ny", "send a\nsend b"])
def test_a_command_among_several_lines_is_told_to_be_said_instead(typed: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert "is no command here, but said: " in verdict.hint
    assert all(isinstance(parse(line), Send) for line in verdict.lines)
    asked = judge(f"{typed}\n3\n4")
    assert not asked.is_held
    assert "is no command here" in asked.question


def test_too_long_a_line_among_several_is_named() -> None:
    verdict = judge(f"short\n{'宽' * (MAX_MESSAGE + 1)}")
    assert (verdict.lines, verdict.is_refused) == ((), True)
    assert verdict.hint == "A message has at most 2000 characters; line 2 has 2001."


def test_too_many_lines_are_refused() -> None:
    assert len(judge("x\n" * MAX_LINES).lines) == MAX_LINES
    verdict = judge("x\n" * (MAX_LINES + 1))
    assert (verdict.lines, verdict.is_refused) == ((), True)
    assert verdict.hint == "At most 500 lines can be sent at once; these are 501."


# In a conversation with a person


def test_what_is_no_command_goes_to_the_person_of_the_conversation() -> None:
    verdict = judge("hello", "bob")
    assert verdict.hint == "Enter sends this to bob."
    assert parse(line(verdict)) == Send("hello", "id-bob")
    assert verdict.to == person("bob")
    assert judge("sned hello", "bob").hint.endswith("Enter twice says this to bob as it is.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Send me the file please", Send("Send me the file please", "id-bob")),
        ("send hello - really", Send("send hello - really", "id-bob")),
        ("отправь файл", Send("отправь файл", "id-bob")),
        ("/send me the file", Send("me the file", "id-bob")),
        ("send the answer is 42 -t 10m", Send("the answer is 42", "id-bob", 600)),
        ("send the answer is 42 -t 90", Send("the answer is 42", "id-bob", 90)),
        ("send -- ls -t 5", Send("ls -t 5", "id-bob")),
        ("/send -t 1h later", Send("later", "id-bob", 3600)),
        ("send hello -u carol", Send("hello", name("carol"))),
        ("send -u carol -t 5 hello", Send("hello", name("carol"), 5)),
    ],
)
def test_with_a_person_everything_is_for_them_unless_it_is_addressed_otherwise(
    typed: str, said: Send
) -> None:
    verdict = judge(typed, "bob")
    assert parse(line(verdict)) == said
    whom = "bob" if said.to == "id-bob" else "carol"
    assert f" {whom}" in verdict.hint
    assert not verdict.is_held


@given(anything)
def test_nothing_that_is_said_with_a_person_is_said_to_everyone(typed: str) -> None:
    for sent in judge(typed, "bob").lines:
        said = parse(sent)
        assert not isinstance(said, Send) or said.to is not None


def test_a_send_of_several_lines_with_a_person_is_for_them_too() -> None:
    lines = judge("send -t 10m\none\ntwo", "bob").lines
    assert lines == ("send -u =id-bob -t 600 -- one", "send -u =id-bob -t 600 -- two")
    assert judge("send one\ntwo", "bob").lines[0] == "send -u =id-bob -- send one"
    assert judge("/send one\ntwo", "bob").lines[0] == "send -u =id-bob -- one"


# What begins with a command by chance


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("help me", "There is no command me."),
        ("Exit strategies", "exit does not take strategies."),
        ("history of this is long", "history takes a number from 1 to 1000, not of."),
        ("users are nice", "users does not take are nice."),
        ("pending approval", "pending does not take approval."),
        ("cancel my order", "cancel does not take order."),
        ("cancel it", "You have no scheduled message it."),
        ("report on the state", "Nobody else here is called on."),
        ("report it", "Nobody else here is called it."),
        ("rename the file", "The name the file has"),
        ("format c:", "There is no format c:."),
    ],
)
def test_a_command_with_what_it_does_not_take_is_held_back_and_told_how_to_say(
    typed: str, wrong: str
) -> None:
    known = Known(names=("bob", "Карл"), items=("7",))
    for recipient, send in (("", "send"), ("bob", "/send")):
        verdict = judge_at(typed, recipient, now=NOW, known=known)
        assert (verdict.lines, verdict.is_refused) == ((), True)
        assert verdict.hint.startswith(wrong)
        word = typed.split()[0]
        assert f"To say it: {send} {word} …" in verdict.hint
        assert COMMANDS[word.lower()].summary in verdict.hint
        said = parse(line(judge(f"{send} {typed}", recipient)))
        assert said == Send(typed, "id-bob" if recipient else None)


@pytest.mark.parametrize("typed", ["report BOB", "report карл", "cancel 7", "cancel", "/cancel 7"])
def test_what_a_command_takes_is_taken(typed: str) -> None:
    known = Known(names=("bob", "Карл"), items=("7",))
    assert parse(line(judge_at(typed, now=NOW, known=known))) == parse(typed)


@pytest.mark.parametrize(
    ("typed", "hint", "meant"),
    [
        ("/ignore", "show nothing of somebody; alone: list them", LocalCommand("ignore")),
        ("/IGNORE b", "show nothing of somebody; alone: list them", LocalCommand("ignore", "b")),
        ("/ignore bob carol", "One word is enough: /ignore [NAME]", "one_word"),
        ("/unignore", "Whom? A name is missing.", "missing_name"),
        ("/moves none", "whose coming and leaving is told", LocalCommand("moves", "none")),
        (
            "/moves few",
            "Choose one of: all, smart (only people who spoke lately), none",
            "bad_moves",
        ),
    ],
)
def test_the_clients_own_commands_begin_with_a_slash(
    typed: str, hint: str, meant: LocalCommand | str
) -> None:
    verdict = judge(typed, now=0.0)
    assert (verdict.hint, verdict.lines) == (hint, ())
    code = verdict.intent.code if isinstance(verdict.intent, Refusal) else None
    assert meant in (verdict.intent, code)
    assert verdict.is_refused == isinstance(meant, str)


def test_without_the_slash_they_are_something_to_say() -> None:
    assert judge("ignore bob", now=0.0).lines == ("send -- ignore bob",)


# For whom it is


BOB = Known(people={"bob": person("bob"), "карл": person("Карл")})


@pytest.mark.parametrize(
    ("typed", "sent", "to"),
    [
        ("send hi -u BOB", "send -u =id-bob -- hi", "bob"),
        ("send hi -u ｂｏｂ -t 5", "send -u =id-bob -t 5 -- hi", "bob"),
        ("send -u карл hi -t 1m", "send -u =id-Карл -t 60 -- hi", "Карл"),
        ("report Bob", "report =id-bob", "bob"),
        ("/ignore ＢＯＢ", "", "bob"),
        ("send hi -u carol", "send -u carol -- hi", ""),
        ("send hi -u =7", "send -u =7 -- hi", ""),
        ("report carol", "report carol", ""),
        ("hi", "send -- hi", ""),
    ],
)
def test_who_is_known_is_meant_by_their_id_and_shown_by_their_name(
    typed: str, sent: str, to: str
) -> None:
    verdict = judge_at(typed, now=NOW, known=BOB)
    assert (line(verdict), verdict.to) == (sent, person(to) if to else None)
    assert "id-" not in verdict.hint


def test_nothing_is_for_somebody_who_has_left_unless_it_names_another() -> None:
    verdict = judge_at("hi", "bob", now=NOW, has_left=True)
    assert (verdict.lines, verdict.is_refused) == ((), True)
    assert verdict.hint.startswith("bob has left; nobody hears this.")
    known = Known(people={"carol": person("carol")})
    addressed = judge_at("send hi -u carol", "bob", now=NOW, has_left=True, known=known)
    assert addressed.to == person("carol")
    assert judge_at("users", "bob", now=NOW, has_left=True).lines == ("users",)


@pytest.mark.parametrize(
    ("typed", "text", "before_cursor"),
    [
        ("", "send  -u bob", "send "),
        ("hello", "send hello -u bob", "send hello"),
        ("send hello", "send hello -u bob", "send hello"),
        ("/send hi", "send hi -u bob", "send hi"),
        ("SEND привет", "send привет -u bob", "send привет"),
        ("send hello -u carol", "send hello -u bob", "send hello"),
        ("send -u carol hello", "send hello -u bob", "send hello"),
        ("send hello -u carol -t 60", "send hello -u bob -t 60", "send hello"),
        ("send -t 600 -- just hello", "send just hello -u bob -t 600", "send just hello"),
        ("run ls -u /tmp and see", "send run ls -u /tmp and see -u bob", None),
        ("ls -t 5", "send -u bob -- ls -t 5", "send -u bob -- ls -t 5"),
        ("send -- ls -t 5", "send -u bob -- ls -t 5", "send -u bob -- ls -t 5"),
        ("send -- -u x", "send -u bob -- -u x", "send -u bob -- -u x"),
        ("one\n  two", "send one\n  two -u bob", "send one\n  two"),
    ],
)
def test_what_is_typed_is_addressed_to_somebody_whole(
    typed: str, text: str, before_cursor: str | None
) -> None:
    made, cursor = addressed(typed, "bob")
    assert made == text
    assert before_cursor is None or made[:cursor] == before_cursor


@given(st.text("ab-ut -=\n", max_size=12))
def test_what_is_addressed_to_somebody_is_never_for_everyone(typed: str) -> None:
    made, _ = addressed(typed, "bob")
    intent = under_test.judge(made, now=0.0, known=Known(people={"bob": person("bob")}))
    if isinstance(intent, Say):
        assert intent.to == person("bob")
