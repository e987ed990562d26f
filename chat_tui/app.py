"""The client: what the connection hears changes the state, which the screen shows."""

import asyncio
import secrets
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import textual.screen
from textual import events, on
from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen

from chat_server.protocol.events import History, Ok, Refused, Reply
from chat_tui.app_base import Looks
from chat_tui.config.actions import Place
from chat_tui.config.settings import Settings
from chat_tui.describing import Describing, Doable
from chat_tui.identifying import Identifying
from chat_tui.leaving import Leaving, LeftBehind
from chat_tui.local_server import LocalServer
from chat_tui.plain import export
from chat_tui.repainting import Repainting
from chat_tui.screens.details import DetailsScreen
from chat_tui.screens.main import MainScreen
from chat_tui.session.connection import Connection, why_stopped
from chat_tui.session.conversations import Conversations
from chat_tui.session.notifications import Notices
from chat_tui.session.outbox import Outbox, Outgoing
from chat_tui.session.protocol import Answered, Told
from chat_tui.session.schedule_editing import ScheduleEditing
from chat_tui.session.schedule_edits import Change
from chat_tui.session.speaker import Speaker
from chat_tui.session.spoken import Guarded
from chat_tui.session.state import ChatState, Status
from chat_tui.session.watch import Watch
from chat_tui.sharing import Sharing
from chat_tui.terminal import parser as terminal_input
from chat_tui.terminal.inputs import Inputs, watch_queues
from chat_tui.terminal.parser import TerminalGone
from chat_tui.terminal.suspension import Returned
from chat_tui.typing.intent import Ask, Identify, LocalCommand, Say
from chat_tui.typing.local_commands import carry_out
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages.view import MessageView
from chat_tui.widgets.people import PeopleList
from chat_tui.widgets.schedule import ScheduleList, Times

PAINT_PERIOD = 1 / 500
"""Seconds between paints of what is typed, at least; what others say has a pace of its own."""

_BY_HAND = (
    events.Key,
    events.Paste,
    events.MouseDown,
    events.MouseScrollDown,
    events.MouseScrollUp,
)
"""What comes only from somebody who is there."""


