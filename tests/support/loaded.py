"""Run a command while other programs keep every core busy: `make test-loaded`."""

import os
import subprocess
import sys

LONGEST = 1800
"""Seconds after which a busy program ends, whatever becomes of this one."""
BUSY = f"""
import os, time
parent, end = os.getppid(), time.monotonic() + {LONGEST}
while os.getppid() == parent and time.monotonic() < end:
    sum(range(10000))
"""


def main(command: list[str]) -> int:
    """Return the command's status."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        for program in busy:
            program.kill()
            program.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
