"""Where the documents say that something is done, it is: each `file:function` of them exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/architecture.md", "CONTRIBUTING.md")
ROUTES = ("A typed line", "A key", "An event", "A scheduled message", "A resume")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`([\w/]+\.py):([\w.]+)`")


def definitions(tree: ast.AST, within: str = "") -> Iterator[str]:
    """Yield what a file defines, what stands in a class with the class's name before it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + node.name
            if isinstance(node, ast.ClassDef):
                yield from definitions(node, f"{node.name}.")
        elif isinstance(node, ast.Assign):
            yield from (within + to.id for to in node.targets if isinstance(to, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield within + node.target.id


def missing(named: list[tuple[str, str]]) -> list[str]:
    """Return what is named and is not defined in its file."""
    return [
        f"{path}:{name}"
        for path, name in named
        if not (ROOT / path).is_file()
        or name not in set(definitions(ast.parse((ROOT / path).read_text(encoding="utf-8"))))
    ]


def places(text: str) -> list[tuple[str, str]]:
    return PLACE.findall(text)


def route(title: str) -> str:
    document = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    return document.split(f"### {title}\n")[1].split("\n#")[0]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_place_that_a_document_names_exists(document: str) -> None:
    named = places((ROOT / document).read_text(encoding="utf-8"))
    assert named
    assert not missing(named)


@pytest.mark.parametrize("title", ROUTES)
def test_every_route_is_told_place_by_place(title: str) -> None:
    assert len(places(route(title))) >= 5


def test_every_test_that_security_names_exists() -> None:
    named = TEST.findall((ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert named
    assert not missing(named)


def test_every_attack_has_a_test_or_says_that_nothing_stops_it() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| **")]
    assert rows
    for attack, stops, *rest in rows:
        assert stops == "nothing" or TEST.search(" ".join(rest)), attack
