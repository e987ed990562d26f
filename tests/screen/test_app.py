"""The client at work: what the keys do, and what one sees."""

import pytest
from textual.events import Key

from chat_server.protocol.wording import local_time
from chat_tui.app import ChatApp
from tests.support.screen import AtScreen, at_screen, on_telnet, running_chat, until

# Typing


async def test_enter_says_a_line_to_everyone() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.press("h", "i", "space", "я", "enter")
        await bob.hears("alice: hi я")
        await alice.sees("alice: hi я")
        assert alice.typed == ""


async def test_keys_typed_fast_keep_their_order() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        for key in ("h", "i", "enter", "y", "o", "x", "backspace", "u", "enter", "m"):
            alice.app.post_message(Key(key, key if len(key) == 1 else None))
        await until(lambda: alice.typed == "m")
        await alice.sees("alice: you")
        assert alice.said() == ["alice: hi", "alice: you"]


async def test_the_hint_says_what_enter_will_do() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sees("Type a message, or a command.")
        await alice.press("h")
        assert alice.hint == "Enter sends this to everyone."
        await alice.press("e", "l", "p")
        assert alice.hint == "help [COMMAND]  list the commands, or explain one"
        await alice.press("x")
        assert alice.hint.startswith("Did you mean the command help?")


async def test_the_argument_being_typed_stands_out_in_the_hint() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("send hello -t 1")
        strip = alice.app.screen._compositor.render_strips()[-2]
        marked = [part.text for part in strip if part.style and part.style.reverse]
        assert marked == ["[-t SECONDS]"]


async def test_a_line_that_looks_mistyped_needs_a_second_enter() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.write("sned hello")
        await alice.press("enter")
        assert alice.typed == "sned hello"
        assert alice.said() == []
        await alice.press("enter")
        await bob.hears("alice: sned hello")
        assert alice.typed == ""


async def test_a_held_back_line_that_is_changed_is_held_back_again() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("sned hello")
        await alice.press("enter", "x", "enter")
        assert alice.typed == "sned hellox"


async def test_what_would_be_refused_stays_in_the_input() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("/hello")
        await alice.press("enter")
        assert alice.typed == "/hello"
        assert alice.hint.startswith("There is no command /hello.")


async def test_pasted_lines_stay_lines_and_wait_for_enter() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("one\r\ntwo\rthree\n")
        await until(lambda: alice.typed == "one\ntwo\nthree")
        await until(lambda: alice.hint == "Enter sends 3 messages to everyone.")
        assert chat.said() == []


async def test_tab_walks_through_what_a_word_may_become() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "rex"), at_screen(chat) as alice:
        await alice.press("r", "e")
        walked = []
        for _ in range(5):
            await alice.press("tab")
            walked.append(alice.typed)
        assert walked == ["rename", "report", "register", "rex: ", "rename"]


async def test_tab_completes_a_name_wherever_one_writes() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "Борис"), at_screen(chat) as alice:
        await alice.write("send hello -u бо -t 5")
        for _ in range(5):
            await alice.press("left")
        await alice.press("tab")
        assert alice.typed == "send hello -u Борис -t 5"
        await alice.press("tab")
        assert alice.typed == "send hello -u Борис -t 5"


async def test_the_only_completion_is_followed_by_a_space() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("p", "e", "tab")
        assert alice.typed == "pending "


async def test_up_and_down_walk_through_what_was_typed() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("one")
        await alice.enters("two")
        await alice.write("draft")
        walked = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await alice.press(key)
            walked.append(alice.typed)
        assert walked == ["two", "one", "one", "two", "draft", "draft"]


# Panes


async def test_f6_walks_through_the_panes_and_escape_returns() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        walked = [alice.focus]
        for key in ("f6", "f6", "f6", "f6", "shift+f6", "escape"):
            await alice.press(key)
            walked.append(alice.focus)
        panes = ["composer", "messages", "people", "schedule", "composer", "schedule", "composer"]
        assert walked == panes


async def test_at_80_columns_every_pane_is_seen_to_the_edge() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        top = alice.shown()[0]
        assert "messages" in top
        assert "people here (1)" in top
        assert top.endswith("╮")
        await alice.sees("scheduled")


