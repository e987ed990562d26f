"""What one person is told besides, or the moderators are: a sentence for each code."""

from collections.abc import Mapping

from chat_server.protocol.events import Data, Notice
from chat_server.protocol.unseen import with_short_gaps
from chat_server.protocol.wording.codes import Template, Unworded, number, worded
from chat_server.protocol.wording.quantities import clock_time


def noticed(notice: Notice, now: float) -> str:
    """Say what somebody is told, with what was said by whom it is about."""
    text = with_short_gaps(notice.text)
    try:
        if notice.code == "muted":
            return _muted(notice.data, now)
        sentence = worded(_NOTICES, notice.code, notice.data)
    except Unworded:
        return text or f"There is news ({notice.code})."
    return f"{sentence}: {text}" if text else sentence


def _muted(data: Data, now: float) -> str:
    """Say to somebody why they cannot speak, until when, and what they can do."""
    try:
        until = clock_time(number(data, "until"), now)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise Unworded("muted") from error
    why = f", by {data['by']}" if "by" in data else ", because several people complained"
    reason = f" ({data['reason']})" if "reason" in data else ""
    return (
        f"You are muted until {until}{why}{reason}. You can read on, and ask the moderators once "
        "to end it: appeal TEXT"
    )


def _by(data: Data) -> str:
    names = data["by"]
    return ", ".join(names) if isinstance(names, list) else str(names)


_NOTICES: Mapping[str, Template] = {
    "complaint": "{by} complained of {of}",
    "muted_by": lambda data: f"{data['name']} was muted by the complaints of {_by(data)}",
    "mutes_of_late": lambda data: (
        f"Complaints have muted several people of late, so that of {_by(data)} about "
        f"{data['name']} waits for you: mute {data['name']}"
    ),
    "appeal": "{name} asks for the end of their mute",
    "appointed": "{by} made you a moderator: help shows what you can do",
    "dismissed": "You are no moderator any more, as {by} decided",
}
