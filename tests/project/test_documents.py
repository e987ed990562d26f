"""The documents tell the truth: what they list is what there is, and their bot works."""

import asyncio
import re
import sys
from pathlib import Path

from dotenv import dotenv_values

from chat_server.protocol.commands import COMMANDS
from chat_server.protocol.events import Event
from chat_server.settings import Settings, settings_from
from tests.support.client import Client
from tests.support.running import Running

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
OF_THE_CLIENT = {"CHAT_NAME", "CHAT_CONFIG"}


def section(document: str, title: str) -> str:
    return document.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(table: str) -> list[str]:
    return [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]


def test_protocol_lists_every_refusal_code_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "chat_server").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'Refused\(\s*"(\w+)"', source)}
    listed = " ".join(first_cells(section(PROTOCOL, "Refusals")))
    assert set(re.findall(r"`(\w+)`", listed)) == codes


def test_protocol_lists_every_event_with_its_fields() -> None:
    rows = {
        name: row
        for row in section(PROTOCOL, "Events").splitlines()
        for name in re.findall(r"`(\w+)`", row.split(" | ")[0])
        if row.startswith("| `")
    }
    for event in Event.__args__:
        name = event.__name__.lower()
        if name == "crowd":
            continue
        for field in event.__struct_fields__:
            assert field == "re" or f"`{field}`" in rows[name], (name, field)


def test_readme_lists_every_command_with_its_summary() -> None:
    rows = section(README, "Commands").splitlines()
    for spec in COMMANDS.values():
        usage = spec.usage.replace("|", "\\|")
        assert f"| `{usage}` | {spec.summary} |" in rows


def test_readme_and_env_example_list_every_setting() -> None:
    listed = {cell.strip("| `") for cell in first_cells(section(README, "Settings"))}
    fields = {f"CHAT_{field.upper()}" for field in Settings.__struct_fields__}
    assert listed == fields | OF_THE_CLIENT
    assert set(dotenv_values(ROOT / ".env.example")) == listed


def test_env_example_holds_the_defaults() -> None:
    given = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}
    assert settings_from(given) == Settings()


async def test_the_bot_of_the_protocol_works(server: Running, alice: Client) -> None:
    [bot] = re.findall(r"```python\n(.*?)```", PROTOCOL, re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", bot, server.host, str(server.port)
    )
    try:
        await alice.expect("echo-bot joined")
        await alice.say("send -- !echo привет, -u bob")
        await alice.expect("echo-bot: привет, -u bob")
    finally:
        process.kill()
        await process.wait()
