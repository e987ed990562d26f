"""What is said, and done to what is scheduled, until it is answered; without a connection."""

from chat_server.protocol.commands import Cancel, Send, Users
from chat_server.protocol.events import Item, Ok, Refused
from chat_server.protocol.names import name
from chat_tui.session.conversations import Conversation, Conversations
from chat_tui.session.outbox import Outbox
from chat_tui.session.schedule_editing import ScheduleEditing
from chat_tui.session.schedule_edits import UNDO_SECONDS
from chat_tui.session.sending import UNASKED, Progress
from chat_tui.session.speaker import Speaker
from chat_tui.session.state import ChatState
from tests.support.clock import DAWN, FakeClock
from tests.support.people import person

BOB = person("bob")
ITEM = Item("7", DAWN, DAWN + 60, BOB, "later")


class Talk:
    """Somebody who speaks, and a server that the test plays."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.state = ChatState(DAWN)
        self.state.people.are_here([BOB])
        self.state.pending = [ITEM]
        self.outbox = Outbox(self.clock.now)
        self.conversations = Conversations()
        self.sent: list[str] = []
        self.speaker = Speaker(self.outbox, self.conversations, self.state.people, self._send)
        self.editing = ScheduleEditing(
            self.state, self.outbox, self.speaker, self.clock.now, self.clock.monotonic
        )

    def _send(self) -> None:
        """Send as a connection does, with nothing waiting for room."""
        for outgoing in self.outbox.waiting:
            if not outgoing.was_sent and (command := self.outbox.sendable(outgoing.key)):
                self.sent.append(outgoing._replace(command=command).line)

    def answers(self, *, is_ok: bool = True) -> None:
        """Answer the oldest line that waits."""
        oldest = self.outbox.waiting[0]
        self.outbox.answer(oldest.key, Ok() if is_ok else Refused("muted"))
        self.editing.answered(oldest.key, is_ok=is_ok)

    def progress(self) -> Progress | None:
        return self.speaker.progress

    @property
    def homes(self) -> list[Conversation]:
        return [self.speaker.owner(outgoing) for outgoing in self.outbox.outgoing]


def test_what_is_said_to_somebody_is_shown_and_looked_at_with_them() -> None:
    talk = Talk()
    looked_at = talk.speaker.say([Send("psst", BOB.id)], BOB, None)
    assert looked_at is not None and looked_at.key == BOB.id
    assert talk.homes == [looked_at]
    assert talk.sent == ["send -u bob -- psst"]


def test_what_is_said_to_a_name_is_shown_with_who_has_it_or_where_one_is() -> None:
    talk = Talk()
    talk.speaker.say([Send("one", name("BOB"))], None, None)
    talk.speaker.say([Send("two", name("nobody"))], None, None)
    assert [home.key for home in talk.homes] == [BOB.id, ""]


def test_what_is_said_later_is_shown_where_one_is_and_nothing_is_turned_to() -> None:
    talk = Talk()
    assert talk.speaker.say([Send("later", BOB.id, 60)], BOB, None) is None
    assert talk.homes == [talk.conversations.everyone]
    talk.speaker.send(Users())
    assert talk.homes == 2 * [talk.conversations.everyone]


def test_a_line_of_a_conversation_that_was_closed_is_shown_with_everyone() -> None:
    talk = Talk()
    home = talk.speaker.say([Send("psst", BOB.id)], BOB, None)
    assert home is not None
    talk.conversations.go(home)
    talk.conversations.close()
    assert talk.homes == [talk.conversations.everyone]


def test_how_far_many_lines_are_is_told_until_all_are_answered() -> None:
    talk = Talk()
    talk.speaker.say([Send(str(number)) for number in range(UNASKED)], None, None)
    assert talk.progress() is None
    for _ in range(UNASKED):
        talk.answers()
    talk.speaker.say([Send(str(number)) for number in range(UNASKED + 1)], None, None)
    assert talk.progress() == Progress(0, UNASKED + 1)
    talk.answers()
    assert talk.progress() == Progress(1, UNASKED + 1)
    for _ in range(UNASKED):
        talk.answers()
    assert talk.progress() is None


def test_what_is_stopped_goes_back_to_where_it_was_written() -> None:
    talk = Talk()
    for number in range(UNASKED + 2):
        talk.outbox.add(Send(f"before {number}"))
    many = [Send(str(number), BOB.id, 60) for number in range(UNASKED + 1)]
    talk.speaker = Speaker(talk.outbox, talk.conversations, talk.state.people, lambda: None)
    talk.speaker.say(many, BOB, None)
    stopped = talk.speaker.stop()
    assert stopped is not None
    assert (stopped.lines, stopped.conversation.key) == (UNASKED + 1, BOB.id)
    assert stopped.text == "send -t 60 -- " + "\n".join(map(str, range(UNASKED + 1)))
    assert len(talk.outbox.outgoing) == UNASKED + 2
    assert talk.speaker.stop() is None


def test_only_what_failed_where_one_looks_is_sent_again_or_dropped() -> None:
    talk = Talk()
    here = talk.conversations.everyone
    there = talk.speaker.say([Send("there", BOB.id)], BOB, None)
    talk.speaker.say([Send("here")], None, None)
    talk.answers(is_ok=False)
    assert talk.speaker.again() is None
    assert talk.speaker.drop() is None
    talk.answers(is_ok=False)
    assert talk.speaker.again() is here
    assert there is not None
    talk.conversations.go(there)
    assert talk.speaker.drop() is not None
    assert [outgoing.line for outgoing in talk.outbox.outgoing] == ["send -- here"]


def test_an_item_is_cancelled_and_put_back_for_whom_it_was() -> None:
    talk = Talk()
    assert talk.editing.begin("cancelled", ITEM) is not None
    assert talk.editing.begin("cancelled", ITEM) is None
    assert talk.sent == ["cancel 7"]
    talk.answers()
    talk.clock.advance(2)
    undone = talk.editing.undo()
    assert undone is not None and undone.item == ITEM
    (again,) = talk.outbox.waiting
    assert (again.command, again.to) == (Send("later", BOB.id, 58), BOB)
    assert talk.editing.undo() is None


def test_what_was_not_sent_yet_is_taken_back_by_undoing_it() -> None:
    talk = Talk()
    talk.speaker = Speaker(talk.outbox, talk.conversations, talk.state.people, lambda: None)
    talk.editing = ScheduleEditing(
        talk.state, talk.outbox, talk.speaker, talk.clock.now, talk.clock.monotonic
    )
    talk.editing.begin("cancelled", ITEM)
    assert talk.editing.undo() is not None
    assert (talk.outbox.outgoing, talk.editing.shown) == ([], [])


def test_an_item_is_sent_once_it_can_not_be_undone_and_is_cancelled() -> None:
    talk = Talk()
    talk.editing.begin("sending", ITEM)
    talk.editing.send_due()
    assert talk.sent == []
    talk.clock.advance(UNDO_SECONDS)
    talk.editing.send_due()
    assert talk.sent == ["cancel 7"]
    talk.answers()
    assert talk.sent == ["cancel 7", "send -u bob -- later"]


def test_what_could_not_be_done_is_told() -> None:
    talk = Talk()
    change = talk.editing.begin("edited", ITEM)
    assert change is not None and change.edited == "send -t 60 -- later"
    (line,) = talk.outbox.waiting
    assert line.command == Cancel("7")
    talk.outbox.answer(line.key, Refused("unknown_item"))
    failed = talk.editing.answered(line.key, is_ok=False)
    assert failed is not None and failed.item == ITEM
