"""One conversation with everyone, and one with each person: tabs, counts, drafts, names."""

from pathlib import Path

import pytest

from chat_server.protocol.commands import Send, parse
from chat_server.protocol.events import Joined, Person, Renamed
from chat_tui.session.conversations import MOST_OPEN, Conversations
from chat_tui.session.state import EVERYONE, ChatState, Said
from chat_tui.session.transcript import KEPT_LINES
from chat_tui.session.typed import Draft
from tests.client.test_state import NOW, entered, message, private, welcome
from tests.support.faults import wire_to
from tests.support.people import joined, left, person, renamed, says
from tests.support.screen import at_screen, offline_at_screen, on_telnet, running_chat, until


def after(state: ChatState) -> Conversations:
    conversations = Conversations()
    conversations.take(state)
    return conversations


def news(conversations: Conversations) -> list[tuple[str, int, int]]:
    return [(tab.name, tab.unread, tab.mentions) for tab in conversations.tabs()]


def titles(conversations: Conversations) -> list[str]:
    return [tab.name for tab in conversations.tabs()]


def texts(conversations: Conversations, key: str) -> list[str]:
    found = conversations.find(key and f"id-{key}")
    assert found is not None
    return [line.message.text if isinstance(line, Said) else line.text for line in found.transcript]


# The conversations by themselves


def test_a_private_message_opens_a_conversation_in_which_it_is_new() -> None:
    conversations = after(
        entered(message(1), private(2, "bob", "alice"), private(3, "bob", "alice"))
    )
    assert news(conversations) == [(EVERYONE, 0, 0), ("bob", 2, 2)]
    assert texts(conversations, "bob") == ["pst", "pst"]


def test_what_one_says_oneself_is_nothing_new() -> None:
    assert news(after(entered(private(1, "alice", "bob")))) == [(EVERYONE, 0, 0), ("bob", 0, 0)]


def test_looking_at_a_conversation_reads_it() -> None:
    conversations = after(entered(private(1, "bob", "alice")))
    conversations.go(conversations.opened[1])
    conversations.take(entered(says("bob", "alice: hi", number=5), message(6)))
    assert news(conversations) == [(EVERYONE, 2, 1), ("bob", 0, 0)]


def test_while_nobody_looks_everything_is_new() -> None:
    conversations = Conversations()
    conversations.watch(is_watched=False)
    conversations.take(entered(message(1)))
    assert news(conversations) == [(EVERYONE, 1, 0)]
    conversations.watch(is_watched=True)
    assert news(conversations) == [(EVERYONE, 0, 0)]


def test_the_next_with_something_new_is_first_where_it_is_for_oneself() -> None:
    conversations = Conversations()
    carol = conversations.open(person("carol"))
    conversations.go(carol)
    assert conversations.next_new() is None
    conversations.take(entered(message(1), private(2, "bob", "alice")))
    bob = conversations.find("id-bob")
    assert conversations.next_new() is bob
    assert bob is not None
    conversations.go(bob)
    assert conversations.next_new() is conversations.everyone


def test_a_closed_conversation_has_everything_when_it_is_opened_again() -> None:
    conversations = after(entered(private(1, "bob", "alice")))
    bob = conversations.opened[1]
    conversations.go(bob)
    assert conversations.close() is bob
    assert (news(conversations), conversations.active.key) == ([(EVERYONE, 0, 0)], EVERYONE)
    conversations.take(entered(private(2, "bob", "alice", "again")))
    assert texts(conversations, "bob") == ["pst", "again"]


def test_that_of_everyone_is_never_closed() -> None:
    conversations = Conversations()
    assert conversations.close() is None
    assert conversations.opened == [conversations.everyone]


def test_a_note_for_somebody_without_a_conversation_is_shown_to_everyone() -> None:
    state = entered()
    state.say("fact", "for bob", NOW, "id-bob")
    state.say("move", "bob left", NOW, "id-bob")
    conversations = after(state)
    assert texts(conversations, EVERYONE) == ["for bob"]


def test_a_conversation_has_its_persons_new_name() -> None:
    state = entered(private(1, "bob", "alice"), private(2, "carol", "alice"))
    conversations = after(state)
    bob = conversations.opened[1]
    conversations.go(bob)
    state.apply(renamed("bob", "rob"), NOW)
    conversations.take(state)
    assert titles(conversations) == [EVERYONE, "rob", "carol (left)"]
    assert conversations.active is bob