class ChatApp(Looks):
    """The chat in a terminal.

    `now` gives the time in seconds since 1970, `monotonic` that of a clock that nobody sets, by
    which spans are measured. `config` is the file of preferences; with None the defaults hold, and
    nothing is remembered. `server` is one that was started with us.
    """

    TITLE = "chat"

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], float],
        config: Path | None = None,
        monotonic: Callable[[], float] | None = None,
        server: LocalServer | None = None,
    ) -> None:
        watch_queues()
        super().__init__(config, has_colour=settings.has_colour, is_visitor=settings.is_visitor)
        # Textual's own 1/60 delays the echo of a key by one or two of them (screen.py, 8.2).
        textual.screen.UPDATE_PERIOD = PAINT_PERIOD  # type: ignore[misc]
        terminal_input.correct()
        self._inputs = Inputs(self, super().on_event)
        self._now = now
        self._steady = monotonic or now
        self._place = f"{settings.host}:{settings.port}"
        self._state = ChatState(self._steady() - now())
        for fault in (*self.liked.faults, *settings.warnings):
            self._state.warn(fault, self._steady())
        if server is not None:
            told = f"A server was started with you; {server.kept}"
            self._state.say("fact", told, self._steady())
        self._state.moves = self.preferences.moves
        self._state.ignored.entries = self.preferences.ignored
        self._conversations = Conversations()
        self._main = MainScreen(now, self._conversations, self.preferences.keys)
        self._outbox = Outbox(now, secrets.token_hex(4))
        likes = self.preferences
        self._watch = Watch(
            self._state,
            self._conversations,
            Notices(likes.notify, likes.notify_seconds, is_tmux=settings.is_tmux),
            self._steady,
            call=self._write,
            looked_away=lambda: self._main.messages.stop_reading(),
            looked_back=self._show_soon,
        )
        self._repainting = Repainting(self, self._show)
        self._connection = Connection(
            settings.host,
            settings.port,
            settings.name,
            self._outbox,
            hear=self._hear,
            changed=self._status_changed,
        )
        self._speaker = Speaker(
            self._outbox,
            self._conversations,
            self._state.people,
            self._connection.send_waiting,
        )
        self._editing = ScheduleEditing(self._state, self._outbox, self._speaker, now, self._steady)
        self._leaving = Leaving(self, self._connection, server, self._left_behind)
        self._identifying = Identifying(
            self,
            self._connection.ask,
            tell=self._tell,
            warn=self.warn,
            closed=lambda: self._main.composer.unlock(),
        )
        self._describing = Describing(
            self,
            self._main,
            self._state,
            self._connection.ask,
            now=lambda: self._steady() + self._state.clock_offset,
            do=self._do_said,
        )
        self._sharing = Sharing(self, super().copy_to_clipboard)

    def get_default_screen(self) -> MainScreen:
        return self._main

    @property
    def typed(self) -> str:
        """What has no answer yet or was refused, and what is being written in any conversation."""
        unsaid = [each.line for each in self._outbox.outgoing if not each.is_question]
        return "\n\n".join([*unsaid, *self._main.begun])

    def warn(self, text: str) -> None:
        self._state.warn(text, self._steady())
        self._show_soon()

    def at(self, place: Place) -> DOMNode:
        return self if place == "app" else self._main.at(place)

    def on_mount(self) -> None:
        # From 3.12 on Textual starts tasks eagerly, and asyncio's connecting fails (gh-124309).
        asyncio.get_running_loop().set_task_factory(None)
        self._watch.take()
        self._repainting.now()
        self.set_interval(1.0, self._count_down)
        self.run_worker(self._inputs.run(), exit_on_error=True)
        self.run_worker(self._connection.run(), exit_on_error=True)
        if not self.is_headless and sys.platform != "win32":
            self._leaving.leave_on_signals()

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        if sys.platform == "win32":
            return usual
        from chat_tui.terminal.driver import driver_for  # which needs what Windows lacks

        return driver_for(usual)

    # What is heard

    def _hear(self, event: Told) -> None:
        """Take in what the server says; show it together with whatever else comes at once."""
        self._repainting.came()
        self._state.active = self._conversations.active.key
        if isinstance(event, Answered):
            self._answered(event.outgoing, event)
        else:
            self._state.apply(event, self._steady())
            if isinstance(event, History):
                self._watch.caught_up()
        self._show_soon()

    def _answered(self, outgoing: Outgoing, answered: Answered) -> None:
        if not (isinstance(answered.event, Refused) and outgoing.said):
            for key in self._places(outgoing, answered.event):
                self._state.note(answered.event, self._steady(), key)
        failed = self._editing.answered(outgoing.key, is_ok=isinstance(answered.event, Ok))
        if failed is not None:
            self._end_edit(failed)

    def _places(self, outgoing: Outgoing, answer: Reply) -> Iterable[str]:
        """Return where an answer is shown: where its line is, and where the message is that it
        is about.
        """
        keys = [self._speaker.owner(outgoing).key]
        if isinstance(answer, Ok) and answer.code and outgoing.said:
            keys.append(self._state.shown_in(answer.id) or keys[0])
        return dict.fromkeys(keys)

    def _tell(self, answer: Ok) -> None:
        """Show what came of something for which a password was asked."""
        self._state.note(answer, self._steady(), self._conversations.active.key)
        self._show_soon()

    def _write(self, sequence: str) -> None:
        """Write to the terminal what is not for the screen."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    # Looking away and back

    def on_app_blur(self) -> None:
        self._watch.blur()

    def on_app_focus(self) -> None:
        self._watch.focus()

    # What is seen

    def _status_changed(self, status: Status) -> None:
        if status.state != "connected":
            self._watch.broke()
            self._identifying.broke()
            self._describing.broke()
        if status.state == "stopped":
            self._state.warn(why_stopped(status.reason, self._place), self._steady())
        self._send_due()
        self._show_soon()

    def _show_soon(self) -> None:
        """Take in what is new, and show it soon, together with what comes until then."""
        self._watch.take()
        self._repainting.soon()

    def _show(self) -> None:
        self._main.show_state(self._state)
        self._show_schedule()
        outgoing = self._outbox.outgoing
        self._main.show_outbox(outgoing, self._speaker.owner, is_connected=self._is_connected)
        self._main.show_progress(self._speaker.progress)
        self._leaving.show()
        self._describing.show()
        self._main.show_status(self._connection.status, self._place, self._state.you.name)
        self._keep()

    def _show_schedule(self) -> None:
        times = Times(self._now(), self._editing.server_now, self._steady())
        self._main.schedule.show(self._state.pending, self._editing.shown, times)

    def _count_down(self) -> None:
        """Do and show what comes with time alone; all else is shown when it changes."""
        self._watch.notice_absence()
        self._send_due()
        self._show_schedule()
        self._main.count_down()

    def _send_due(self) -> None:
        if self._is_connected:
            self._editing.send_due()

    @property
    def _is_connected(self) -> bool:
        return self._connection.status.state == "connected"

    # What is sent

    @on(Composer.Entered)
    async def _entered(self, event: Composer.Entered) -> None:
        self._editing.entered()
        match event.intent:
            case Say() as say:
                self._main.turn(self._speaker.say(say.messages, say.to, say.due))
            case intent:
                await self._do_said(intent)
        self._show_soon()

    async def _do_said(self, intent: Doable) -> None:
        """Do what a line means that is no message."""
        match intent:
            case Ask(order, to=to):
                self._speaker.send(order, to)
            case Identify(order):
                await self._identify(order)
            case LocalCommand():
                self._carry_out(intent)
        self._show_soon()

    async def _identify(self, order: Guarded) -> None:
        """Ask for a password; until that is over, nothing comes into the input."""
        self._main.composer.is_locked = True
        await self._identifying.begin(order, self._state.you.name)

    @on(MainScreen.StopWanted)
    def _stop(self) -> None:
        """Send no more of what was entered together; what is left goes back into the input."""
        if (stopped := self._speaker.stop()) is not None:
            self._main.turn(stopped.conversation)
            self._main.composer.put_back(stopped.text)
            text = f"Stopped: {stopped.lines} lines were not sent."
            self._state.say("fact", text, self._steady(), self._conversations.active.key)
        self._show_soon()

    def action_send_again(self) -> None:
        self._main.turn(self._speaker.again())
        self._show_soon()

    def action_drop(self) -> None:
        if dropped := self._speaker.drop():
            self._editing.dropped(dropped.key)
        self._show_soon()

    # What the messages ask for

    async def on_event(self, event: events.Event) -> None:
        """Queue what is done at the terminal, so that it keeps its order; do all else at once."""
        if isinstance(event, events.Key):
            self._repainting.key_came()
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            if isinstance(event, _BY_HAND):
                self._watch.key()
            self._inputs.take(event)
        elif isinstance(event, Returned):
            self._inputs.forget()
        else:
            await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        """Do what a key does that no pane took; what is typed in vain goes to the input."""
        event.prevent_default()
        if await self._check_bindings(event.key):
            return
        if event.is_printable and event.character and not self.is_covered:
            self._main.type(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Put into the input what is pasted where nothing can be written."""
        self._main.composer.paste(event.text)

    @on(MessageView.DetailsWanted)
    async def _show_details(self, event: MessageView.DetailsWanted) -> None:
        await self.push_screen(DetailsScreen(event.said))

    @on(PeopleList.DetailsWanted)
    async def _describe(self, event: PeopleList.DetailsWanted) -> None:
        await self._describing.begin(event.person)

    @on(MessageView.Copied)
    def _copy(self, event: MessageView.Copied) -> None:
        self._sharing.copy(event.text, what=f"{len(event.text)} characters")

    def copy_to_clipboard(self, text: str) -> None:
        self._sharing.copy(text)

    @on(MessageView.LinkOpened)
    def _open_link(self, event: MessageView.LinkOpened) -> None:
        self.run_worker(self._sharing.open(event.url))

    # What is scheduled

    @on(ScheduleList.Asked)
    def _asked(self, event: ScheduleList.Asked) -> None:
        change = self._editing.begin(event.kind, event.item)
        if change is not None and change.kind == "edited":
            self._main.turn(self._conversations.with_(change.item.to))
            self._main.edit(change.edited)
        self._show_soon()

    def action_undo(self) -> None:
        """Undo what was done last to a scheduled message."""
        if (undone := self._editing.undo()) is not None:
            self._end_edit(undone)
            self._show_soon()

    def _end_edit(self, change: Change) -> None:
        if change.kind == "edited":
            self._main.end_edit(change.edited)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List what can be done about one's name and people, and then every action."""
        yield from self._describing.commands(self._conversations.active.person)
        yield from super().get_system_commands(screen)

    # What the client does by itself

    def _carry_out(self, given: LocalCommand) -> None:
        kind, text = carry_out(given, self._state)
        self._state.say(kind, text, self._steady(), self._conversations.active.key)

    def _keep(self) -> None:
        """Remember whom one ignores and whose moves are told."""
        moves, ignored = self._state.moves, self._state.ignored.entries
        if moves != self.preferences.moves:
            self.remember(self.liked.like(moves=moves))
        if ignored != self.preferences.ignored:
            self.remember(self.liked.like(ignored=ignored))

    def action_retry(self) -> None:
        self._connection.retry_now()

    def action_export(self) -> None:
        """Give our user the conversation that is looked at as a text file."""
        text, other = self._main.messages.scrollback.text(), self._conversations.active.title
        shown = export.Shown(self._place, other, self._state.you.name, text)
        self._sharing.export(shown, self._now(), Path(self.preferences.export))

    @on(Composer.LeaveRequested)
    async def action_quit(self) -> None:
        """Say goodbye to the server, and leave."""
        await self._leaving.ask()

    def _left_behind(self) -> LeftBehind:
        here = self._state.people.here.values()
        others = [person.name for person in here if person.id != self._state.you.id]
        scheduled = 0 if self._state.membership.is_member else len(self._state.pending)
        return LeftBehind(self._outbox.undecided, self._main.begun, scheduled, others)

    @on(TerminalGone)
    def _terminal_gone(self) -> None:
        """End as by SIGHUP, which not every terminal that goes away sends."""
        self._leaving.end(signal.SIGHUP)
