"""What a typed line says once keys that erase are carried out and control sequences dropped."""

import re
import unicodedata

_SEQUENCES = re.compile(
    # ECMA-48 (5.3, 5.4, 5.6, 8.3), each in its form of two characters and in its form of one.
    "\x1b+(?=\x1b)"
    "|(?:\x1b\\[\\[?|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI; Linux' own F keys have a second bracket
    "|(?:\x1bO|\x8f)[ -~]?"  # SS3, which keys send
    "|\x1b[PX\\]^_][^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"  # strings: titles and the like
    "|[\x90\x98\x9d-\x9f][^\x07\x18\x1a\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]?"
)
_SEQUENCE_BEGINS = re.compile("[\x1b\x8f\x90\x98\x9b\x9d-\x9f]")
_CONTROLS = re.compile(
    # C0 and C1, line and paragraph separators, and what turns the direction of writing, but not
    # what erases (BS, ^U, ^W, DEL), which is carried out after these are gone.
    "[\0-\x07\x0a-\x14\x16\x18-\x1f\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
)
_ERASE, _ERASE_LINE, _ERASE_WORD = "\x08", "\x15", "\x17"
_ERASERS = re.compile("[\x08\x15\x17]")
_DELETE = "\x7f"
"""What most terminals send for Backspace."""
_BYTE_ORDER_MARK = "\ufeff"


def edited(text: str) -> str:
    """Return what a line says: without sequences that steer, controls, and what was erased."""
    text = text.removeprefix(_BYTE_ORDER_MARK).replace("\t", " ")
    if _SEQUENCE_BEGINS.search(text) is not None:
        text = _SEQUENCES.sub("", text)
    text = _CONTROLS.sub("", text).replace(_DELETE, _ERASE)
    return text if _ERASERS.search(text) is None else _erased(text)


def _erased(text: str) -> str:
    """Carry out what erases a character (BS, DEL), a word (^W) or the line so far (^U)."""
    kept: list[str] = []
    for character in text:
        if character > _ERASE_WORD:
            kept.append(character)
        elif character == _ERASE:
            if kept:
                _erase_character(kept)
        elif character == _ERASE_LINE:
            kept.clear()
        else:
            _erase_word(kept)
    return "".join(kept)


def _erase_word(kept: list[str]) -> None:
    while kept and kept[-1].isspace():
        kept.pop()
    while kept and not kept[-1].isspace():
        kept.pop()


def _erase_character(kept: list[str]) -> None:
    """Erase what one sees as a character: a letter with its marks, a flag, a family (UAX 29)."""
    erased = kept.pop()
    while erased >= _FIRST_MARK and kept and _extends(erased, kept[-1]):
        erased = kept.pop()
    if _is_half_a_flag(erased) and kept and _is_half_a_flag(kept[-1]):
        kept.pop()


_FIRST_MARK = "\u0300"
_JOINER = "\u200d"


def _extends(character: str, before: str) -> bool:
    """Say whether a code point belongs to the one before it."""
    if before == _JOINER or unicodedata.category(character) in ("Mn", "Mc", "Me"):
        return True
    if character < _JOINER:
        return False
    is_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    is_tag = "\U000e0020" <= character <= "\U000e007f"
    return is_tone or is_tag or character == _JOINER


def _is_half_a_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
