"""What processes take: time of the processors, and memory."""

import os
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(process: int) -> float:
    """Return the seconds of a processor that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def busy_seconds() -> float:
    """Return the seconds for which the processors of this machine have been busy so far."""
    user, nice, system, _, _, *other = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    return sum(map(int, (user, nice, system, *other))) / _TICK


def resident_kib(process: int) -> int:
    """Return the memory that a process has in use, in KiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


class Spent:
    """Seconds on a clock that can be stopped, and of the processors while it ran."""

    def __init__(self, server: int | None = None) -> None:
        self.seconds = 0.0
        self._server = server
        self._own = self._servers = self._all = 0.0

    def start(self) -> None:
        self._change(-1)

    def stop(self) -> None:
        self._change(1)

    @property
    def generator_share(self) -> float:
        """The share of one core that this process took."""
        return self._own / self.seconds

    @property
    def server_share(self) -> float:
        """The share of one core that the server took; 0 where its process is not known."""
        return self._servers / self.seconds

    @property
    def others_share(self) -> float:
        """The share of one core that took what has nothing to do with it."""
        return max(0.0, (self._all - self._own - self._servers) / self.seconds)

    def _change(self, sign: int) -> None:
        self.seconds += sign * time.perf_counter()
        self._own += sign * time.process_time()
        self._all += sign * busy_seconds()
        if self._server is not None:
            self._servers += sign * processor_seconds(self._server)