def test_two_people_who_had_one_name_one_after_the_other_have_two_conversations() -> None:
    state = entered(private(1, "bob", "alice", "from the first"))
    conversations = after(state)
    bob = conversations.opened[1]
    conversations.go(bob)
    second = person("bob", "carol")
    for event in (left("bob"), joined("carol"), Renamed(second, "carol", NOW + 3)):
        state.apply(event, NOW)
    state.apply(private(4, second, "alice", "from the second"), NOW)
    conversations.take(state)
    assert titles(conversations) == [EVERYONE, "bob (left)", "bob"]
    assert conversations.active is bob
    assert texts(conversations, "bob") == [
        "from the first",
        "bob left",
        "bob is here: somebody else of that name, or the same.",
    ]
    assert texts(conversations, "carol") == [
        "Another bob than before, or bob again: see bob (left).",
        "from the second",
    ]


def test_two_people_who_swap_their_names_keep_their_conversations() -> None:
    state = entered(joined("carol"), private(1, "bob", "alice"), private(2, "carol", "alice"))
    conversations = after(state)
    swapped = [person("alice"), person("carol", "bob"), person("bob", "carol")]
    state.apply(welcome(users=swapped), NOW)
    conversations.take(state)
    opened = conversations.opened[1:]
    assert [(each.key, each.title) for each in opened] == [("id-bob", "carol"), ("id-carol", "bob")]


def test_who_comes_back_has_the_conversation_that_they_had() -> None:
    state = entered(private(1, "bob", "alice"), left("bob"))
    conversations = after(state)
    assert titles(conversations) == [EVERYONE, "bob (left)"]
    state.apply(Joined([person("guest7", "bob")], NOW), NOW)
    conversations.take(state)
    assert titles(conversations) == [EVERYONE, "guest7"]


def test_what_was_begun_is_kept_for_whom_it_was_begun() -> None:
    state = entered(private(1, "bob", "alice"))
    conversations = after(state)
    bob = conversations.opened[1]
    bob.draft = Draft("to be kept", 10)
    for event in (left("bob"), Joined([Person("5", "bob")], NOW)):
        state.apply(event, NOW)
    conversations.take(state)
    assert conversations.open(Person("5", "bob")).draft == Draft()
    assert conversations.open(person("bob")).draft.text == "to be kept"


def test_only_so_much_is_kept() -> None:
    conversations = after(entered(*(message(number) for number in range(KEPT_LINES + 10))))
    assert len(texts(conversations, EVERYONE)) == KEPT_LINES


@pytest.mark.parametrize(
    ("line", "to", "home"),
    [
        ("send hi", "", EVERYONE),
        ("send hi -t 5", "", "id-carol"),
        ("send hi -u =id-bob", "bob", "id-bob"),
        ("send hi -u =id-bob -t 5", "bob", "id-bob"),
        ("send hi -u =id-dave", "dave", "id-dave"),
        ("send hi -u =id-dave -t 5", "dave", "id-carol"),
        ("send hi -u nobody", "", "id-carol"),
        ("users", "", "id-carol"),
    ],
)
def test_a_line_belongs_to_whom_it_is_for(line: str, to: str, home: str) -> None:
    conversations = Conversations()
    conversations.open(person("bob"))
    conversations.go(conversations.open(person("carol")))
    parsed = parse(line)
    said = parsed if isinstance(parsed, Send) else None
    assert conversations.home(said, person(to) if to else None).key == home


# At the screen


async def test_what_is_typed_for_somebody_who_left_never_reaches_another_of_that_name() -> None:
    async with running_chat() as chat, at_screen(chat, "carol", size=(120, 30)) as carol:
        async with on_telnet(chat.port, "alice") as alice:
            await alice.sends("psst -u carol")
            await carol.sees("2 alice (1)")
            await carol.press("alt+2")
            await carol.write("the key is under")
        await carol.sees("alice left")
        async with on_telnet(chat.port, "guest7") as other:
            await other.says("rename alice")
            await other.hears("is now known as alice")
            await carol.hears("alice is here: somebody else of that name, or the same.")
            await carol.write(" the mat")
            await carol.press("enter", "enter")
            assert carol.hint.startswith("alice has left; nobody hears this.")
            assert carol.typed == "the key is under the mat"
            await carol.press("f3")
            await other.sends("hi -u carol")
            await until(lambda: carol.tabs() == "1 everyone [2 alice (left)] 3 alice (1)")
            await carol.press("alt+3")
            await carol.sees("Another alice than before, or alice again: see alice (left).")
            await carol.enters("who are you?")
            assert (await other.hears("carol -> alice")).endswith("who are you?")


