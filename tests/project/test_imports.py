"""What is pure stays so when it runs: what importing it loads is what it may know, and no more."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_KNOW = (
    *("bisect", "collections", "datetime", "enum", "functools", "heapq", "ipaddress", "itertools"),
    *("math", "msgspec", "re", "textwrap", "typing", "unicodedata"),
)
"""What the rules and the protocol may import of Python and of others: nothing that asks anybody."""
LOADING = """
import importlib, pkgutil, sys
for name in {may_know}:
    importlib.import_module(name)
before = set(sys.modules)
package = importlib.import_module("chat_server.{package}")
for module in pkgutil.walk_packages(package.__path__, "chat_server.{package}."):
    importlib.import_module(module.name)
print(*sorted(set(sys.modules) - before))
"""
PACKAGES = {
    "protocol": ["protocol"],
    "rules": ["protocol", "rules"],
    "doors": ["protocol", "doors"],
}
"""What is pure, and of which packages of ours it may be made."""


def is_of(module: str, packages: list[str]) -> bool:
    """Say whether a module is of one of these packages, or the package of all."""
    roots = (f"chat_server.{package}" for package in packages)
    return module == "chat_server" or any(f"{module}.".startswith(f"{root}.") for root in roots)


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, anywhere in it, by their first word."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_what_is_pure_loads_no_loop_socket_file_clock_or_chance(package: str) -> None:
    loading = LOADING.format(may_know=MAY_KNOW, package=package)
    ran = subprocess.run(
        [sys.executable, "-c", loading], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    loaded = ran.stdout.split()
    assert f"chat_server.{package}" in loaded
    assert [module for module in loaded if not is_of(module, PACKAGES[package])] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_pure_imports_only_what_is_listed(package: str) -> None:
    """Also what every Python has loaded before: the time, files, the environment."""
    for path in (ROOT / "chat_server" / package).rglob("*.py"):
        assert imported(path) <= {*MAY_KNOW, "chat_server"}, path


def test_what_may_be_imported_is_no_loop_socket_file_clock_or_chance() -> None:
    asking = {"asyncio", "socket", "sqlite3", "random", "secrets", "logging"}
    loading = f"import sys, {', '.join(MAY_KNOW)}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", loading], stdout=subprocess.PIPE, text=True, check=True
    )
    assert not asking & set(ran.stdout.split())
