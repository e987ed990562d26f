"""Writing: several lines, pastes, completion, schedules and drafts, by keys and as one sees it."""

from textual.events import Key, Paste

from chat_server.protocol.events import History, Ok
from chat_tui.session.typed import Draft
from chat_tui.typing.hints import START
from chat_tui.widgets.composer import MAX_PASTE
from tests.support.clock import DAWN
from tests.support.faults import scripted
from tests.support.people import joined, says
from tests.support.screen import (
    AtScreen,
    at_screen,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)
from tests.support.zones import zone

# Several lines


def rows(person: AtScreen) -> int:
    return person.main.composer.size.height


async def test_ctrl_j_and_alt_enter_begin_a_line_and_enter_sends_each_as_a_message() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.press("o", "n", "e", "ctrl+j", "t", "w", "o", "alt+enter", "x")
        assert alice.typed == "one\ntwo\nx"
        assert alice.hint == "Enter sends 3 messages to everyone."
        assert rows(alice) == 3
        await alice.sees("two")
        await alice.press("enter")
        for text in ("one", "two", "x"):
            await bob.hears(f"alice: {text}")
        assert alice.typed == ""
        assert rows(alice) == 1
        await alice.press("up")
        assert alice.typed == "one\ntwo\nx"


async def test_the_input_grows_to_six_rows_and_keeps_the_cursor_in_sight() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("\n".join(f"line {number}" for number in range(20)))
        assert rows(alice) == 6
        await alice.sees("line 19")
        await alice.misses("line 1 ")
        for _ in range(19):
            await alice.press("up")
        await alice.sees("line 0")


async def test_the_input_takes_a_third_of_a_low_screen_at_most() -> None:
    async with running_chat() as chat, at_screen(chat, size=(60, 15)) as alice:
        await alice.write("\n".join("abcdefgh"))
        assert rows(alice) == 5
        await alice.resizes(60, 9)
        await until(lambda: rows(alice) == 3)
        await alice.resizes(60, 24)
        await until(lambda: rows(alice) == 6)


async def test_a_long_line_wraps_and_up_goes_through_its_rows_before_what_was_typed() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("before")
        await alice.write("word " * 20 + "end")
        assert rows(alice) == 2
        await alice.sees("end")
        await alice.press("up")
        assert alice.typed.endswith("end")
        await alice.press("up")
        assert alice.typed == "before"
        await alice.press("down")
        assert alice.typed.endswith("end")


async def test_keys_typed_fast_keep_their_order_over_several_lines() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        for key in ("a", "ctrl+j", "b", "enter", "c", "left", "d", "ctrl+j", "enter", "e"):
            alice.app.post_message(Key(key, key if len(key) == 1 else None))
        await until(lambda: alice.typed == "e")
        await until(lambda: chat.said() == ["a", "b", "d", "c"])


async def test_keys_of_other_panes_write_nothing() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("draft")
        for key in ("alt+u", "alt+p", "alt+1", "alt+a"):
            alice.app.post_message(Key(key, key[-1]))
        await alice.press("pageup", "f7", "f7", "x")
        assert alice.typed == "draftx"


async def test_ctrl_z_takes_back_what_was_typed_and_what_tab_made_of_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("p", "e", "tab")
        assert alice.typed == "pending "
        await alice.press("ctrl+z")
        assert alice.typed == "pe"


async def test_where_there_is_no_terminal_to_lend_the_editor_says_so_and_nothing_is_cut() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("draft")
        await alice.press("shift+left", "shift+left", "ctrl+x")
        assert alice.typed == "dra"
        await alice.press("ctrl+e")
        await alice.sees("An editor cannot be opened here.")
        assert alice.typed == "draft"
        await alice.press("!")
        await alice.sees("Enter sends this to everyone.")


async def test_ctrl_x_alone_cuts_what_is_selected_and_nothing_else() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("draft")
        await alice.press("ctrl+x", "s", "ctrl+e", "shift+left", "ctrl+x")
        assert alice.typed == "draft"
        await alice.press("ctrl+v")
        assert alice.typed == "drafts"


# The question before many lines


async def test_more_than_three_lines_are_shown_and_asked_about_before_they_are_sent() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("[red]one\ntwo\nthree\nfour")
        assert alice.hint == "Enter shows these 4 messages to everyone, and asks first."
        await alice.press("enter")
        await alice.sees("Send these 4 messages to everyone?")
        await alice.sees("1  [red]one")
        await alice.press("enter", "escape")
        await alice.misses("Send these")
        assert alice.typed == "[red]one\ntwo\nthree\nfour"
        assert chat.said() == []
        await alice.press("enter")
        await alice.sees("Send these 4 messages to everyone?")
        await alice.press("y")
        await until(lambda: chat.said() == ["[red]one", "two", "three", "four"])
        assert alice.typed == ""