async def test_there_are_no_tabs_for_one_conversation() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        assert alice.tabs() == ""


async def test_a_tab_says_what_is_new_and_for_whom() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await until(lambda: alice.tabs() == "[1 everyone] 2 bob (1)")
        await alice.press("alt+2")
        assert alice.tabs() == "1 everyone [2 bob]"
        await bob.sends("hello")
        await bob.sends("alice: hello")
        await until(lambda: alice.tabs() == "1 everyone (2, 1 for you) [2 bob]")
        await alice.press("alt+a")
        assert alice.tabs() == "[1 everyone] 2 bob"


async def test_a_conversation_shows_what_is_said_in_it() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("to all")
        await bob.sends("to you -u alice")
        await alice.sees("2 bob (1)")
        assert alice.said() == ["bob: to all"]
        await alice.press("alt+right")
        await until(lambda: alice.said() == ["bob → alice: to you"])
        await alice.press("alt+left")
        await until(lambda: alice.said() == ["bob: to all"])


async def test_a_conversation_shows_what_is_said_also_if_something_scrolls_as_one_turns_to_it() -> (
    None
):
    """Textual does not tell the pane then that it is shown."""
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        alice.main.turn(alice.app._conversations.opened[0])
        alice.app._show()
        screen = alice.app.screen
        screen._compositor.reflow_visible(screen, screen.size)
        assert alice.main.messages in screen._compositor.full_map
        await alice.settles()
        assert alice.main.messages.is_seen
        await bob.sends("to all")
        await alice.hears("bob: to all")
        await alice.sees("bob: to all")


async def test_what_is_typed_in_a_conversation_goes_to_its_person() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await alice.write("yes -u?")
        assert "bob" in alice.hint
        await alice.press("enter")
        await bob.hears("alice -> bob: yes -u?")
        await alice.sees("alice → bob: yes -u?")


async def test_saying_something_to_somebody_shows_the_conversation_with_them() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("send pst -u BOB")
        await bob.hears("alice -> bob: pst")
        await until(lambda: alice.tabs() == "1 everyone [2 bob]")
        await alice.sees("alice → bob: pst")
        await alice.press("alt+1")
        await alice.enters("send again -u bob")
        await bob.hears("alice -> bob: again")
        await until(lambda: alice.tabs() == "1 everyone [2 bob]")


async def test_in_the_conversation_with_somebody_nothing_goes_to_everyone() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("send pst -u bob")
        await alice.sees("[2 bob]")
        await alice.enters("Send me the file please")
        await bob.hears("alice -> bob: Send me the file please")
        await alice.enters("send the answer is 42 -t 10m")
        await alice.hears("(to bob): the answer is 42")
        await alice.sees_in("schedule", "to bob")
        chat.clock.advance(601)
        await bob.hears("alice -> bob: the answer is 42")
        assert chat.said() == []
        await alice.press("alt+1")
        await alice.enters("send dinner -t 10m")
        await alice.hears("(to everyone): dinner")


async def test_what_begins_with_a_command_by_chance_is_held_back() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        for text in ("help me", "exit strategies", "report it", "cancel my order"):
            await alice.write(text)
            await alice.press("enter", "enter")
            assert alice.typed == text
            assert "To say it: send" in alice.hint
            await alice.press("home", *"send ", "enter")
            await bob.hears(f"alice: {text}")
        await alice.enters("users")
        await alice.hears("2 people are here")


async def test_every_conversation_keeps_its_draft() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.write("for all")
        await alice.press("alt+2")
        assert alice.typed == ""
        await alice.write("for bob")
        await alice.press("alt+1")
        assert alice.typed == "for all"
        await alice.press("alt+2")
        assert alice.typed == "for bob"


