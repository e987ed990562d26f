"""Why a line was not carried out: a sentence for each code, and what to do instead.

The two are parted by a line feed, which is in no text of people, so that either can be said alone.
"""

from chat_server.protocol.events import Data, Refused, Value
from chat_server.protocol.unseen import is_unseen
from chat_server.protocol.wording.codes import Template, Unworded, number, whole_number, worded
from chat_server.protocol.wording.quantities import counted, duration, size

LITERAL = "To send text that looks like an option, put -- before it: send -- TEXT"
"""What to do where an option was not meant as one."""
_INSTEAD = "\n"
_USAGE = "\nUsage: {usage}"
_CHOOSE = "\nChoose another name."
_ONE_SCRIPT = "\nWrite it in one, so that it is not taken for another name."
_HELP = "\nType help {command} to see what it takes."
_WHO_IS_HERE = "\nType users to see who is here."


def refusal(refused: Refused) -> str:
    """Say to people why a line was not carried out, and what to do instead."""
    return _sentence(refused).replace(_INSTEAD, " ", 1)


def fault(refused: Refused) -> str:
    """Say only what was wrong, to whoever sees beside it what to do."""
    return _sentence(refused).partition(_INSTEAD)[0]


def _sentence(refused: Refused) -> str:
    try:
        return worded(_REFUSALS, refused.code, refused.data)
    except Unworded:
        return refused.text or f"This was not carried out ({refused.code})."


_ABOUT_PEOPLE = ("ignore", "unignore", "kick", "mute", "unmute", "moderator")
_NEEDS = {
    "rename NAME": "rename needs the name you want.",
    "report NAME": "report needs the name of somebody who is here.",
    "format text|json": "format needs text or json.",
    "resume TOKEN": "resume needs the token from your welcome.",
    "login NAME": "login needs the name of your account.",
    "token create|list|revoke": "token needs create, list or revoke.",
    "token ID": "token revoke needs the id of a token.",
    **{f"{command} NAME": f"{command} needs a name." for command in _ABOUT_PEOPLE},
    "ban NAME|ADDRESS": "ban needs a name or an address.",
    "unban ID": "unban needs the id of a ban.",
    "delete ID": "delete needs the id of a message.",
    "announce TEXT": "announce needs what you have to say.",
    "appeal TEXT": "appeal needs what you have to say.",
    "history --since": "history needs a message's id after --since.",
}
_OPTIONS = {
    **dict.fromkeys(("-u", "--username"), "a name"),
    **dict.fromkeys(("-t", "--time"), "a number of seconds"),
}


def _missing_argument(data: Data) -> str:
    argument = str(data["argument"])
    if argument in _OPTIONS:
        return f"{argument} needs {_OPTIONS[argument]} after it.{_INSTEAD}{LITERAL}"
    return _NEEDS[f"{data['command']} {argument}"] + _USAGE.format_map(data)


def _too_many_reports(data: Data) -> str:
    wait = duration(number(data, "seconds"))
    return (
        f"You have complained {whole_number(data, 'limit')} times within the hour, which are the "
        f"most.{_INSTEAD}Try again in {wait}."
    )


def _pending_ends(data: Data) -> str:
    items = data["items"]
    if not isinstance(items, list):
        raise TypeError("items is no list")
    what = counted(len(items), "scheduled message")
    verb = "ends" if len(items) == 1 else "end"
    return f"{what} {verb} with you: {', '.join(items)}.{_INSTEAD}To leave all the same: exit"


def _unknown_command(data: Data) -> str:
    command = data["command"]
    if "meant" in data:
        instead = f"Did you mean {data['meant']}? Type help for the commands."
    elif "line" in data:
        instead = f"To say it to everyone: send {data['line']}"
    else:
        return f"There is no command {command}.{_INSTEAD}Type help to see them all."
    return f"Unknown command: {command}.{_INSTEAD}{instead}"


def _bad_id(data: Data) -> str:
    instead = f"{_INSTEAD}history alone gives the newest." if "newest" in data else ""
    return f"{data['id']} is not the id of a message of this chat.{instead}"


def _bad_time(data: Data) -> str:
    limit = whole_number(data, "limit")
    return (
        f"-t takes a whole number of seconds from 0 to {limit} ({limit // 86_400} days), "
        f"not {data['time']}.{_INSTEAD}{LITERAL}"
    )


def _bad_name(data: Data) -> str:
    if "character" not in data:
        return (
            "The name {name} has too many marks on one letter; at most {limit} are allowed."
        ).format_map(data)
    character = str(data["character"])
    shown = f"U+{ord(character):04X}" if is_unseen(character) else repr(character)
    where = " at its beginning" if data["position"] == 1 else ""
    return (
        f"The name {data['name']} has {shown}{where}.{_INSTEAD}A name is made of "
        "letters, digits, - _ and . and begins with a letter or digit."
    )


