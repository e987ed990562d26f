"""One story told to the chat and to the naive model, and compared after each step."""

import random
from collections.abc import Callable
from functools import partial

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Bye, Message, Ok, Refused, Welcome
from chat_server.protocol.names import name
from chat_server.rules.entries import Enter, Fire, Return
from chat_server.rules.state import Outcome
from tests.support.model import Naive, Shown, Somebody
from tests.support.story import Story, told

NAMES = ("alice", "Alice", "bob", "carol", "guest1", "guest2", "server", "a1ice", "AIice")
RECIPIENTS = ("", "", "alice", "a1ice", "bob", "carol", "guest1", "=alice", "=bob")
"""Whom something is for: nobody in particular, a name, or (=) the id of who has a name."""
DELAYS = (0, 0, 1, 30, 90, 700)
SPANS = (1.0, 4.5, 31.0, 59.5, 60.0, 120.0, 600.0, 86_400.0)
KEYS = ("", "", "", "k", "j")


class Telling:
    """A chat and its model; whoever does something is chosen by a number among all there were."""

    def __init__(self) -> None:
        self.story = Story()
        self.naive = Naive()
        self._connections: list[str] = []
        self._tokens: list[str] = []
        self._ids: dict[Somebody, str] = {}
        """The ids of all the people that there were, who are somebody else each."""

    # Steps

    def enters(self, wanted: str, has_token: bool) -> None:
        connection, token = self._opens(), self._fresh() if has_token else ""
        self._begins()
        outcome = self.story.happens(
            Enter(name(wanted) if wanted else None, token or None), connection
        )
        self._compares(outcome, self.naive.enters(connection, wanted, token))

    def resumes(self, which: int, who: int | None) -> None:
        """Come back with a token that was given, or an unknown one, on a new connection or not."""
        known = [person.token for person in self.naive.people if person.token]
        among = known[-5:] * 3 + self._tokens[:2] + ["unknown"]
        token = among[which % len(among)]
        connection = self._opens() if who is None else self._chosen(who)
        fresh = self._fresh()
        self._begins()
        outcome = self.story.happens(Return(token, fresh), connection)
        expected = self.naive.resumes(connection, token, fresh)
        self._compares(outcome, expected)
        if expected == "ok":
            [welcome] = [event for event in told(outcome) if isinstance(event, Welcome)]
            assert [event.text for event in welcome.undelivered] == self.naive.told_undelivered

    def is_given_token(self, who: int) -> None:
        token, connection = self._fresh(), self._chosen(who)
        self._begins()
        self.story.is_given_token(connection, token)
        if (person := self.naive.person(connection)) is not None:
            person.token = token
        self._agree()

    def leaves(self, who: int, goodbye: bool) -> None:
        connection = self._chosen(who)
        self._begins()
        outcome = self.story.types(connection, "exit") if goodbye else self.story.breaks(connection)
        self._compares(outcome, self.naive.leaves(connection, goodbye))

    def renames(self, who: int, key: str, wanted: str) -> None:
        self._types(who, key, f"rename {wanted}", lambda me: self.naive.rename(me, wanted))

    def sends(self, who: int, key: str, to: str, delay: int) -> None:
        text = f"message {len(self.story.entries)}"
        line = f"send {text}"
        line += f" -u {self._typed(to)}" if to else ""
        line += f" -t {delay}" if delay else ""
        self._types(who, key, line, lambda me: self.naive.send(me, text, to, delay))

    def _typed(self, to: str) -> str:
        named = self.naive.named_here(to[1:]) if to.startswith("=") else None
        return to if named is None else f"={self._ids[named]}"

    def cancels(self, who: int, key: str, number: int) -> None:
        line = f"cancel {number or ''}"
        self._types(who, key, line, lambda me: self.naive.cancel(me, number))

    def reports(self, who: int, key: str, target: str) -> None:
        self._types(who, key, f"report {target}", lambda me: self.naive.report(me, target))

    def waits(self, seconds: float) -> None:
        """Let time pass, and fire what is due then."""
        self.story.wait(seconds)
        self.fires_what_is_due()

    def fires_what_is_due(self) -> None:
        due = self.story.chat.due_by(self.story.at)
        expected = [
            (max(item.due, item.waits_until), item.number)
            for item in self.naive.later
            if max(item.due, item.waits_until) <= self.story.at
        ]
        assert due == [number for _, number in sorted(expected)]
        for number in due:
            self.fires(number)

    def fires(self, number: int) -> None:
        self._begins()
        self.story.happens(Fire(number))
        self.naive.fires(number)
        self._agree()

    def starts(self, after: float) -> None:
        """Begin again after a crash; fire what came due meanwhile."""
        self.story.wait(after)
        self._begins()
        self.story.starts()
        self.naive.starts()
        self._agree()
        self.fires_what_is_due()

    def node_ends(self) -> None:
        """End in order, and begin again at once."""
        self._begins()
        self.story.node_ends(self.story.node)
        self.naive.all_leave()
        self._agree()
        self.starts(0.0)

    def is_configured(self, reports: int, mute_seconds: int) -> None:
        self._begins()
        self.story.is_configured(reports, mute_seconds)
        self.naive.reports, self.naive.mute_seconds = reports, mute_seconds
        self._agree()

    # How they are carried out

    def _types(self, who: int, key: str, line: str, rule: Callable[[Somebody], str]) -> None:
        connection = self._chosen(who)
        self._begins()
        outcome = self.story.types(connection, f"@{key} {line}" if key else line)
        me = self.naive.person(connection)
        if me is None:
            self._compares(outcome, "not_entered")
            return
        verdict = "ok" if key and key in me.keys else rule(me)
        if verdict == "ok" and not (key and key in me.keys):
            me.is_idle = False
        if key and verdict == "ok":
            me.keys.append(key)
        self._compares(outcome, verdict)

    def _opens(self) -> str:
        self._connections.append(f"c{len(self._connections)}")
        return self._connections[-1]

    def _chosen(self, who: int) -> str:
        """Choose among all connections that there were, mostly of those who are here."""
        here = [person.connection for person in self.naive.here]
        among = (here * 3 + self._connections[-2:]) or ["nobody"]
        return among[who % len(among)]

    def _fresh(self) -> str:
        self._tokens.append(f"t{len(self._tokens)}")
        return self._tokens[-1]

    def _begins(self) -> None:
        self.naive.passes(self.story.at)

    # How they are compared

    def _compares(self, outcome: Outcome, expected: str) -> None:
        assert verdict(outcome) == expected
        self._agree()

    def _agree(self) -> None:
        assert self.story.users() == [person.text for person in self.naive.here]
        for person in self.naive.here:
            self._agree_about(person)

    def _agree_about(self, person: Somebody) -> None:
        story, connection = self.story, person.connection
        history = [(m.text, shown(m)) for m in story.history(connection, 1000).messages]
        assert history == self.naive.history(person)
        items = sorted(self.naive.owned(person), key=lambda item: item.due)
        assert [
            (item.text, None if item.to is None else item.to.name)
            for item in story.chat.pending(connection).items
        ] == [(item.text, None if item.to is None else item.to.text) for item in items]
        welcome = story.welcome(connection)
        assert (welcome.undelivered, person.undelivered) == ([], [])
        assert (welcome.you.name, welcome.token or "") == (person.text, person.token)
        assert self._ids.setdefault(person, welcome.you.id) == welcome.you.id
        assert len({*self._ids.values()}) == len(self._ids)
        checked = story.chat.check(connection, "", Send("hi"), story.at)
        assert isinstance(checked, Refused) == (story.at < person.muted_until)


