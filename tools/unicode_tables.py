"""Make the tables of look-alikes and scripts anew: `python -m tools.unicode_tables FOLDER`.

The folder has confusables.txt (from https://www.unicode.org/Public/security/), and Scripts.txt,
ScriptExtensions.txt and PropertyValueAliases.txt (from https://www.unicode.org/Public/UCD/), all of
one version. Only what a name may have gets into the tables: letters, marks, digits, - _ and .
They are data of Unicode's, under its licence: LICENSE-UNICODE.
"""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

PROTOCOL = Path(__file__).parents[1] / "chat_server" / "protocol"
PUNCTUATION = "-_."
OF_ANY_SCRIPT = ("Zyyy", "Zinh")
WIDTH = 92
"""Characters of a line of a table."""

Confusables = dict[str, str]


def main() -> None:
    """Write both tables."""
    folder = Path(sys.argv[1])
    scripts, allowed = read_scripts(folder)
    version = re.search(r"Version: (\S+)", (folder / "confusables.txt").read_text("utf-8-sig"))
    if version is None:
        raise SystemExit(f"{folder}/confusables.txt does not say its version")
    confusables = read_confusables(folder)
    _write("confusables", version[1], _module_of_confusables(confusables, allowed))
    _write("scripts", version[1], _module_of_scripts(folder, scripts))


# Reading


def _rows(path: Path) -> Iterator[tuple[list[str], str]]:
    """Give the fields of each row, and what is said about it."""
    for line in path.read_text("utf-8-sig").splitlines():
        row, _, said = line.partition("#")
        if row.strip():
            yield [field.strip() for field in row.split(";")], said.strip()


def _points(field: str) -> range:
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def read_scripts(folder: Path) -> tuple[dict[int, str], set[str]]:
    """Read the scripts that each code point of a name can be of, and which those points are."""
    short = _short_names(folder)
    scripts = {ord(character): "Zyyy" for character in PUNCTUATION}
    for (points, script), said in _rows(folder / "Scripts.txt"):
        if said[0] in "LM" or said.startswith("Nd"):
            code = short[script]
            scripts |= dict.fromkeys(_points(points), "Zyyy" if code in OF_ANY_SCRIPT else code)
    for (points, several), _ in _rows(folder / "ScriptExtensions.txt"):
        extended = "+".join(several.split())
        scripts |= {point: extended for point in _points(points) if point in scripts}
    return scripts, {chr(point) for point in scripts}


def _short_names(folder: Path) -> dict[str, str]:
    rows = _rows(folder / "PropertyValueAliases.txt")
    return {fields[2]: fields[1] for fields, _ in rows if fields[0] == "sc"}


def read_confusables(folder: Path) -> Confusables:
    """Read what each code point looks like."""
    return {
        chr(int(source, 16)): "".join(chr(int(point, 16)) for point in target.split())
        for (source, target, _), _ in _rows(folder / "confusables.txt")
    }


# What looks alike when it is folded


def looks_of(text: str, confusables: Confusables) -> str:
    """Map what is folded to what it looks like, folded, until nothing changes (UTS 39, 4)."""
    for _ in range(10):
        mapped = _folded("".join(confusables.get(character, character) for character in text))
        if mapped == text:
            return text
        text = mapped
    raise ValueError(f"{text!r} has no end")


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", folded)


def small_letters(confusables: Confusables, allowed: set[str]) -> Confusables:
    """Return what the folded code points look like."""
    small = {c: looks_of(c, confusables) for c in confusables if c in allowed and c == _folded(c)}
    return {c: looks for c, looks in small.items() if looks != c}


def capitals(confusables: Confusables, allowed: set[str]) -> Confusables:
    """Return the capitals that look like a Latin letter which their small letters do not."""
    found = {}
    for capital, looks in confusables.items():
        is_one = capital in allowed and capital == unicodedata.normalize("NFKD", capital)
        if is_one and capital != capital.casefold() and looks.isascii():
            shown = looks_of(_folded(looks), confusables)
            if shown != looks_of(_folded(capital), confusables):
                found[capital] = shown
    return found


# Writing


def _module_of_confusables(confusables: Confusables, allowed: set[str]) -> str:
    return _table(
        "CAPITALS",
        "What capitals look like, where that is not what their small letters do.",
        _by_looks(capitals(confusables, allowed)),
    ) + _table(
        "CONFUSABLES",
        "What folded letters, marks and digits look like.",
        _by_looks(small_letters(confusables, allowed)),
    )


def _by_looks(confusables: Confusables) -> list[str]:
    """Write what looks alike as one word: the hexadecimal points of LOOKS=ONE,ANOTHER-LAST,…"""
    alike: dict[str, list[int]] = {}
    for character, looks in sorted(confusables.items()):
        alike.setdefault(looks, []).append(ord(character))
    return [
        f"{'_'.join(f'{ord(c):x}' for c in looks)}={','.join(_spans(points))}"
        for looks, points in sorted(alike.items())
    ]


def _spans(points: list[int]) -> Iterator[str]:
    for _, group in groupby(enumerate(points), lambda numbered: numbered[1] - numbered[0]):
        span = [point for _, point in group]
        yield f"{span[0]:x}" if len(span) == 1 else f"{span[0]:x}-{span[-1]:x}"


def _module_of_scripts(folder: Path, scripts: dict[int, str]) -> str:
    used = {code for several in scripts.values() for code in several.split("+")}
    long = {code: name.replace("_", " ") for name, code in _short_names(folder).items()}
    return _table(
        "STARTS",
        "From which code point on they are of which scripts (ISO 15924), Zyyy being any.",
        [
            f"{point:x}={several}"
            for several, group in groupby(sorted(scripts.items()), lambda item: item[1])
            for point in [next(group)[0]]
        ],
    ) + _table(
        "NAMES",
        "What the scripts are called.",
        [f"{code}={long[code].replace(' ', '_')}" for code in sorted(used)],
    )


def _table(name: str, said: str, words: list[str]) -> str:
    lines, line = [], ""
    for word in _short_enough(words):
        if len(line) + len(word) + 1 > WIDTH:
            lines.append(line)
            line = ""
        line += f"{word} "
    rows = "\n".join(f'    "{line}"' for line in [*lines, line])
    return f'\n{name} = (\n{rows}\n)\n"""{said}"""\n'


def _short_enough(words: list[str]) -> Iterator[str]:
    """Part what is longer than a line."""
    for word in words:
        while len(word) > WIDTH - 1:
            key = word[: word.index("=") + 1]
            end = word.rindex(",", 0, WIDTH - 1)
            yield word[:end]
            word = key + word[end + 1 :]
        yield word


OPENINGS = {
    "confusables": (
        "What looks alike, of what a name may have, as `LOOKS=ONE,FIRST-LAST` in hexadecimal.\n"
    ),
    "scripts": "The scripts of what a name may have; what lies between is of the one before it.\n",
}


def _write(name: str, version: str, tables: str) -> None:
    opening = OPENINGS[name]
    (PROTOCOL / f"{name}.py").write_text(
        f'"""{opening}\nMade by tools/unicode_tables.py of data of Unicode {version}, which are '
        f'under the Unicode License v3\n(LICENSE-UNICODE).\n"""\n{tables}',
        encoding="utf-8",
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", PROTOCOL / f"{name}.py"], check=True)


if __name__ == "__main__":
    main()
