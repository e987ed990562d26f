"""A hostile peer, behind a server that lets everything through: nothing of theirs is ever obeyed.

Names and texts hold markup, escape sequences, links, letters that turn the direction or have no
width, and 2000 wide characters. They come to every place where text is shown, on a real
terminal, whose bytes are looked at.
"""

import re
from pathlib import Path

import pytest

from chat_server.protocol.events import (
    Bye,
    Data,
    History,
    Item,
    Muted,
    Ok,
    Person,
    Refused,
    Undelivered,
)
from tests.support.clock import DAWN
from tests.support.faults import Scripted, scripted
from tests.support.on_terminal import OnTerminal, on_terminal
from tests.support.people import joined, person, renamed, says, welcome
from tests.support.screen import until

ESCAPES = (
    "\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\"
    "\x1b]52;c;ZXZpbA==\x07\x1b]0;evil\x07\x1b[31;7777m\x1b[2J\x1bPevil\x1b\\\x1b_evil\x1b\\"
    "\x9b31m\x9d0;evil\x9c\x85\x07\x08\x00\x7f\r"
)
MARKUP = "[@click=app.quit]quit[/] [b]b[/b] [/nothing] [$nothing] \\[ [red on"
TURNED = "\u202eevil\u202c \u2066evil\u2069 \u200b\u200d\ufeff\u2028\u2029"
STACKED = "e" + "\u0301" * 50
HOSTILE = f"{MARKUP} {ESCAPES} {TURNED} {STACKED} {'語' * 2000} end"
NAME = f"[@click=app.quit]mallory[/b]{ESCAPES}{TURNED}"

F1, F6, F7, F8 = "\x1bOP", "\x1b[17~", "\x1b[18~", "\x1b[19~"
PAGE_UP, ESCAPE = "\x1b[5~", "\x1b[27u"
REDRAW, PALETTE, SEARCH, EXPORT, QUIT = "\x0c", "\x10", "\x06", "\x13", "\x11"

OWN = re.compile(
    "\x1b(\\[[0-9;:<>?=$]*[A-Za-z]|\\[[0-9;?]*\\$p|\\]22;[a-z-]*\x07?(\x1b\\\\)?|\\]52;c;[A-Za-z0-9+/=]*\x07|[=>78]|\\(B)"
)
"""What the client may write to a terminal beside letters."""
NEVER = re.compile(
    "[\x00-\x07\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def assert_harmless(person: OnTerminal, bells: int = 0) -> None:
    """Look at every byte that the terminal has got, once no more can come after it."""
    written = person.raw.decode("utf-8", "strict")
    rest = OWN.sub("", written)
    assert rest.count("\x07") <= bells
    rest = rest.replace("\x07", "")
    assert "\x1b" not in rest, rest[rest.find("\x1b") :][:60]
    found = NEVER.search(rest)
    assert found is None, repr(rest[max(0, found.start() - 30) :][:60])
    assert not set(rest) & set("\u200b\u200d\ufeff"), "what has no width"
    obeyed = "".join(match[0] for match in OWN.finditer(written))
    assert "7777m" not in obeyed and "]52;c;ZXZpbA==" not in obeyed


async def enters(script: Scripted, name: str = NAME) -> None:
    """Let alice in, among hostile people, with hostile things that wait for her."""
    await script.hears("format json")
    key = await script.hears("rename alice")
    hostile = Person(name, name)
    data: Data = {"name": HOSTILE, "id": HOSTILE, "limit": HOSTILE}
    item = Item("7", DAWN, DAWN + 4_000_000_000, hostile, HOSTILE)
    script.says(
        welcome(
            "alice",
            [person("alice"), hostile, person(HOSTILE)],
            pending=[item],
            undelivered=[Undelivered("8", HOSTILE, hostile, HOSTILE, because=HOSTILE)],
            last="5",
            token="token",
        ),
        Ok(re=key),
    )
    history = History([says(hostile, HOSTILE, number=6)], None, re=await script.hears("history"))
    script.says(
        history,
        says(hostile, f"alice {HOSTILE}", number=7),
        says(hostile, HOSTILE, "alice", number=8, item=HOSTILE),
        joined(f"{name}2"),
        renamed(f"{name}2", f"{name}3"),
        Muted(hostile, DAWN),
        Refused("odd", data, HOSTILE),
        Refused("name_too_long", data, HOSTILE),
        Ok(code="reported", data=data),
        says("bob", "the last one", number=9),
    )


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
async def test_nothing_hostile_reaches_a_terminal_from_anywhere(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with scripted() as script, on_terminal(tmp_path, script.port, size) as alice:
        await enters(script)
        await alice.sees("the last one")
        alice.presses(EXPORT)
        await until(lambda: bool(texts(tmp_path)), "a file")
        for keys in (F7, F8, F6, F6, F6, F6, F6, PAGE_UP, "\r", ESCAPE):
            await pressed(alice, keys)
        for keys in (F1, PALETTE, f"{PALETTE}mall", f"{SEARCH}[@click", "\x1b1", "\x1b2"):
            await pressed(alice, keys)
            await pressed(alice, ESCAPE)
        for row, text in enumerate(alice.shown()):
            for match in re.finditer(r"quit|mallory|evil", text):
                alice.clicks(match.start(), row)
                await pressed(alice, ESCAPE)
        script.says(Bye(HOSTILE, text=HOSTILE))
        script.breaks()
        await alice.sees("gain")
        await pressed(alice, "")
        assert alice.process.returncode is None
        (exported,) = (text.splitlines() for text in texts(tmp_path))
        assert not any(NEVER.search(line) for line in exported)
        alice.presses(QUIT)
        await alice.sees("Quit all the same?")
        alice.presses("y")
        assert await alice.ends() == 0
        await until(alice.has_read_all, "all that was written")
        assert_harmless(alice, bells=20)


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.glob("chat-*.txt")]


async def pressed(person: OnTerminal, keys: str) -> None:
    """Press keys, and wait until the client has taken up another one after them."""
    person.presses(keys)
    before = len(person.raw)
    person.presses(REDRAW)
    await until(
        lambda: len(person.raw) > before + 500,
        f"an answer to {keys!r}; {person.process.returncode}\n" + "\n".join(person.shown()),
    )