def verdict(outcome: Outcome) -> str:
    match outcome.answer:
        case Refused() as refused:
            return refused.code
        case Ok():
            return "ok"
    return "bye" if any(isinstance(event, Bye) for event in told(outcome)) else ""


def shown(message: Message) -> Shown:
    to = None if message.to is None else message.to.name
    is_late = message.due is not None
    return message.sender.name, to, is_late, message.left, int(message.item or 0)


def told_by_chance(seed: int, steps: int) -> Story:
    """Tell a story that chance makes up, the same one for the same seed."""
    chance = random.Random(seed)
    telling = Telling()
    who = partial(chance.randrange, 30)
    pick = chance.choice
    table: list[tuple[int, Callable[[], None]]] = [
        (6, lambda: telling.enters(pick(("", *NAMES)), chance.random() < 0.7)),
        (4, lambda: telling.resumes(who(), pick((None, who())))),
        (2, lambda: telling.is_given_token(who())),
        (3, lambda: telling.leaves(who(), chance.random() < 0.3)),
        (6, lambda: telling.renames(who(), pick(KEYS), pick(NAMES))),
        (20, lambda: telling.sends(who(), pick(KEYS), pick(RECIPIENTS), pick(DELAYS))),
        (4, lambda: telling.cancels(who(), pick(KEYS), pick((0, 0, who())))),
        (6, lambda: telling.reports(who(), pick(KEYS), pick(NAMES))),
        (8, lambda: telling.waits(pick(SPANS[:-1]))),
        (1, lambda: telling.waits(SPANS[-1])),
        (2, lambda: telling.starts(pick(SPANS[:-1]))),
        (1, lambda: telling.node_ends()),
        (1, lambda: telling.is_configured(chance.randrange(3), pick((1, 600)))),
    ]
    weights = [weight for weight, _ in table]
    for _, step in chance.choices(table, weights, k=steps):
        step()
    return telling.story
