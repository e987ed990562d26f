"""How `make` sets up what the chat needs: once, anew where it has to, and nothing by halves."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT, program

SET_UP = [sys.executable, str(ROOT / "tools" / "set_up.py")]
PATIENCE = 60.0


def set_up(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    (folder / "requirements.txt").touch()
    return subprocess.Popen(
        [*SET_UP, *arguments, "requirements.txt", ".venv/ready"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a folder that make takes for one where everything is set up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (tmp_path / ".venv" / "lib" / version / "site-packages" / "pip").mkdir(parents=True)
    (tmp_path / ".venv" / "ready").touch()
    return tmp_path


def planned(checkout: Path, *arguments: str) -> str:
    """Return what make would do to set up."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    given.pop("PYTHON", None)
    command = [program("make"), "--no-print-directory", "-n", ".venv/ready", *arguments]
    made = subprocess.run(
        command, cwd=checkout, env=given, capture_output=True, text=True, check=True
    )
    return made.stdout


def test_what_is_set_up_is_left_as_it_is(checkout: Path) -> None:
    assert "set_up.py" not in planned(checkout)
    assert "set_up.py" not in planned(checkout, f"PYTHON={sys.executable}")


def test_new_requirements_are_installed_into_what_is_there(checkout: Path) -> None:
    os.utime(checkout / ".venv" / "ready", (0, 0))
    assert "set_up.py  .venv requirements.txt .venv/ready" in planned(checkout)


def test_environment_of_a_python_that_is_gone_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    assert "set_up.py --anew" in planned(checkout)


def test_environment_of_a_python_that_was_replaced_by_another_is_made_anew(checkout: Path) -> None:
    [library] = (checkout / ".venv" / "lib").iterdir()
    library.rename(library.with_name("python3.9"))
    assert "set_up.py --anew" in planned(checkout)


def test_environment_of_another_python_than_one_wants_is_made_anew(checkout: Path) -> None:
    other = checkout / "other"
    other.write_text("#!/bin/sh\necho 3.99\n")
    other.chmod(0o755)
    assert "set_up.py --anew" in planned(checkout, f"PYTHON={other}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_set_up_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    process = set_up(tmp_path, ".venv")
    assert process.stdout is not None
    assert "Setting up .venv" in process.stdout.readline()
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (130, "\nSetting up was stopped; nothing of it is left.\n")
    assert [each.name for each in tmp_path.iterdir()] == ["requirements.txt"]


def test_folder_that_cannot_be_written_to_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = set_up(tmp_path, "file/.venv")
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    [line] = said.splitlines()
    assert line.startswith(f"cannot make {tmp_path}/file/.venv: Not a directory.")
    assert line.endswith("make VENV=/tmp/venv chat")


def test_what_make_has_not_made_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine").touch()
    _, said = (process := set_up(tmp_path, "--anew", ".venv")).communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"{tmp_path}/.venv is there, and is no virtual environment" in said
    assert (tmp_path / ".venv" / "mine").exists()
