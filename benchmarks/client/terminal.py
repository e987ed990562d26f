"""A program on a terminal of 120 by 40, measured by what it writes there."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS, ROWS = 120, 40
FIRST_LETTERS = 10
"""Letters that make a picture the first one."""
BEGIN_PAINT, END_PAINT = b"\x1b[?2026h", b"\x1b[?2026l"
"""Between these a terminal shows nothing new (synchronized output)."""
_ASKED, _ANSWERED = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(\x07|\x1b\\)?|[ -/]*[0-~])")


class NotSeen(Exception):
    """What was waited for was not painted."""


class Terminal:
    """A program on a pseudo-terminal; times are seconds of `time.perf_counter`."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._end, program_end = pty.openpty()
        fcntl.ioctl(program_end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=program_end,
            stdout=program_end,
            stderr=program_end,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        os.close(program_end)
        self._seen = b""

    def first_paint(self, patience: float) -> float:
        """Wait for the first letters; return when they were there."""
        while len(re.findall(rb"[A-Za-z]", _ESCAPES.sub(b"", self._seen))) < FIRST_LETTERS:
            self._read_before(self.started + patience, "the first paint")
        return time.perf_counter()

    def painted(self, what: bytes, patience: float) -> float:
        """Wait until something is painted, and the picture it belongs to is complete."""
        end = time.perf_counter() + patience
        while not self._is_painted(what):
            self._read_before(end, what.decode())
        at = time.perf_counter()
        self._seen = b""
        return at

    def key_to_glyph(self, glyph: str, patience: float) -> float:
        """Press a key; return the seconds until it is painted."""
        self._seen = b""
        pressed = time.perf_counter()
        self.write(glyph.encode())
        return self.painted(glyph.encode(), patience) - pressed

    def write(self, keys: bytes) -> None:
        os.write(self._end, keys)

    def pause(self, seconds: float) -> None:
        """Let time pass, and look at what is painted meanwhile."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._end], [], [], left)[0]:
                self._read()

    def processor_seconds(self) -> float:
        """Return the processor time that the program has taken so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the resident memory of the program in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)

    def _is_painted(self, what: bytes) -> bool:
        before, found, after = self._seen.partition(what)
        is_within = before.rfind(BEGIN_PAINT) > before.rfind(END_PAINT)
        return bool(found) and (not is_within or END_PAINT in after)

    def _read_before(self, end: float, what: str) -> None:
        left = max(0.0, end - time.perf_counter())
        if not select.select([self._end], [], [], left)[0]:
            raise NotSeen(f"waited in vain for {what}; the last bytes: {self._seen[-300:]!r}")
        self._read()

    def _read(self) -> None:
        """Take what is written, and answer as terminals do that can paint at once."""
        try:
            said = os.read(self._end, 65536)
        except OSError:
            raise NotSeen(
                f"the program has ended; its last bytes: {self._seen[-2000:]!r}"
            ) from None
        if _ASKED in said:
            self.write(_ANSWERED)
        self._seen = self._seen[-100_000:] + said