async def test_a_paste_keeps_its_indentation() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("if x:\n    y()\n\tz()\n")
        assert alice.typed == "if x:\n    y()\n z()"
        await alice.press("enter")
        await until(lambda: chat.said() == ["if x:", "    y()", " z()"])
        await alice.hears("    y()")


async def test_many_lines_say_how_far_they_are_and_can_be_stopped() -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", (120, 30)) as alice:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await alice.sees("● connected")
        await alice.pastes("\n".join(f"  line {number}" for number in range(60)))
        await alice.press("enter", "y")
        for number in range(12):
            script.says(Ok(re=await script.hears(f"line {number}")))
        await alice.sees("sending 12 of 60, Esc stops")
        await alice.press("escape")
        await alice.sees("Stopped: 40 lines were not sent.")
        assert alice.typed.split("\n") == [f"  line {number}" for number in range(20, 60)]
        for number in range(12, 20):
            script.says(Ok(re=await script.hears(f"line {number}")))
        await alice.misses("sending ")


async def test_what_is_stopped_goes_back_to_where_it_is_for_the_same_person() -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", (120, 30)) as alice:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        script.says(joined("bob"))
        script.says(says("bob", "what is it?", "alice"))
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await alice.pastes("\n".join(f"secret {number}" for number in range(20)))
        await alice.press("enter", "y")
        await alice.sees("sending 0 of 20")
        await alice.press("alt+1")
        await alice.write("hello all")
        await alice.press("escape")
        assert alice.tabs() == "1 everyone [2 bob]"
        assert alice.typed.startswith("secret 8\n")
        await alice.press("alt+1")
        assert alice.typed == "hello all"


async def test_what_is_stopped_that_was_for_later_still_says_for_whom_and_when() -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", (120, 30)) as alice:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        script.says(joined("bob"))
        await alice.sees_in("people", "bob")
        lines = "\n".join(f"secret {number}" for number in range(20))
        await alice.pastes(f"send {lines} -u bob -t 10m")
        await alice.press("enter", "y")
        await alice.sees("sending 0 of 20")
        await alice.press("escape")
        assert alice.tabs() == "1 everyone [2 bob]"
        assert alice.typed.startswith("send -t 600 -- secret 8\nsecret 9\n")
        await alice.press("enter")
        await alice.sees("Send these 12 messages to bob")


async def test_what_is_typed_before_the_question_is_there_changes_nothing() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("1\n2\n3\n4")
        for key in ("enter", "x", "backspace", "enter"):
            alice.app.post_message(Key(key, key if len(key) == 1 else None))
        await alice.sees("Send these 4 messages")
        await alice.press("escape", "z")
        assert alice.typed == "1\n2\n3\n4z"


async def test_what_is_pasted_while_the_question_comes_up_is_neither_sent_nor_lost() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("1\n2\n3\n4")
        alice.app.post_message(Key("enter", None))
        alice.app.post_message(Paste("\n5"))
        await alice.sees("Send these 4 messages")
        await alice.press("y")
        await alice.misses("Send these 4 messages")
        assert alice.typed == "1\n2\n3\n4\n5"
        assert chat.said() == []


async def test_a_command_among_several_lines_needs_a_second_enter() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("hello\nexit")
        await alice.press("enter")
        assert alice.typed == "hello\nexit"
        await alice.press("enter")
        await until(lambda: chat.said() == ["hello", "exit"])


# Hostile pastes


async def test_what_no_line_may_contain_is_not_pasted() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("a\x1b[31mb\x9b\x00c\x7f\u202ed\u2066e\tf\x07\ud800")
        assert alice.typed == "a[31mbcde f\ufffd"
        await alice.press("ctrl+a", "ctrl+k")
        await alice.pastes("one\u2028two\x0bthree\x85four")
        assert alice.typed == "one\ntwo\nthree\nfour"
        shown = "".join(alice.shown())
        assert shown.isprintable()


async def test_what_no_line_may_contain_is_not_typed_or_put_either() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        for character in ("\u202e", "\x9b", "a"):
            alice.app.post_message(Key(character, character))
        await alice.settles()
        assert alice.typed == "a"
        alice.main.composer.put("x\x1by")
        assert alice.typed == "xy"
        alice.main.composer.draft = Draft("p\x1bq\u202er", 2)
        assert alice.typed == "pqr"


async def test_a_paste_that_is_too_much_is_refused_as_a_whole_and_said_so() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("draft ")
        await alice.pastes("x\n" * 100_000)
        await alice.sees("This paste has 100001 lines and 200000 characters")
        assert alice.typed == "draft "
        await alice.pastes("x" * (MAX_PASTE + 1))
        await alice.sees("This paste has 1 lines")
        await alice.press("y")
        assert alice.typed == "draft y"