async def test_under_80_columns_the_side_panes_lie_over_the_messages() -> None:
    async with running_chat() as chat, at_screen(chat, size=(79, 24)) as alice:
        await alice.misses("people here")
        assert alice.shown()[0].endswith("╮")
        assert alice.status.endswith("F7 people 1 · F8 scheduled 0 · F1 help")
        await alice.press("f6", "f6")
        assert alice.focus == "composer"
        await alice.press("f7")
        await alice.sees("people here (1)")
        assert alice.focus == "people"
        await alice.press("f8")
        await alice.misses("people here")
        assert alice.focus == "schedule"
        await alice.press("escape")
        await alice.misses("send hello -t 60")
        assert alice.focus == "composer"
        await alice.press("f7", "f7")
        await alice.misses("people here")
        assert alice.focus == "composer"


@pytest.fixture
def no_ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be shown only because another second has begun."""
    monkeypatch.setattr(ChatApp, "set_interval", lambda *arguments, **named: None)


@pytest.mark.usefixtures("no_ticking")
async def test_the_last_line_says_at_once_what_is_folded_away() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("f7")
        await alice.sees("F7 people 1 · F1 help")
        await alice.press("f8")
        await until(lambda: "F7" in alice.status and "F8" in alice.status)
        await alice.press("f7")
        await until(lambda: "F7" not in alice.status)
        await alice.resizes(60, 20)
        await alice.sees("F7 people 1 · F8 scheduled 0 · F1 help")
        await alice.press("f7")
        await alice.misses("F7 people")
        await alice.press("escape")
        await alice.sees("F7 people 1 · F8 scheduled 0 · F1 help")


@pytest.mark.usefixtures("no_ticking")
async def test_the_last_line_says_at_once_what_is_unread_where_one_looks() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        at_screen(chat, size=(80, 16)) as alice,
    ):
        for number in range(30):
            await bob.sends(f"number {number}")
        await bob.sends("psst -u alice")
        await alice.sees("number 29")
        await alice.press("pageup")
        await bob.sends("one more")
        await alice.sees("1 unread below")
        await alice.press("alt+2")
        await alice.misses("unread below")
        await alice.press("alt+1")
        await alice.sees("1 unread below")


@pytest.mark.usefixtures("no_ticking")
async def test_what_is_scheduled_fills_a_wider_screen_at_once() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send one two three four five six -t 600")
        await alice.sees_in("schedule", "one two")
        assert "six" not in "".join(alice.pane("schedule"))
        await alice.resizes(160, 24)
        await alice.sees_in("schedule", "five six")


async def test_choosing_somebody_uncovers_the_messages() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob"),
        at_screen(chat, size=(60, 15)) as alice,
    ):
        await alice.press("f7")
        await alice.sees("people here (2)")
        await alice.press("down", "enter")
        await alice.misses("people here (2)")
        await alice.sees("[2 bob]")
        assert alice.focus == "composer"


async def test_what_there_is_no_room_for_is_written_shorter() -> None:
    async with running_chat() as chat, at_screen(chat, size=(60, 15)) as alice:
        await alice.sees("● you are alice")
        assert alice.status == "● you are alice   F7 people 1 · F8 scheduled 0 · F1 help"
        await alice.resizes(40, 15)
        await alice.sees("F7: 1 · F8: 0 · F1")
        assert alice.status.startswith("● alice ")
        await alice.resizes(100, 15)
        await alice.sees(f"● connected to 127.0.0.1:{chat.port} · you are alice")


async def test_from_120_columns_on_there_are_three_columns() -> None:
    async with running_chat() as chat, at_screen(chat, size=(120, 30)) as alice:
        top = alice.shown()[0]
        assert top.index("people") < top.index("messages") < top.index("scheduled")
        assert top.count("╭") == 3
        await alice.press("f7")
        await alice.misses("people here")
        assert alice.shown()[0].count("╭") == 2
        await alice.resizes(100, 30)
        assert alice.shown()[0].index("scheduled") < alice.shown()[0].index("messages")


async def test_folding_a_pane_takes_the_keys_back_to_the_input() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("f6", "f6", "f7")
        assert alice.focus == "composer"


async def test_narrowing_and_widening_folds_and_unfolds() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.resizes(60, 20)
        await alice.misses("people here")
        await alice.resizes(100, 30)
        await alice.sees("people here (1)")


async def test_enter_on_a_person_opens_the_conversation_with_them() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.press("f6", "f6", "down", "enter")
        assert (alice.typed, alice.focus) == ("", "composer")
        await alice.sees("[2 bob]")
        await alice.press("p", "s", "t", "enter")
        await bob.hears("alice -> bob: pst")
        await alice.sees("alice → bob: pst")


async def test_space_on_a_person_makes_what_was_typed_a_private_message() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.press("f6", "f6", "down", "space")
        assert (alice.typed, alice.focus) == ("send  -u bob", "composer")
        await alice.press(*"hello")
        await alice.press("f6", "f6", "up", "space")
        assert alice.typed == "send hello -u alice"


async def test_people_are_sorted_and_one_finds_oneself() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "Zoe"),
        on_telnet(chat.port, "bob"),
        at_screen(chat) as alice,
    ):
        await until(lambda: alice.people() == ["alice (you)", "bob", "Zoe"])
        await alice.enters("rename ada")
        await until(lambda: alice.people() == ["ada (you)", "bob", "Zoe"])
        assert "you are ada" in alice.status


# Scheduled messages


async def test_a_scheduled_message_counts_down_and_leaves_when_it_is_said() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sees_in("schedule", "Nothing yet.")
        await alice.enters("send later -t 62")
        due = local_time(int(chat.clock.now() + 62))
        await alice.sees_in("schedule", f"1:02 to everyone\n{due:%H:%M} later")
        chat.clock.advance(3)
        await alice.sees_in("schedule", "0:59 to everyone")
        chat.clock.advance(59)
        await alice.sees("alice (scheduled 1): later")
        await alice.sees_in("schedule", "Nothing yet.")


async def test_scheduled_messages_stand_soonest_first_with_their_recipients() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.enters("send second -t 90000")
        await alice.enters("send first -u bob -t 3723")
        first, second = (local_time(int(chat.clock.now() + wait)) for wait in (3723, 90000))
        await alice.sees_in("schedule", f"1:02:03 to bob\n{first:%H:%M} first")
        await alice.sees_in("schedule", f"1d 01:00:00 to everyone\n{second:%a %H:%M} second")
        await alice.sees("scheduled (2)")


@pytest.mark.parametrize("key", ["c", "delete"])
async def test_c_cancels_the_chosen_scheduled_message(key: str) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send first -t 60")
        await alice.enters("send second -t 90")
        await alice.sees_in("schedule", "second")
        await alice.press("f6", "f6", "f6", "down", key)
        await alice.sees("Cancelled 2: second")
        await alice.sees_in("schedule", "cancelled · u undo · 5\nsecond\n1:00 to everyone")
        chat.clock.advance(5)
        await until(lambda: "second" not in "\n".join(alice.pane("schedule")))
        await alice.sees_in("schedule", "first")


async def test_cancelling_where_nothing_is_scheduled_does_nothing() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("f6", "f6", "f6", "c", "escape")
        await alice.enters("still here")
        await alice.sees("alice: still here")
        assert alice.said() == ["alice: still here"]


# Help, answers, the end


async def test_f1_shows_the_keys_and_commands_and_escape_closes_it() -> None:
    async with running_chat() as chat, at_screen(chat, size=(140, 60)) as alice:
        await alice.press("f1")
        await alice.sees("Ctrl+R")
        for part in ("PgUp", "send MESSAGE [-u NAME] [-t", "report NAME", "exit"):
            await alice.sees(part)
        await alice.press("escape")
        await alice.misses("Ctrl+R")


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_the_help_is_scrolled_where_it_does_not_fit(size: tuple[int, int]) -> None:
    async with running_chat() as chat, at_screen(chat, size=size) as alice:
        await alice.press("f1")
        await alice.sees("find an action by name")
        await alice.press("end")
        await alice.sees("say goodbye and leave")


async def test_answers_are_shown_among_the_messages() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.enters("users")
        await alice.sees("· 2 people are here:")
        await alice.sees("  bob, alice")
        await alice.enters("report bob")
        await alice.sees("· Reported bob")
        await alice.enters("cancel")
        await alice.sees("! You have no scheduled messages to cancel.")


@pytest.mark.parametrize("how", ["ctrl+q", "exit"])
async def test_leaving_frees_the_name(how: str) -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        async with at_screen(chat) as alice:
            await _leave(alice, how)
            await bob.hears("alice left")
            await until(lambda: not alice.app.is_running)
        await bob.says("rename alice")
        await bob.hears("bob is now known as alice")


async def _leave(alice: AtScreen, how: str) -> None:
    if how == "ctrl+q":
        await alice.press(how)
    else:
        await alice.write(how)
        await alice.press("enter")
