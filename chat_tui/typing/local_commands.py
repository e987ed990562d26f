"""Commands that the client carries out by itself; they begin with a slash, so no message is one."""

from typing import Literal, NamedTuple, get_args

from chat_server.protocol.events import Person
from chat_tui.session.state import ChatState, Moves
from chat_tui.typing.intent import LocalCommand, LocalName, Refusal

_SLASH = "/"


class OwnCommand(NamedTuple):
    """A command that the server does not know."""

    name: LocalName
    usage: str
    summary: str


OWN_COMMANDS: dict[str, OwnCommand] = {
    command.name: command
    for command in (
        OwnCommand("ignore", "/ignore [NAME]", "show nothing of somebody; alone: list them"),
        OwnCommand("unignore", "/unignore NAME", "show somebody again"),
        OwnCommand("moves", "/moves all|smart|none", "whose coming and leaving is told"),
    )
}
MOVES: tuple[Moves, ...] = get_args(Moves)


def parse_local(line: str) -> LocalCommand | Refusal | None:
    """Read a line that is a command of the client's own; None for any other."""
    word, _, rest = line.strip().partition(" ")
    command = OWN_COMMANDS.get(word.lower().removeprefix(_SLASH)) if word[:1] == _SLASH else None
    if command is None:
        return None
    arguments = rest.split()
    if fault := _fault(command, arguments):
        return Refusal(fault, {"usage": command.usage}, command.name)
    return LocalCommand(command.name, "".join(arguments))


def parse_moves(argument: str) -> Moves | None:
    """Read whose moves are to be told; None for anything else."""
    return next((moves for moves in MOVES if moves == argument.lower()), None)


def own_arguments(name: str) -> tuple[str, ...] | None:
    """Return what may come after a command; None: the name of somebody."""
    return MOVES if name == "moves" else None


def carry_out(given: LocalCommand, state: ChatState) -> tuple[Literal["fact", "refusal"], str]:
    """Do what was asked for; return what to say of it."""
    name = given.argument
    if given.command == "moves":
        return "fact", _set_moves(parse_moves(name) or state.moves, state)
    if given.command == "unignore":
        if not state.ignored.remove(name):
            return "refusal", f"You do not ignore {name}."
        return "fact", f"What {name} says is shown again from now on."
    if given.to is not None:
        return _ignore(name, state.people.find(given.to.id) or given.to, state)
    return _ignore(name, state.people.known_as(name), state)


def _ignore(
    name: str, whom: Person | None, state: ChatState
) -> tuple[Literal["fact", "refusal"], str]:
    if not name:
        return "fact", f"You ignore: {', '.join(state.ignored.names) or 'nobody'}"
    if whom is not None and whom.id == state.you.id:
        return "refusal", "That is you."
    state.ignored.add(name, whom)
    known = name if whom is None else whom.name
    return "fact", f"Nothing of {known} is shown from now on; /unignore {known} ends that."


def _set_moves(moves: Moves, state: ChatState) -> str:
    state.moves = moves
    return {
        "all": "You are told of everybody who comes and leaves.",
        "smart": "You are told of people who come and leave if they spoke lately.",
        "none": "You are not told any more who comes and leaves.",
    }[moves]


def _fault(command: OwnCommand, arguments: list[str]) -> str:
    """Return the code of what is wrong with the arguments; "" where it is nothing."""
    if len(arguments) > 1:
        return "one_word"
    if command.name == "moves" and (not arguments or parse_moves(arguments[0]) is None):
        return "bad_moves"
    return "missing_name" if command.name == "unignore" and not arguments else ""
