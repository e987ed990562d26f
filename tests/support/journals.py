"""What the tests of journals share: a clock that is set, proposals, and reading them back."""

from chat_server.journal import Journal
from chat_server.rules.entries import Entry, Fire, Proposal


def proposals(first: int, last: int) -> list[Proposal]:
    return [
        Proposal("node", number, "connection", "key", Fire(number))
        for number in range(first, last + 1)
    ]


async def entries(journal: Journal, after: int, count: int) -> list[Entry]:
    """Read that many entries after an id."""
    read: list[Entry] = []
    async for batch in journal.read(after):
        assert batch
        read += batch
        if len(read) >= count:
            break
    return read


async def all_entries(journal: Journal, after: int = 0) -> list[Entry]:
    """Read to the end, which is a last batch that is appended for this."""
    await journal.append([Proposal("reader", 1, "", "", Fire(0))])
    read: list[Entry] = []
    async for batch in journal.read(after):
        read += batch
        if read[-1].proposal.node == "reader":
            break
    return read[:-1]


def numbers(read: list[Entry]) -> list[int]:
    """Return which of `proposals` became these entries."""
    return [entry.proposal.sequence for entry in read]
