"""Which names look alike, and which mix scripts as nobody's name does (UTS 39, Unicode 17.0).

The tables are decoded when they are first needed; a name of ASCII alone needs none.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from chat_server.protocol.confusables import CAPITALS, CONFUSABLES
from chat_server.protocol.scripts import NAMES, STARTS

Scripts = frozenset[str]

_ASCII = str.maketrans("01I", "oll")
"""The tables, as far as ASCII goes, apart from `m`, of which they make `rn`."""

_ANY = frozenset({"Zyyy"})
_BESIDE_LATIN = (
    *("Arab", "Armn", "Beng", "Bopo", "Deva", "Ethi", "Geor", "Gujr", "Guru", "Hang", "Hani"),
    *("Hebr", "Hira", "Kana", "Khmr", "Knda", "Laoo", "Mlym", "Mymr", "Orya", "Sinh", "Taml"),
    *("Telu", "Thaa", "Thai", "Tibt"),
)
"""Scripts in wide use (UAX 31, table 5), without those that have Latin's letters."""
_TOGETHER: tuple[Scripts, ...] = (
    frozenset({"Latn", "Hani", "Hira", "Kana"}),
    frozenset({"Latn", "Hani", "Bopo"}),
    frozenset({"Latn", "Hani", "Hang"}),
    *(frozenset({"Latn", script}) for script in _BESIDE_LATIN),
)
"""Scripts that one name may have: "Moderately Restrictive" of UTS 39, 5.2."""


def skeleton(text: str) -> str:
    """Return what is the same for all names that look like this one (UTS 39, 4), folded.

    Of a key it is what the name looks like in small letters, of a name as it is shown what that
    looks like: `Ian` like `lan`, `ian` not. What looks like `m` or `w` is that, not `rn` or `vv`.
    """
    if text.isascii():
        return _shortened(text.translate(_ASCII).lower())
    capitals, small = _looks()
    shown = unicodedata.normalize("NFKD", text).translate(capitals)
    folded = unicodedata.normalize("NFKD", shown.casefold())
    return _shortened(unicodedata.normalize("NFKD", folded.translate(small)))


def _shortened(looks: str) -> str:
    """Write `m` and `w` for what looks like them; that `vv` looks like `w` is not of Unicode."""
    return looks.replace("rn", "m").replace("w", "vv").replace("vv", "w")


@cache
def _looks() -> tuple[dict[int, str], dict[int, str]]:
    """Decode what capitals and what folded letters look like."""
    return _decoded(CAPITALS), _decoded(CONFUSABLES)


def _decoded(table: str) -> dict[int, str]:
    looks_of: dict[int, str] = {}
    for word in table.split():
        points, _, alike = word.partition("=")
        looks = "".join(chr(int(point, 16)) for point in points.split("_"))
        for span in alike.split(","):
            first, _, last = span.partition("-")
            looks_of |= dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), looks)
    return looks_of


def is_unsafe_mix(text: str) -> bool:
    """Say whether a folded name mixes scripts or digits so that it could be taken for another."""
    return not text.isascii() and (_mixes_scripts(text) or len(digits_of(text)) > 1)


def _mixes_scripts(text: str) -> bool:
    several = _scripts_of_each(text)
    if len(several) < 2 or frozenset.intersection(*several):
        return False
    return not any(all(map(together.intersection, several)) for together in _TOGETHER)


def scripts_of(text: str) -> list[str]:
    """Name the scripts of a text, in the order in which they come.

    A mark or digit that several scripts share counts for the best known, if none is there.
    """
    several = _scripts_of_each(text)
    found = {script: None for scripts in several if len(scripts) == 1 for script in scripts}
    for scripts in several:
        if not scripts & found.keys():
            found[min(scripts, key=lambda one: (one != "Latn", one not in _BESIDE_LATIN, one))] = (
                None
            )
    names = dict(word.split("=") for word in NAMES.split())
    return [names[script].replace("_", " ") for script in found]


def digits_of(text: str) -> list[str]:
    """Return the first digit of each system of digits that a text has (UTS 39, 5.3)."""
    systems: dict[int, str] = {}
    for digit in filter(str.isdecimal, text):
        systems.setdefault(ord(digit) - unicodedata.decimal(digit), digit)
    return list(systems.values())


def _scripts_of_each(text: str) -> dict[Scripts, None]:
    """Return the scripts that each character can be of (Script_Extensions), if not of any."""
    starts, scripts = _starts()
    of_each = (scripts[bisect_right(starts, ord(character)) - 1] for character in text)
    return dict.fromkeys(scripts for scripts in of_each if scripts != _ANY)


@cache
def _starts() -> tuple[list[int], list[Scripts]]:
    """Decode from which code point on they are of which scripts."""
    pairs = [word.split("=") for word in STARTS.split()]
    return [int(start, 16) for start, _ in pairs], list(_sets(several for _, several in pairs))


def _sets(texts: Iterator[str]) -> Iterator[Scripts]:
    """Make the set of each, one for all that are the same."""
    made: dict[str, Scripts] = {}
    for text in texts:
        yield made.setdefault(text, frozenset(text.split("+")))