def _name_taken(data: Data) -> str:
    if "seconds" not in data:
        return f"{data['name']} is taken.{_CHOOSE}"
    return f"{data['name']} is {_kept(data)}.{_CHOOSE}"


def _name_lookalike(data: Data) -> str:
    like = str(data["like"])
    if "seconds" not in data:
        return f"{data['name']} looks like {like}, who is here.{_CHOOSE}"
    return f"{data['name']} looks like {like}, which is {_kept(data)}.{_CHOOSE}"


def _kept(data: Data) -> str:
    seconds = number(data, "seconds")
    return f"kept for somebody whose connection broke, for another {duration(seconds)}"


def _mixed_scripts(data: Data) -> str:
    name = data["name"]
    if "digits" in data:
        digits = _listed(data["digits"])
        return f"The name {name} has digits of several scripts ({digits}).{_ONE_SCRIPT}"
    return f"The name {name} mixes scripts ({_listed(data['scripts'])}).{_ONE_SCRIPT}"


def _listed(words: Value) -> str:
    if not isinstance(words, list):
        raise TypeError("no list")
    return ", ".join(words)


_WHILE_MUTED = {
    "send": "Nothing was sent.",
    "announce": "Nothing was announced.",
    "rename": "You keep your name until then.",
    "enter": "You are a guest until then.",
}


def _muted(data: Data) -> str:
    rest = _WHILE_MUTED[str(data["command"])]
    return f"You are muted for another {duration(number(data, 'seconds'))}. {rest}"


def _nobody_of_that_id(data: Data) -> str:
    if "name" in data:
        return f"{data['name']} is not here.{_WHO_IS_HERE}"
    return f"Nobody here has the id {data['id']}.{_WHO_IS_HERE}"


def _too_many_pending(data: Data) -> str:
    if "chat_limit" in data:
        return (
            "The chat has as many scheduled messages as it takes of all people together."
            "\nTry again when some of them have been sent."
        )
    if "address_limit" in data:
        return (
            f"From your address {data['address_limit']} scheduled messages are pending, which is"
            " as many as may be.\nTry again when some of them have been sent."
        )
    return (
        f"You have {data['limit']} scheduled messages, which is as many as one may have."
        "\nCancel one, or wait until one is sent."
    )


def _not_saved(data: Data) -> str:
    if data.get("command") == "enter":
        return (
            "You are not in the chat yet, because nothing can be saved just now."
            "\nYou will be as soon as it can."
        )
    return "This could not be saved, so it was not carried out.\nTry again in a while."


def _journal_full(data: Data) -> str:
    limit = size(number(data, "limit"))
    if data.get("command") == "enter":
        return (
            f"You are not in the chat yet, because its file has reached its limit of {limit}."
            "\nYou will be as soon as it is smaller; an admin can raise CHAT_JOURNAL_MAX."
        )
    return (
        f"The chat's file has reached its limit of {limit}, so this was not carried out."
        "\nTry again in a while; an admin can raise CHAT_JOURNAL_MAX."
    )


def _not_utf8(data: Data) -> str:
    if "encoding" in data:
        return (
            f"The line is {data['encoding']} and was skipped."
            "\nSet your terminal, or what wrote the file, to UTF-8."
        )
    return (
        f"The line is not UTF-8 (its byte {data['position']} is "
        f"0x{whole_number(data, 'byte'):02X}) and was skipped."
        "\nType it again; if that does not help, set your terminal to UTF-8."
    )


def _bad_token(data: Data) -> str:
    if "length" in data:
        return f"This is no token of a welcome: those have {data['length']} characters."
    return f"This token is not known, or its {data['hours']} hours are over. You are somebody new."


def _too_many_accounts(data: Data) -> str:
    if "limit" in data:
        return f"There are {data['limit']} accounts here, and no more are possible."
    when = duration(number(data, "seconds"))
    return f"From your address too many accounts were made lately.\nTry again in {when}."


def _too_many_attempts(data: Data) -> str:
    return f"Too many wrong passwords.{_INSTEAD}Try again in {duration(number(data, 'seconds'))}."


