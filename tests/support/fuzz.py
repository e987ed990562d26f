"""How many examples tests of chance are given: a few hundred, or for `make fuzz` many more."""

import os


def examples(usual: int) -> int:
    """Return how many stories are told to a model; FUZZ_STORIES says how many there are to be."""
    return int(os.environ.get("FUZZ_STORIES") or usual)
