"""What answers a line that was carried out, why the connection ends, what could not be sent."""

from collections.abc import Mapping

from chat_server.protocol.events import Bye, Data, Ok, Undelivered
from chat_server.protocol.wording.codes import Template, Unworded, number, worded
from chat_server.protocol.wording.quantities import counted, duration, local_time


def _token_made(data: Data) -> str:
    of = f" for {data['label']}" if data["label"] else ""
    if "token" not in data:
        return f"The token{of} was made before, and shown then"
    return f"The token{of}, which is shown only now: {data['token']}"


_ANSWERS: Mapping[str, Template] = {
    "same_name": "You are {name} already",
    "reported": "Reported {name}",
    "text_from_now_on": "Text from now on",
    "registered": (
        "The name {name} is yours now, also while you are away. Come back with: login {name}"
    ),
    "admitted": "That is the password of this chat",
    "logged_in": "You are logged in as {name}",
    "logged_out": "You are logged out",
    "password_changed": "Your password is changed",
    "unregistered": "You have no account any more; {name} is yours until you leave",
    "token_made": _token_made,
    "ignored": "You hear nothing of {name} any more",
    "unignored": "You hear {name} again",
    "appealed": "The moderators hear that",
    "appointed": "{name} is a moderator now",
    "dismissed": "{name} is no moderator any more",
    "banned": "{who} is kept away",
    "unbanned": "{who} may come in again",
    "token_ended": "Token {id} counts no more",
    "waits": "{name} is away: they get it when they come",
}


def answered(ok: Ok) -> str:
    """Say what there is to say of a line that was carried out; "" where that can be seen."""
    if not ok.code:
        return ok.text
    try:
        return worded(_ANSWERS, ok.code, ok.data)
    except Unworded:
        return ok.text


def _leaving(data: Data) -> str:
    items = data.get("items")
    if not isinstance(items, list) or not items:
        return "Goodbye."
    verb = "ends" if len(items) == 1 else "end"
    what = counted(len(items), "scheduled message")
    return f"Goodbye. {what} {verb} with you: {', '.join(items)}."


def _stranger(data: Data) -> str:
    return (
        f"This is a chat for terminals, and you speak {data.get('protocol', 'something else')}. "
        "Join with telnet or nc. Goodbye."
    )


def _too_often(data: Data) -> str:
    wait = duration(number(data, "seconds"))
    return f"New connections come too often from your address. Come back in {wait}. Goodbye."


def _sent_away(data: Data) -> str:
    return f"You were sent away by {data['by']}{_reason(data)}. Goodbye."


def _kept_away(data: Data) -> str:
    until = ""
    if "until" in data:
        at = local_time(int(number(data, "until")))
        until = f" until {at.strftime('%Y-%m-%d %H:%M:%S')}"
    return f"You are kept away from this chat{until}{_reason(data)}. Goodbye."


def _reason(data: Data) -> str:
    return f": {data['reason']}" if data.get("reason") else ""


_GOODBYES: Mapping[str, Template] = {
    "exit": _leaving,
    "hung_up": _leaving,
    "kicked": _sent_away,
    "banned": _kept_away,
    "elsewhere": "You are connected from elsewhere now.",
    "dismissed": "You have ended this connection over another one. Log in again. Goodbye.",
    "stopping": "The server is stopping. Goodbye.",
    "full": "The server is full. Goodbye.",
    "too_many_of_address": (
        "Your address has {limit} connections, which is as many as it may have. "
        "Come back when one of them has ended. Goodbye."
    ),
    "too_often": _too_often,
    "stranger": _stranger,
    "endless_telnet": "This is a telnet sub-negotiation without an end. Goodbye.",
}


def goodbye(bye: Bye) -> str:
    """Say why a connection ends."""
    try:
        return worded(_GOODBYES, bye.reason, bye.data)
    except Unworded:
        return bye.text or "Goodbye."


def because(undelivered: Undelivered, now: float | None = None) -> str:
    """Say why a scheduled message was not sent; with `now`, also how long a mute still lasts."""
    match undelivered:
        case Undelivered(reason="not_here", to=to) if to is not None:
            return f"{to.name} is not here"
        case Undelivered(reason="muted", until=until):
            if until is None or now is None or until <= now:
                return "you were muted"
            return f"you are muted for another {duration(until - now)}"
    return undelivered.because or f"of this reason: {undelivered.reason}"
