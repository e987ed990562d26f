"""What is imported is declared, for those who need it, and nothing else is."""

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit

ROOT = Path(__file__).parents[2]
OURS = {"benchmarks", "chat_server", "chat_tui", "tests", "tools"}
PACKAGES = {"argon2": "argon2-cffi", "dotenv": "python-dotenv"}
"""What is imported by another name than that of its package."""
COMMANDS = {"import-linter", "mypy", "pytest-asyncio", "pytest-xdist", "ruff"}
"""Packages that are run, or that work by being there."""
EXTRAS = {
    "web": {"chat_tui/web/visitors.py", "chat_tui/web/server.py"},
    "redis": {"chat_server/journal/engine.py", "chat_server/journal/redis.py"},
}
"""What few need, and the files that are for them alone."""
FOR_FEW = set[str]().union(*EXTRAS.values())


def requirements(kind: str = "") -> dict[str, str]:
    """Return the lines of a file of requirements and of those it includes, by their packages."""
    declared: dict[str, str] = {}
    for line in (ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r requirements"):
            declared |= requirements(line.removeprefix("-r requirements").removesuffix(".txt"))
        elif line and not line.startswith("#"):
            declared[package(line)] = line
    return declared


def package(requirement: str) -> str:
    named = re.match(r"[\w-]+", requirement)
    assert named, requirement
    return named[0]


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the packages that a file imports, anywhere in it."""
    standard = sys.stdlib_module_names | {"tomllib"}  # which Python 3.10 does not have
    return {
        PACKAGES.get(name, name.replace("_", "-"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in roots(node)
        if name not in standard | OURS
    }


def roots(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.partition(".")[0]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize(
    ("kind", "folders"),
    [
        ("", ["chat_server", "chat_tui"]),
        ("-test", ["chat_server", "chat_tui", "tests"]),
        ("-dev", ["chat_server", "chat_tui", "tests", "benchmarks", "tools"]),
    ],
)
def test_each_file_of_requirements_has_all_that_is_imported(kind: str, folders: list[str]) -> None:
    declared = set(requirements(kind))
    for path in sources(*folders):
        name = path.relative_to(ROOT).as_posix()
        if kind or name not in FOR_FEW:
            assert imported(path) <= declared, name


def test_who_only_chats_gets_nothing_that_only_tests_or_few_need() -> None:
    chatting = [
        path
        for path in sources("chat_server", "chat_tui")
        if path.relative_to(ROOT).as_posix() not in FOR_FEW
    ]
    assert set(requirements()) == {name for path in chatting for name in imported(path)}


def test_nothing_is_declared_that_nothing_uses() -> None:
    used = {name for path in sources(*OURS) for name in imported(path)}
    assert set(requirements("-dev")) == used | COMMANDS


def test_the_package_requires_what_the_files_of_requirements_say() -> None:
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()
    declared = project["project"]
    for_accounts = declared["optional-dependencies"]["accounts"]
    assert sorted(declared["dependencies"] + for_accounts) == sorted(requirements().values())
    for extra, files in EXTRAS.items():
        lines = declared["optional-dependencies"][extra]
        assert set(lines) <= set(requirements("-test").values())
        needed = {name for path in files for name in imported(ROOT / path)}
        assert needed <= {package(line) for line in lines} | set(requirements())