async def test_ctrl_w_closes_a_conversation_and_deletes_a_word_where_one_writes() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await alice.write("one two")
        await alice.press("ctrl+w")
        assert alice.typed == "one "
        await alice.press("ctrl+w", "ctrl+w")
        assert (alice.typed, alice.tabs()) == ("", "")
        await alice.press("ctrl+w")
        await bob.sends("again -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await until(lambda: alice.said() == ["bob → alice: psst", "bob → alice: again"])


async def test_a_conversation_follows_its_person_to_another_name() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await bob.says("rename rob")
        await until(lambda: alice.tabs() == "1 everyone [2 rob]")
        await alice.sees("bob is now known as rob")
        await alice.enters("hello")
        await bob.hears("alice -> rob: hello")
        await alice.sees("alice → rob: hello")
        assert alice.said()[0] == "bob → alice: psst"


async def test_a_click_on_a_tab_shows_its_conversation() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.pilot.click("#tabs", offset=(16, 0))
        await until(lambda: alice.tabs() == "1 everyone [2 bob]")


async def test_many_tabs_are_cut_so_that_the_active_one_is_seen() -> None:
    async with running_chat() as chat, at_screen(chat, size=(60, 20)) as alice:
        somebody = [f"somebody{number}" for number in range(9)]
        alice.app._hear(joined(*somebody))
        for name in somebody:
            alice.main._conversations.open(person(name))
        await alice.press("alt+8")
        await alice.sees("[8 somebody6]")
        assert alice.tabs().startswith("‹")
        assert alice.tabs().endswith("›")


async def test_the_keys_stay_in_the_messages_when_the_conversation_changes() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("f6", "alt+2")
        assert alice.focus == "messages"
        await alice.sees("psst")


async def test_closing_a_conversation_from_its_messages_leads_back_to_the_input() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2", "f6", "ctrl+w")
        await alice.misses("psst")
        assert (alice.focus, alice.tabs()) == ("composer", "")


async def test_a_search_ends_where_another_conversation_is_looked_at() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("ctrl+f", "x")
        await alice.sees("Search:")
        await alice.press("alt+2")
        await alice.misses("Search:")
        assert alice.focus == "composer"


async def test_what_one_likes_is_kept(tmp_path: Path) -> None:
    config = tmp_path / "client.toml"
    async with running_chat() as chat:
        async with at_screen(chat, config=config) as alice:
            await alice.enters("/ignore bob")
            await alice.enters("/moves smart")
            await until(lambda: 'moves = "smart"' in config.read_text())
            await until(lambda: 'ignored = ["bob"]' in config.read_text())
        async with on_telnet(chat.port, "bob") as bob, at_screen(chat, "ada", config=config) as ada:
            await bob.sends("hidden")
            await ada.enters("/ignore")
            await ada.hears("You ignore: bob")
            assert "hidden" not in "\n".join(ada.said())


async def test_what_could_not_be_sent_is_shown_where_it_was_said() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice") as alice,
    ):
        async with on_telnet(chat.port, "bob") as bob:
            await alice.sees("bob joined")
            await bob.sends("psst -u alice")
            await alice.sees("2 bob (1)")
            await alice.press("alt+2")
            wire.is_closed = True
            wire.breaks()
            await alice.sees("offline")
            await alice.enters("are you there")
            await bob.says("exit")
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees("! → bob: are you there")
        await alice.press("alt+1")
        await until(lambda: alice.tabs() == "[1 everyone] 2 bob (left) (not sent)")
        await alice.misses("are you there")
        await alice.press("f4", "alt+2")
        await alice.sees("are you there")
        await alice.press("f4")
        await until(lambda: alice.tabs() == "1 everyone [2 bob (left)]")


# Whom one ignores, and whose moves are told


async def test_ignoring_somebody_hides_what_they_say_until_it_ends() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("/ignore BOB")
        await alice.hears("Nothing of bob is shown from now on; /unignore bob ends that.")
        await bob.sends("hidden")
        await bob.sends("hidden too -u alice")
        await alice.enters("/ignore")
        await alice.sees("You ignore: bob")
        await alice.enters("/unignore bob")
        await alice.hears("What bob says is shown again from now on.")
        await bob.sends("seen")
        await alice.sees("bob: seen")
        assert "hidden" not in "\n".join(alice.shown())
        assert alice.tabs() == ""


async def test_moves_are_told_as_one_asks() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("/moves none")
        await alice.hears("You are not told any more who comes and leaves.")
        async with on_telnet(chat.port, "bob"):
            await until(lambda: "bob" in alice.people())
        await until(lambda: "bob" not in alice.people())
        await alice.enters("/moves all")
        async with on_telnet(chat.port, "carol"):
            await alice.sees("carol joined")
        assert "bob" not in "\n".join(alice.said())


async def test_what_was_begun_before_going_back_in_what_was_sent_stays_with_its_conversation() -> (
    None
):
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        await alice.enters("first")
        await alice.write("half a th")
        await alice.press("up")
        assert alice.typed == "first"
        await alice.press("alt+2", "alt+1")
        assert alice.typed == "half a th"


def test_however_many_write_what_was_begun_before_an_edit_is_kept() -> None:
    conversations = Conversations()
    bob = conversations.open(person("bob"))
    bob.stashed = Draft("half a th", 9)
    for number in range(MOST_OPEN + 5):
        conversations.open(person(f"guest{number}"))
    assert bob in conversations.opened
