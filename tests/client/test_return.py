"""The client's connection after a break: back as the same person, every line carried out once."""

from chat_server.protocol.events import History, Message, Refused, Renamed, Welcome
from chat_server.rules.state import KEPT_KEYS
from tests.support.faults import connecting, scripted, wire_to
from tests.support.people import says, welcome
from tests.support.screen import on_telnet, running_chat, until


def message(number: int) -> Message:
    return says("bob", f"message {number}", number=number)


async def test_after_a_break_it_is_the_same_person_and_misses_nothing() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        await bob.sends("before")
        async with connecting(chat.port) as client:
            await client.is_in()
            chat.cut_off_but_telnet()
            await bob.hears("alice left")
            await bob.sends("meanwhile")
            await client.comes_back()
            await bob.sends("after")
            await until(lambda: "after" in client.texts)
            assert [welcome.you.name for welcome in client.welcomes] == ["alice", "alice"]
            assert client.texts == ["before", "meanwhile", "after"]


async def test_a_line_whose_answer_was_lost_is_carried_out_once() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        on_telnet(chat.port, "bob") as bob,
        connecting(wire.port) as client,
    ):
        await client.is_in()
        wire.is_deaf = True
        client.says("send -- only once")
        await bob.hears("alice: only once")
        wire.breaks()
        await client.comes_back()
        await until(lambda: client.answers == [("send -- only once", "ok")])
        client.says("send -- the next")
        assert "the next" in await bob.hears("alice: ")
        await until(lambda: not client.outbox.outgoing)


async def test_a_line_that_got_lost_is_sent_again() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        client.says("send -- hello")
        key = await script.hears("send -- hello")
        script.breaks()
        await client.fails()
        client.connection.retry_now()
        await script.welcomes()
        assert await script.hears("send -- hello") == key


async def test_it_asks_for_what_came_after_the_last_it_is_sure_of() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes(last="5")
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        script.says(message(6))
        for _ in range(2):
            await until(lambda: "message 6" in client.texts)
            script.breaks()
            await client.fails()
            client.connection.retry_now()
            await script.welcomes(last="8")
            await script.hears("history 1000 --since 6")
            script.says(message(9))
            await until(lambda: "message 9" in client.texts)
            client.heard.remove(message(9))


async def test_where_it_is_somebody_new_it_holds_what_may_have_been_said() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        wire_to(old.port) as wire,
        connecting(wire.port) as client,
    ):
        await client.is_in()
        wire.is_deaf = True
        client.says("send -- one")
        client.says("send -- two")
        wire.target = new.port
        wire.breaks()
        await client.comes_back()
        await until(lambda: [event for event in client.heard if isinstance(event, Renamed)])
        assert new.names == ["alice"]
        client.says("send -- three")
        await until(lambda: client.texts == ["three"])
        assert [waiting.state for waiting in client.outbox.outgoing] == ["held", "held"]


async def test_what_was_held_is_sent_when_our_user_says_so() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        wire_to(old.port) as wire,
        connecting(wire.port) as client,
    ):
        await client.is_in()
        wire.is_deaf = True
        client.says("send -- one")
        wire.target = new.port
        wire.breaks()
        await client.comes_back()
        again = client.outbox.retry()
        assert again is not None
        client.connection.send_waiting()
        await until(lambda: client.texts == ["one"])
        await until(lambda: not client.outbox.outgoing)


async def test_a_break_before_the_refusal_sends_nothing_either() -> None:
    """The welcome of somebody new came through, the answer that says so did not."""
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes(token="old")
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        client.says("send -- hello")
        await script.hears("send -- hello")
        script.breaks()
        await client.fails()
        client.connection.retry_now()
        await script.hears("resume old")
        script.says(stranger("new"))
        await until(lambda: len(client.welcomes) == 2)
        script.breaks()
        await client.fails()
        client.connection.retry_now()
        refused = Refused("bad_token", {"hours": 24}, re=await script.hears("resume old"))
        script.says(stranger("newer"), refused)
        await script.hears("rename alice")
        assert [waiting.state for waiting in client.outbox.outgoing] == ["held"]


def stranger(token: str) -> Welcome:
    return welcome("guest1", last="5", token=token)


async def test_many_lines_whose_answers_were_lost_are_carried_out_once() -> None:
    """More of them than a server remembers the keys of."""
    texts = [f"number {number}" for number in range(2 * KEPT_KEYS)]
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        on_telnet(chat.port, "bob") as bob,
        connecting(wire.port) as client,
    ):
        await client.is_in()
        wire.is_deaf = True
        for text in texts:
            client.says(f"send -- {text}")
        await bob.hears("alice: number 30")
        wire.breaks()
        await client.comes_back()
        await until(lambda: not client.outbox.outgoing)
        client.says("send -- the end")
        await until(lambda: client.texts[-1] == "the end")
        assert chat.said() == [*texts, "the end"]


async def test_a_break_before_the_history_came_loses_nothing_said_since() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes(last="5")
        await script.hears("history")
        script.says(message(6))
        await until(lambda: "message 6" in client.texts)
        script.breaks()
        await client.fails()
        client.connection.retry_now()
        await script.welcomes(last="300")
        await script.hears("history 1000")


async def test_a_break_before_another_chats_history_came_forgets_the_old_one() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes(last="500")
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        for question in ("history", "history 1000"):
            script.breaks()
            await client.fails()
            client.connection.retry_now()
            await script.welcomes(chat="anew")
            assert await script.hears_whole("history") == question


async def test_where_it_is_somebody_new_it_asks_for_its_latest_name() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        wire_to(old.port) as wire,
        connecting(wire.port) as client,
    ):
        await client.is_in()
        client.says("rename ada")
        await until(lambda: client.answers == [("rename ada", "ok")])
        wire.target = new.port
        wire.breaks()
        await client.comes_back()
        await until(lambda: new.names == ["ada"])
