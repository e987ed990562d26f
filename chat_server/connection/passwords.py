"""Passwords as hashes of argon2id (RFC 9106), made and checked in threads that nobody waits for.

A password is given to nothing but argon2: it is neither logged nor in what is raised.
"""

import asyncio
import base64
import contextlib
import functools
import os
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MEMORY_KIB = 19 * 1024
"""With two rounds, what the OWASP Password Storage Cheat Sheet names as the least for argon2id."""
ROUNDS = 2
SALT = 16
"""Bytes of each hash's own salt, as RFC 9106, 3.1 recommends."""
DIGEST = 32
"""Bytes of what argon2 makes of a password and its salt."""
THREADS = min(2, os.cpu_count() or 1)
"""Few, because they take cores from the loop."""
NICE = 10
"""How far they stand back behind the loop: everybody else waits for that."""
WAITING = 64
"""How many answers may be waited for at once: some seconds of work."""

T = TypeVar("T")


class Passwords:
    """Makes and checks hashes; all its methods are called in the loop.

    `done` is called once, later, in the loop, with the answer; with None where there is none: too
    many are waited for, memory is short, `close` came first, or argon2-cffi is not there.
    """

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS, waiting: int = WAITING
    ) -> None:
        self._memory_kib = memory_kib
        self._rounds = rounds
        self._most_waiting = waiting
        self._waiting = 0
        self._is_closed = False
        self._threads = ThreadPoolExecutor(THREADS, "passwords", _yield_to_others)

    @property
    def is_available(self) -> bool:
        """Say whether argon2-cffi is installed; the first time, it is imported."""
        return self._argon2 is not None

    def hash(self, secret: str, done: Callable[[str | None], None]) -> None:
        """Make a hash of a password, to be kept; it has its parameters and its salt in it."""
        argon2 = self._argon2
        raw = _raw(secret)
        self._work(None if argon2 is None else lambda: argon2.hash(raw), done)

    def verify(self, kept: str | None, secret: str, done: Callable[[bool | None], None]) -> None:
        """Say whether a hash that was kept is of this password.

        None stands for a name that nobody has: it takes the same work, and the answer is no.
        """
        argon2 = self._argon2
        raw = _raw(secret)
        self._work(None if argon2 is None else lambda: argon2.verify(kept, raw), done)

    def close(self) -> None:
        """End the threads, without waiting for them; what they have not begun has no answer."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    @functools.cached_property
    def _argon2(self) -> "_Argon2 | None":
        try:
            return _Argon2(self._memory_kib, self._rounds)
        except ImportError:
            return None

    def _work(self, work: Callable[[], T] | None, done: Callable[[T | None], None]) -> None:
        """Have something done in a thread, unless too much waits."""
        loop = asyncio.get_running_loop()
        if work is None or self._is_closed or self._waiting >= self._most_waiting:
            loop.call_soon(done, None)
            return

        def tell(future: Future[T]) -> None:
            """Hand over what a thread has come to, called in that thread or by `close`."""
            answer = _answer(future)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there any more
                loop.call_soon_threadsafe(lambda: self._tell(done, answer))

        self._threads.submit(work).add_done_callback(tell)
        self._waiting += 1

    def _tell(self, done: Callable[[T | None], None], answer: T | None) -> None:
        self._waiting -= 1
        done(answer)


class _Argon2:
    """argon2-cffi, which is imported with the first of these, as that takes a while."""

    def __init__(self, memory_kib: int, rounds: int) -> None:
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerifyMismatchError

        self._hasher = PasswordHasher(
            time_cost=rounds,
            memory_cost=memory_kib,
            parallelism=1,
            hash_len=DIGEST,
            salt_len=SALT,
        )
        self._mismatches = (VerifyMismatchError, InvalidHashError)
        parameters = f"$argon2id$v=19$m={memory_kib},t={rounds},p=1"
        self._of_nobody = f"{parameters}${_random(SALT)}${_random(DIGEST)}"
        """A hash of no password: that one has just this digest is as likely as guessing a token."""

    def hash(self, raw: bytes) -> str:
        return self._hasher.hash(raw)

    def verify(self, kept: str | None, raw: bytes) -> bool:
        try:
            return self._hasher.verify(self._of_nobody if kept is None else kept, raw)
        except self._mismatches:
            return False


def _yield_to_others() -> None:
    """Let this thread come after the loop where both want a core; only Linux has that by thread."""
    if sys.platform == "linux":
        os.nice(NICE)


def _raw(secret: str) -> bytes:
    """Return the bytes of a text: of any, as what UTF-8 raises has the text in it."""
    return secret.encode("utf-8", "surrogatepass")


def _random(length: int) -> str:
    """Return so many bytes of chance, as argon2 writes bytes."""
    return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")


def _answer(future: Future[T]) -> T | None:
    """Return what a thread has come to; None where it has not begun, or could not."""
    failed = future.cancelled() or future.exception() is not None
    return None if failed else future.result()