async def test_two_thousand_wide_characters_are_a_message_and_one_more_is_none() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("宽" * 2001)
        assert alice.hint == "A message has at most 2000 characters; this one has 2001."
        await alice.press("enter")
        assert len(alice.typed) == 2001
        await alice.press("backspace", "enter")
        await until(lambda: chat.said() == ["宽" * 2000])


async def test_five_hundred_lines_can_be_sent() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("\n".join(map(str, range(500))))
        await alice.press("enter")
        await alice.sees("Send these 500 messages")
        await alice.press("y")
        await until(lambda: chat.said() == [str(number) for number in range(500)])


# Completion


async def test_a_name_at_the_beginning_addresses_somebody_and_shift_tab_walks_back() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "rex") as rex,
        on_telnet(chat.port, "rita") as rita,
        at_screen(chat) as alice,
    ):
        await rex.sends("first")
        await rita.sends("last")
        await until(lambda: list(alice.main.composer.names) == ["rita", "rex"])
        walked = []
        await alice.press("x", "ctrl+j", "r")
        for key in ("tab", "tab", "tab", "shift+tab"):
            await alice.press(key)
            walked.append(alice.typed)
        assert walked == ["x\nrita: ", "x\nrex: ", "x\nrita: ", "x\nrex: "]
        assert alice.focus == "composer"


async def test_tab_offers_the_ids_of_scheduled_messages_after_cancel() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send one -t 1h")
        await alice.enters("send two -t 2h")
        await alice.sees_in("schedule", "two")
        await alice.write("cancel ")
        walked = []
        for _ in range(2):
            await alice.press("tab")
            walked.append(alice.typed)
        assert walked == ["cancel 1", "cancel 2"]
        await alice.press("enter")
        await alice.sees("Cancelled 2: two")


# Schedules


async def test_a_time_of_day_is_told_before_it_is_sent_and_kept_current() -> None:
    with zone("UTC0"):
        async with running_chat() as chat, at_screen(chat, size=(100, 24)) as alice:
            await alice.write("send lunch -t 23:00")
            assert "→ today 23:00, in 46 min 40 s" in alice.hint
            chat.clock.advance(100)
            await alice.sees("→ today 23:00, in 45 min")
            await alice.press("enter")
            await alice.sees_in("schedule", "to everyone")
            [item] = alice.app._state.pending
            assert item.due == DAWN + 2800


async def test_a_time_is_told_in_a_narrow_window() -> None:
    with zone("UTC0"):
        async with running_chat() as chat, at_screen(chat, size=(60, 15)) as alice:
            await alice.write("send lunch -t 23:00")
            assert alice.hint.startswith("[-t SECONDS]  → today 23:00, in 46 min 40 s")


async def test_more_than_thirty_days_stay_in_the_input() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("send hello -t 31d")
        await alice.press("enter")
        assert alice.typed == "send hello -t 31d"
        assert "-t reaches 30 days at most" in alice.hint


# Conversations


async def test_in_a_conversation_with_a_person_lines_go_there() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.says("send psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await alice.sees("Type a message to bob, or a command.")
        await alice.press("h", "i")
        assert alice.hint == "Enter sends this to bob."
        await alice.press("enter")
        await bob.hears("alice -> bob: hi")
        await alice.press("alt+1")
        await alice.sees(START)


async def test_a_draft_is_kept_with_its_cursor() -> None:
    async with offline_at_screen(1, "alice") as alice:
        composer = alice.main.composer
        await alice.write("one\ntwo")
        await alice.press("left", "left")
        kept = composer.draft
        assert kept == Draft("one\ntwo", 5)
        composer.draft = Draft()
        assert composer.draft == Draft()
        await alice.press("ctrl+z")
        assert alice.typed == ""
        composer.draft = kept
        await alice.press("x")
        assert alice.typed == "one\ntxwo"


# What was begun before


async def test_what_was_begun_before_going_back_is_never_lost() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        await alice.enters("earlier")
        await alice.write("a long draft")
        await alice.press("up", "enter")
        await bob.hears("alice: earlier")
        assert alice.typed == "a long draft"
        await alice.press("up", "!")
        assert alice.main.begun == ["a long draft", "earlier!"]
        await alice.press("alt+2", "alt+1")
        assert alice.typed == "earlier!"
        await alice.press("up")
        assert alice.typed == "a long draft"


async def test_a_conversation_in_which_something_was_set_aside_is_not_closed() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        await alice.enters("send later -u bob -t 600")
        await alice.sees_in("schedule", "later")
        await alice.press("alt+2")
        await alice.write("a precious draft")
        alice.main.schedule.focus()
        await alice.press("home", "e")
        await until(lambda: "later" in alice.typed)
        await alice.press("ctrl+u", "ctrl+w")
        assert alice.typed == "a precious draft"
        await alice.sees("[2 bob]")
