"""Text from people is shown to the letter, in every widget: it is never read as markup."""

from chat_server.protocol.wording import local_time
from tests.support.people import people, person
from tests.support.screen import at_screen, offline_at_screen, on_telnet, running_chat, until

TRICKS = [
    "[red]x[/red]",
    "[/]",
    "[@click=app.quit]x[/]",
    "[bold",
    "[link=file:///etc/passwd]x[/link]",
    "\\[red]",
    "$text [$error]x",
    ":smile:",
]


async def test_messages_are_shown_to_the_letter() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        for text in TRICKS:
            await bob.sends(text)
        await alice.sees(f"bob: {TRICKS[-1]}")
        assert alice.said() == [f"bob: {text}" for text in TRICKS]


async def test_messages_can_be_clicked_without_effect() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("[@click=app.quit]x[/] [link=file:///etc/passwd]y[/link]")
        await alice.sees("/etc/passwd")
        strips = alice.app.screen._compositor.render_strips()
        styles = [part.style for strip in strips for part in strip if part.style]
        assert not any("@click" in style.meta or style.link for style in styles)


async def test_scheduled_messages_are_shown_to_the_letter() -> None:
    async with running_chat() as chat, at_screen(chat, size=(80, 50)) as alice:
        for number, text in enumerate(TRICKS):
            await alice.enters(f"send -t {60 + number} {text}")
        for passed in (0, 10):
            chat.clock.advance(passed)
            for number, text in enumerate(TRICKS):
                left = 60 + number - passed
                countdown = f"{left // 60}:{left % 60:02} to everyone"
                due = local_time(int(chat.clock.now() + left))
                await alice.sees_in("schedule", f"{countdown}\n{due:%H:%M} {text[:14]}")


async def test_the_hint_is_shown_to_the_letter() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        for word in (text.replace(" ", "") for text in TRICKS):
            alice.main.composer.put(f"/{word}")
            await alice.sees(f"There is no command /{word}. To say it: send")


async def test_a_refusal_is_shown_to_the_letter() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("report [red]x[/red]")
        await alice.sees("! Nobody here is called [red]x[/red]")


async def test_ones_own_name_is_shown_to_the_letter() -> None:
    """No server of ours allows such names; another one might."""
    async with running_chat() as chat, at_screen(chat) as alice:
        names = ["[red]x[/red]", "[/]"]
        alice.app._state.people.are_here(people(*names))
        alice.app._state.you = person("[/]")
        alice.app._show()
        await until(lambda: alice.people() == ["[/] (you)", "[red]x[/red]"])
        await alice.sees("you are [/]")


async def test_the_reason_of_a_broken_connection_is_shown_to_the_letter() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.sees("offline")
        status = alice.app._connection.status
        alice.app._connection.status = status._replace(reason="[red]x[/red] [/]")
        alice.app._show()
        await alice.sees(": [red]x[/red] [/]")
