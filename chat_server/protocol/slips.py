"""What is nearly a command, or nearly an option of `send`: slips of fingers, habits, phones.

A message that was meant for one person must not be said to all because of a slip, so what stands
where options stand and is nearly one is asked about. Ordinary texts must not be: only what is
listed here counts.
"""

import re

_USER_WORDS = "username|user|usr|recipient|nick|to"
_TIME_WORDS = "time|timer|delay|seconds|secs|sec|in|after|at"
_DASH = "[-\u2010-\u2013\u2212\uff0d]"
"""A hyphen, or what keyboards and phones make of one; two become a long dash, as in `_DASHES`."""
_DASHES = f"(?:{_DASH}{{1,2}}|[\u2014\u2015])"
_NAME = "[\"'@]?[^\\W_][\\w.-]*(?<!-)[\"']?"

_PATTERNS = {
    "-u": re.compile(
        f"{_DASHES}(?:u|{_USER_WORDS})(?:[=:](.*))?|{_DASH}u({_NAME})", re.IGNORECASE | re.DOTALL
    ),
    "-t": re.compile(
        f"{_DASHES}(?:t|{_TIME_WORDS})(?:[=:](.*))?|{_DASHES}t(\\d.*)", re.IGNORECASE | re.DOTALL
    ),
    "-tu": re.compile(f"{_DASH}tu", re.IGNORECASE),
}
_ANY_DASH = re.compile("[-\u2010-\u2015\u2212\uff0d]")
_OPTIONS = ("-u", "--username")
"""Correct forms, so no slips: without a value they are only words of the message."""
_LONGEST = 80
"""Characters of the longest word that is taken for an option."""


def has_dash(text: str) -> bool:
    """Say whether a text has a dash of any kind: without one there is no option, nor a slip."""
    return _ANY_DASH.search(text) is not None


def slip(text: str) -> tuple[str, str] | None:
    """Return a word at an end of a text that is nearly an option, and what it is nearly."""
    first, second = [*text.split(maxsplit=2), "", ""][:2]
    before, last = ["", "", *text.rsplit(maxsplit=2)][-2:]
    for word, following, is_at_end in (
        (first, second, True),
        (last, "", True),
        (before, last, False),
    ):
        option, value = _nearly(word)
        if value and not is_at_end:
            continue
        value = value or following
        if option == "-u" and (value or word not in _OPTIONS):
            return word, f"-u {value or 'NAME'}"
        if option == "-t" and value[:1].isdecimal():
            return word, f"-t {value}"
        if option == "-tu" and following:
            return word, "-t SECONDS -u NAME"
    return None


def _nearly(word: str) -> tuple[str, str]:
    """Return the option that a word nearly is, and the value in it; "" where there is none."""
    if len(word) > _LONGEST or _ANY_DASH.match(word) is None:
        return "", ""
    for option, pattern in _PATTERNS.items():
        if (found := pattern.fullmatch(word)) is not None:
            return option, "".join(value for value in found.groups() if value)
    name, _, value = word.lstrip("-\u2014").partition("=")
    is_long = not word.startswith("-") or word.startswith("--")
    return ("-u", value) if is_long and one_edit_apart(name.lower(), "username") else ("", "")


def one_edit_apart(a: str, b: str) -> bool:
    """Say whether two words differ by one letter: more, less, another, or two changed places."""
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start : start + 2] == b[start : start + 2][::-1]
    return a[start + 1 :] == b[start + 1 :] or (swapped and a[start + 2 :] == b[start + 2 :])
