"""Any story: the chat does what a naive model of it does, and does it again when told again."""

import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chat_server.rules.entries import Snapshot
from tests.support.fuzz import examples
from tests.support.processes import ROOT
from tests.support.story import retold
from tests.support.telling import DELAYS, KEYS, NAMES, RECIPIENTS, SPANS, Telling, told_by_chance

who = st.integers(0, 29)
keys = st.sampled_from(KEYS)
names = st.sampled_from(NAMES)


class AnyStory(RuleBasedStateMachine):
    """Steps in any order; `Telling` compares after each."""

    def __init__(self) -> None:
        super().__init__()
        self.telling = Telling()
        self.middle: Snapshot | None = None

    @initialize(others=st.lists(names, max_size=3))
    def some_are_here(self, others: list[str]) -> None:
        for wanted in ("alice", *others):
            self.telling.enters(wanted, has_token=True)

    @rule(wanted=st.sampled_from(("", *NAMES)), has_token=st.booleans())
    def enters(self, wanted: str, has_token: bool) -> None:
        self.telling.enters(wanted, has_token)

    @rule(which=who, on=st.none() | who)
    def resumes(self, which: int, on: int | None) -> None:
        self.telling.resumes(which, on)

    @rule(who=who)
    def is_given_token(self, who: int) -> None:
        self.telling.is_given_token(who)

    @rule(who=who, goodbye=st.booleans())
    def leaves(self, who: int, goodbye: bool) -> None:
        self.telling.leaves(who, goodbye)

    @rule(who=who, key=keys, wanted=names)
    def renames(self, who: int, key: str, wanted: str) -> None:
        self.telling.renames(who, key, wanted)

    @rule(who=who, key=keys, to=st.sampled_from(RECIPIENTS), delay=st.sampled_from(DELAYS))
    def sends(self, who: int, key: str, to: str, delay: int) -> None:
        self.telling.sends(who, key, to, delay)

    @rule(who=who, key=keys, number=st.integers(0, 5))
    def cancels(self, who: int, key: str, number: int) -> None:
        self.telling.cancels(who, key, number)

    @rule(who=who, key=keys, about=names)
    def reports(self, who: int, key: str, about: str) -> None:
        self.telling.reports(who, key, about)

    @rule(seconds=st.sampled_from(SPANS))
    def waits(self, seconds: float) -> None:
        self.telling.waits(seconds)

    @rule(number=st.integers(1, 5))
    def fires_perhaps_too_early(self, number: int) -> None:
        self.telling.fires(number)

    @rule(after=st.sampled_from(SPANS))
    def starts(self, after: float) -> None:
        self.telling.starts(after)

    @rule()
    def node_ends(self) -> None:
        self.telling.node_ends()

    @rule(reports=st.integers(0, 2), mute_seconds=st.sampled_from((1, 600)))
    def is_configured(self, reports: int, mute_seconds: int) -> None:
        self.telling.is_configured(reports, mute_seconds)

    @rule()
    def is_saved(self) -> None:
        self.middle = self.telling.story.chat.snapshot()

    def teardown(self) -> None:
        story = self.telling.story
        whole = story.chat.snapshot()
        assert retold(story.entries).snapshot() == whole
        assert retold(story.entries, self.middle).snapshot() == whole


AnyStory.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=40)
TestAnyStory = AnyStory.TestCase


@pytest.mark.parametrize("seed", range(20))
def test_long_story_of_chance_agrees_with_the_model(seed: int) -> None:
    story = told_by_chance(seed, steps=1000)
    middle = retold(story.entries[: len(story.entries) // 2]).snapshot()
    assert retold(story.entries, middle).snapshot() == story.chat.snapshot()


def test_order_of_hashing_does_not_matter() -> None:
    told = [_told_elsewhere(hash_seed) for hash_seed in ("0", "1")]
    snapshot = told_by_chance(seed=1, steps=1500).chat.snapshot()
    here = f"{snapshot.last} {hashlib.sha256(snapshot.state).hexdigest()}\n"
    assert told == [here, here]


def _told_elsewhere(hash_seed: str) -> str:
    """Tell the same story in a process that orders its sets differently."""
    return subprocess.run(
        [sys.executable, "-m", "tests.support.model"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
