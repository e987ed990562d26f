"""Attacks are measured: what people miss is counted, and of our server nobody misses anything."""

import select
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import attack
from benchmarks.attacks.attacks import NAMES
from benchmarks.load import company
from benchmarks.load.audience import Audience
from benchmarks.load.company import Company, Kept
from benchmarks.load.dialects import DIALECTS
from benchmarks.load.entrance import enter
from benchmarks.report import read
from tests.benchmarks.test_closed import PEOPLE, Lines, Tell, serving

pytestmark = pytest.mark.skipif(
    not hasattr(select, "epoll"), reason="the load generator needs epoll"
)


def kept(tell: Tell) -> Kept:
    """Let three people talk before a server that tells them this."""
    with serving(tell) as port:
        audience = Audience(port, DIALECTS["raw"]._replace(refusal=b"! "), PEOPLE, 1)
        try:
            enter(audience, PEOPLE)
            return Company(audience, 100).talk(0.1)
        finally:
            audience.close()


def spoilt(fault: Callable[[Lines], Lines], victims: Sequence[int]) -> Tell:
    """Tell everybody everything, but some of them something else the first time."""
    done: list[bool] = []

    def tell(lines: Lines) -> Sequence[Lines]:
        told = [lines] * PEOPLE
        if lines and not done:
            done.append(True)
            told = [fault(lines) if one in victims else lines for one in range(PEOPLE)]
        return told

    return tell


def test_nobody_misses_anything_of_a_server_that_tells_everything() -> None:
    all_well = kept(lambda lines: [lines] * PEOPLE)
    assert all_well.said > 0
    assert (all_well.lost, all_well.refused, all_well.cut_off) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fault", "lost"), [(lambda lines: lines[1:], 1), (lambda lines: [lines[0], *lines], 1)]
)
def test_what_one_misses_or_hears_twice_is_counted(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[Lines], Lines], lost: int
) -> None:
    monkeypatch.setattr(company, "PATIENCE", 0.2)
    assert kept(spoilt(fault, [2])).lost == lost


def test_what_is_refused_is_not_lost() -> None:
    """The first line is the first person's, who alone is told why nobody hears it."""
    told: list[bool] = []

    def refusing(lines: Lines) -> Sequence[Lines]:
        if not lines or told:
            return [lines] * PEOPLE
        told.append(True)
        return [[b"! No.\n", *lines[1:]], *[lines[1:]] * (PEOPLE - 1)]

    refused = kept(refusing)
    assert (refused.refused, refused.lost) == (1, 0)


def attacked(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> None:
    """Run attacks, and see that five people have missed nothing."""
    out = folder / "attack.jsonl"
    few = ["--seconds", "0.2", "--settle", "0", "--people", "5", "--connections", "20"]
    monkeypatch.setattr("sys.argv", ["attack", *few, "--out", str(out), *arguments])
    attack.main()
    [measured] = read(out, "attack")
    assert measured.values["said"] > 0
    assert (measured.values["lost"], measured.values["cut_off"]) == (0, 0)
    assert 0 < measured.values["answered"] < float("inf")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_in_any_attack_from_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    attacked(monkeypatch, tmp_path, "--only", name, "--from", "here")


@pytest.mark.parametrize("dialect", ["text", "json"])
def test_nothing_is_lost_in_an_attack_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, dialect: str
) -> None:
    attacked(monkeypatch, tmp_path, "--only", "talk", "--from", "elsewhere", "--dialect", dialect)
