"""The limit of open files: raised as far as it may be, in a process of its own."""

import resource
import subprocess
import sys

import pytest

SCRIPT = """
import logging, resource, sys
from chat_server import open_files
logging.basicConfig(stream=sys.stdout, format="%(message)s")
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
open_files.raise_limit()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def raised(soft: int, hard: int) -> list[str]:
    """Start a process with these limits, let it raise them, and return what it says."""
    command = [sys.executable, "-c", SCRIPT, str(soft), str(hard)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.skipif(0 <= HARD < 4096, reason="the limit of this machine is too low to test it")
def test_limit_is_raised_as_far_as_the_system_allows() -> None:
    assert raised(64, 4096) == ["4096 4096"]


def test_limit_that_is_low_is_told_of() -> None:
    warning, limits = raised(64, 512)
    assert warning.startswith("the system allows 512 open files")
    assert limits == "512 512"
