"""The rules of nodes: which are here, what of theirs counts, and the ids that their entries make.

A node is one run of a server. Several may append to one journal; each counts for itself.
"""

from chat_server.rules.entries import (
    ClockSet,
    Configure,
    Entry,
    NodeHere,
    NodesGone,
    Proposal,
    Start,
)
from chat_server.rules.state import Node, State

KEPT_RUNS = 1000
"""Earlier runs of nodes whose last id is remembered."""
BEFORE_HERE = (NodeHere, NodesGone, Configure, ClockSet, Start)
"""What counts from a node that is not here yet: appended twice, these change nothing more."""


class Nodes:
    """The rules of nodes, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state

    def counts(self, proposal: Proposal) -> bool:
        """Note a proposal; say whether its node is here, and it was not appended before.

        What a node that was said to be gone goes on to append is too late.
        """
        node = self._state.nodes.get(proposal.node)
        if node is None:
            return isinstance(proposal.command, BEFORE_HERE)
        if proposal.sequence <= node.seen:
            return False
        node.seen = proposal.sequence
        return True

    def come(self, run: str, entry: Entry) -> None:
        """Let a node be here; without another, `started_at` is now: nobody could return before."""
        state, proposal = self._state, entry.proposal
        if not state.nodes:
            state.started_at = entry.at
        state.nodes[proposal.node] = Node(run, proposal.sequence)

    def go(self, names: tuple[str, ...], last: int) -> None:
        """Forget nodes, whose last entries are not after the id `last`."""
        state = self._state
        for name in names:
            node = state.nodes.pop(name, None)
            if node is not None:
                state.runs[node.run] = last
        while len(state.runs) > KEPT_RUNS:
            del state.runs[next(iter(state.runs))]

    def id_of(self, entry: Entry) -> str:
        """Return the id of what an entry makes; no copy of the journal gives it a second time."""
        run = self._state.nodes[entry.proposal.node].run
        return f"{entry.id}-{run}" if run else f"{entry.id}"

    def knows_id(self, number: int, run: str, last: int) -> bool:
        """Say whether this journal, whose last entry is `last`, gave an id or may have given it.

        The id 0 stands for what was before all.
        """
        if any(node.run == run for node in self._state.nodes.values()):
            return number <= last
        return number <= self._state.runs.get(run, -1 if run else 0)