_REFUSALS: dict[str, Template] = {
    "unknown_command": _unknown_command,
    "missing_argument": _missing_argument,
    "too_many_arguments": "{command} does not take {extra}." + _USAGE,
    "bad_key": "Not a key: {key}.\nA key is @ and 1 to 32 letters, digits, - or _.",
    "line_too_long": "The line is longer than {limit} bytes and was skipped.\nSend it in parts.",
    "not_utf8": _not_utf8,
    "half_a_line": (
        "The last line has no end, so it was not carried out.\nEnd every line by Enter."
    ),
    "not_saved": _not_saved,
    "journal_full": _journal_full,
    "not_entered": "You have not entered the chat.\nTry again.",
    "empty_message": "There is no message." + _USAGE,
    "message_too_long": "The message has {length} characters; at most {limit} are allowed.",
    "option_twice": "send takes {option} once only.\n" + LITERAL,
    "mistaken_option": "{word} is no option of send. Did you mean {meant}?\n" + LITERAL,
    "bad_time": _bad_time,
    "too_many_pending": _too_many_pending,
    "muted": _muted,
    "nobody_of_that_name": "Nobody here is called {name}." + _WHO_IS_HERE,
    "nobody_of_that_id": _nobody_of_that_id,
    "nothing_pending": "You have no scheduled messages to cancel.",
    "unknown_item": (
        "You have no scheduled message {item}.\nType pending to see the ones you have."
    ),
    "bad_name": _bad_name,
    "name_too_long": "The name {name} has {length} characters; at most {limit} are allowed.",
    "name_reserved": "The name {name} is kept for the server's use.\nChoose another one.",
    "name_taken": _name_taken,
    "name_owned": "The name {name} belongs to somebody.\nIf it is yours: login {name}",
    "already_a_member": "{name} is yours already.",
    "guest_name": (
        "{name} is a guest's name, and cannot be yours.\nTake another one first: rename NAME"
    ),
    "not_a_member": "You have no account.\nregister makes one, login NAME is for who has one.",
    "nothing_asked": "No password is asked for now.",
    "cancelled": "Nothing was typed, so nothing is changed.",
    "wrong_chat_password": "That is not the password of this chat.",
    "members_only": "This chat is for its members.\nIf you are one: login NAME",
    "pending_ends": _pending_ends,
    "passwords_differ": "The two passwords differ, so nothing is changed.\nTry again.",
    "too_many_waiting": "{name} is away, and {limit} messages wait for them; no more can.",
    "too_many_devices": "You have {limit} connections, and no more are possible.",
    "too_many_tokens": (
        "You have {limit} tokens, and no more are possible.\ntoken revoke ID ends one."
    ),
    "unknown_token": "You have no token {token}.\nType token list to see the ones you have.",
    "bad_action": "{command} does not know {action}." + _HELP,
    "bad_term": "That is too long; {limit} days are the most.",
    "text_too_long": "That has {length} characters; at most {limit} are allowed.",
    "too_many_reports": _too_many_reports,
    "for_moderators": "{command} is for moderators.\nType moderators to see who they are.",
    "for_owners": "{command} is for the owners of this chat.",
    "no_power": "You cannot do that to {name}.",
    "not_muted": "{name} is not muted.",
    "appealed_already": "The moderators have heard you already; once for each mute.",
    "no_moderators": "This chat has no moderators; a mute ends by itself.",
    "self_ignore": "You cannot ignore yourself.",
    "already_ignored": "You ignore {name} already.",
    "not_ignored": "You do not ignore {name}.\nType ignores to see whom you do.",
    "too_many_ignored": "You ignore {limit} people, and no more are possible.",
    "no_member": "{name} has no account.",
    "too_many_bans": "There are {limit} bans, and no more are possible.\nunban ID ends one.",
    "own_machine": "{address} is this machine's own, from which everybody comes.",
    "unknown_ban": "There is no ban {ban}.\nType bans to see which there are.",
    "unknown_message": "There is no message {id}, or it is not kept any more.",
    "owners_name": (
        "{name} is to be registered on the server's own machine.\nThere: chat-server adduser {name}"
    ),
    "label_too_long": "The label has {length} characters; at most {limit} are allowed.",
    "name_lookalike": _name_lookalike,
    "mixed_scripts": _mixed_scripts,
    "self_report": "You cannot report yourself.",
    "already_reported": "You have reported {name} already; once counts.",
    "bad_count": "history takes a number from 1 to {limit}, not {count}.",
    "bad_id": _bad_id,
    "bad_format": "There is no format {format}.\nChoose text or json.",
    "json_only": "resume is for programs: type format json first.",
    "bad_token": _bad_token,
    "bad_password": "A password has {least} to {limit} characters.\nChoose another one.",
    "wrong_password": "That name and password do not go together.",
    "too_many_accounts": _too_many_accounts,
    "too_many_attempts": _too_many_attempts,
    "busy": "Too many are logging in at this moment.\nTry again.",
    "accounts_off": "This server keeps no accounts: argon2-cffi is not installed there.",
}
