"""Make a virtual environment, or what is missing of one: `set_up.py VENV REQUIREMENTS STAMP`.

For `make`, which says with --anew that the one that is there is of a Python that is gone, or of
another one. What is interrupted leaves nothing half-made. Runs on Pythons that are too old for the
chat, to say that.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys

LEAST = (3, 10)
INTERRUPTED = 128 + signal.SIGINT
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotSetUp(Exception):
    """There is no environment to be had; the message says why, and what to do."""


def main() -> int:
    """Set up, and return the exit status."""
    parser = argparse.ArgumentParser(prog="set_up.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("venv")
    parser.add_argument("requirements")
    parser.add_argument("stamp")
    parser.add_argument("--anew", action="store_true")
    given = parser.parse_args()
    is_new = given.anew or not os.path.exists(os.path.join(given.venv, "pyvenv.cfg"))
    try:
        if is_new:
            make(given.venv)
        install(given.venv, given.requirements)
        with open(given.stamp, "w", encoding="utf-8"):
            pass
    except CannotSetUp as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        if is_new:
            shutil.rmtree(given.venv, ignore_errors=True)
        left = "nothing of it is left" if is_new else "it goes on when you start it again"
        sys.stderr.write(f"\nSetting up was stopped; {left}.\n")
        return INTERRUPTED
    return 0


def make(venv: str) -> None:
    """Make an environment in the place of whatever was one there."""
    if sys.version_info < LEAST:
        raise CannotSetUp(
            "Python 3.10 or newer is needed, and this is {}.{}; "
            "to choose one: make PYTHON=python3.12 chat".format(*sys.version_info[:2])
        )
    try:
        import ensurepip  # noqa: F401 - Debian has it in a package of its own
        import venv as _  # noqa: F401
    except ImportError:
        raise CannotSetUp(
            "Python's venv is missing. On Debian or Ubuntu: sudo apt install python3-venv"
        ) from None
    try:
        remove_old(venv)
        os.makedirs(venv)
    except OSError as error:
        raise CannotSetUp(
            f"cannot make {os.path.abspath(venv)}: {error.strerror}. Copy this folder to where you "
            "may write, or name another place: make VENV=/tmp/venv chat"
        ) from None
    sys.stdout.write(f"Setting up {venv}, which takes a moment, once ...\n")
    sys.stdout.flush()
    run(sys.executable, "-m", "venv", venv)


def remove_old(venv: str) -> None:
    """Remove what make has made, and nothing else."""
    if os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        shutil.rmtree(venv)
    elif os.path.isdir(venv) and not os.listdir(venv):
        os.rmdir(venv)
    elif os.path.lexists(venv):
        raise CannotSetUp(
            f"{os.path.abspath(venv)} is there, and is no virtual environment. Move it away, or "
            "name another place: make VENV=/tmp/venv chat"
        )


def install(venv: str, requirements: str) -> None:
    """Install what a file of requirements names."""
    pip = (os.path.join(venv, "bin", "python"), "-m", "pip", "install", "--quiet")
    run(*pip, "--disable-pip-version-check", "-r", requirements)


def run(*command: str) -> None:
    """Run a program that hears of Ctrl+C only through us, and so says nothing of its own.

    While it starts we hear of nothing: a program that nobody knew yet would go on by itself.
    """
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    process = subprocess.Popen(command, start_new_session=True)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        status = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if status:
        raise CannotSetUp("Setting up failed: {}".format(" ".join(command)))


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in ENDING:
        signal.signal(ending, _interrupt)
    sys.exit(main())
