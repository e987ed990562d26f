"""What is shown follows from what changes; with time alone come countdowns, and nothing else."""

from collections.abc import Callable

import pytest
from textual.message_pump import MessagePump
from textual.timer import Timer

from chat_tui.app import ChatApp
from tests.support.screen import at_screen, offline_at_screen, on_telnet, running_chat


@pytest.fixture
def _without_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing come with time alone."""

    def never(app: ChatApp, interval: float, callback: Callable[[], None]) -> Timer:
        return MessagePump.set_interval(app, 1e6 * interval, callback)

    monkeypatch.setattr(ChatApp, "set_interval", never)


@pytest.mark.usefixtures("_without_time")
async def test_what_changes_is_shown_when_it_does() -> None:
    async with running_chat() as chat, at_screen(chat, size=(100, 24)) as alice:
        await alice.press("f7", "f8")
        await alice.sees("F7 people 1 · F8 scheduled 0")
        async with on_telnet(chat.port, "bob") as bob:
            await alice.sees("F7 people 2 · F8 scheduled 0")
            await bob.sends("psst -u alice")
            await alice.sees("2 bob (1)")
            await alice.enters("send later -t 600")
            await alice.sees("F7 people 2 · F8 scheduled 1")
            await alice.press("f8")
            await alice.sees_in("schedule", "later")
            await alice.enters("rename ada")
            await alice.sees("you are ada")
            await bob.says("exit")
            await alice.sees("F7 people 1 · F1 help")
        chat.cut_off_but_telnet()
        await alice.sees("○ offline")


@pytest.mark.usefixtures("_without_time")
async def test_what_waits_and_what_is_refused_is_shown_when_it_is_typed() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.sees("○ offline")
        await alice.enters("hello")
        await alice.hears("… hello")
        await alice.press("ctrl+q")
        await alice.sees("1 message has not been sent.")
