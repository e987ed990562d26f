"""Passwords, with argon2 itself: hashed in threads, answered in the loop, told to nobody."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from argon2 import PasswordHasher

from chat_server.connection.passwords import NICE, Passwords

SECRET = "correct horse battery staple"
QUICK = 8
"""KiB: the least that argon2 takes."""


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(memory_kib=QUICK)
    yield passwords
    passwords.close()


async def hashed(passwords: Passwords, secret: str = SECRET) -> str | None:
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    passwords.hash(secret, answer.set_result)
    return await answer


async def verified(passwords: Passwords, kept: str | None, secret: str = SECRET) -> bool | None:
    answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
    passwords.verify(kept, secret, answer.set_result)
    return await answer


async def all_hashed(
    passwords: Passwords, count: int, then: Callable[[], None]
) -> list[str | None]:
    """Ask for so many hashes at once, do something before any is told, and wait for them."""
    answers: list[str | None] = []
    everything = asyncio.Event()

    def done(answer: str | None) -> None:
        answers.append(answer)
        if len(answers) == count:
            everything.set()

    for _ in range(count):
        passwords.hash(SECRET, done)
    then()
    assert answers == []
    await everything.wait()
    return answers


def nothing() -> None:
    pass


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("passwords")}


@pytest.mark.both_loops
async def test_password_is_right_and_another_one_is_wrong(passwords: Passwords) -> None:
    kept = await hashed(passwords)
    assert await verified(passwords, kept) is True
    assert await verified(passwords, kept, SECRET.upper()) is False


async def test_hash_has_its_parameters_and_its_own_salt(passwords: Passwords) -> None:
    hashes = {await hashed(passwords) for _ in range(3)}
    assert len(hashes) == 3
    assert all(kept and kept.startswith("$argon2id$v=19$m=8,t=2,p=1$") for kept in hashes)


async def test_hash_takes_the_memory_and_the_rounds_that_owasp_names() -> None:
    passwords = Passwords()
    kept = await hashed(passwords)
    passwords.close()
    assert kept is not None
    _, kind, version, parameters, salt, _ = kept.split("$")
    assert (kind, version, parameters) == ("argon2id", "v=19", "m=19456,t=2,p=1")
    assert len(salt) == 22  # 16 bytes, without the = that Base64 ends with


async def test_hash_with_parameters_of_another_time_still_counts(passwords: Passwords) -> None:
    of_old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=2).hash(SECRET)
    assert await verified(passwords, of_old) is True
    assert await verified(passwords, of_old, "wrong") is False


async def test_name_that_nobody_has_is_answered_like_a_wrong_password(
    passwords: Passwords,
) -> None:
    kept = await hashed(passwords)
    assert await verified(passwords, None) is await verified(passwords, kept, "wrong") is False


@pytest.mark.parametrize("parameters", [{"rounds": 0}, {"memory_kib": 1}])
async def test_name_that_nobody_has_takes_the_work_of_a_hash(parameters: dict[str, int]) -> None:
    """What argon2 cannot do for a hash it cannot do for nobody's either: it is asked to."""
    passwords = Passwords(**parameters)
    assert await hashed(passwords) is None
    assert await verified(passwords, None) is None
    passwords.close()


@pytest.mark.parametrize("kept", ["", "no hash", "$argon2id$v=19$m=8,t=2,p=1$c2FsdA$damaged"])
async def test_damaged_hash_lets_nobody_in(passwords: Passwords, kept: str) -> None:
    assert not await verified(passwords, kept)


@pytest.mark.parametrize("secret", ["", "пароль", "half of a pair: \ud83d", "x" * 100_000])
async def test_any_text_can_be_hashed(passwords: Passwords, secret: str) -> None:
    assert await verified(passwords, await hashed(passwords, secret), secret) is True


@pytest.mark.both_loops
async def test_answer_comes_later_and_in_the_loop(passwords: Passwords) -> None:
    told_in: list[int] = []
    told = asyncio.Event()

    def done(_: str | None) -> None:
        told_in.append(threading.get_ident())
        told.set()

    passwords.hash(SECRET, done)
    assert told_in == []
    await told.wait()
    assert told_in == [threading.get_ident()]


async def test_loop_goes_on_while_passwords_are_hashed() -> None:
    passwords = Passwords()
    answer = asyncio.ensure_future(all_hashed(passwords, 4, nothing))
    turns = 0
    while not answer.done():
        await asyncio.sleep(0)
        turns += 1
    passwords.close()
    assert None not in await answer
    assert turns > 20  # as many as the answers take, were the loop to wait: fewer than ten


async def test_only_so_many_wait_and_the_others_are_told_so(passwords: Passwords) -> None:
    few = Passwords(memory_kib=QUICK, waiting=3)
    assert (await all_hashed(few, 5, nothing)).count(None) == 2
    assert None not in await all_hashed(few, 3, nothing), "whoever was told makes room"
    few.close()
    assert (await all_hashed(passwords, 65, nothing)).count(None) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this by thread")
async def test_hashing_comes_after_the_loop_where_both_want_a_core() -> None:
    passwords = Passwords()
    before = threads()
    await all_hashed(passwords, 5, nothing)
    hashing = [thread.native_id for thread in threads() - before]
    nice = [os.getpriority(os.PRIO_PROCESS, thread) for thread in hashing if thread]
    passwords.close()
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert nice and all(one == min(19, own + NICE) for one in nice)


async def test_at_most_two_threads_hash() -> None:
    passwords = Passwords()
    before, hashing = threads(), set[threading.Thread]()
    await all_hashed(passwords, 5, lambda: hashing.update(threads() - before))
    passwords.close()
    assert 1 <= len(hashing) <= 2


async def test_close_waits_for_nothing_and_what_was_not_begun_has_no_answer() -> None:
    passwords = Passwords()
    answers = await all_hashed(passwords, 64, passwords.close)
    assert None in answers
    for thread in threads():
        thread.join()
    assert await hashed(passwords) is None
    assert await verified(passwords, None) is None
    passwords.close()


def test_loop_that_is_closed_meanwhile_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    passwords = Passwords()
    told: list[object] = []

    async def come_and_go() -> None:
        for _ in range(64):
            passwords.hash(SECRET, told.append)

    asyncio.run(come_and_go())
    passwords.close()
    for thread in threads():
        thread.join()
    assert len(told) < 64
    assert caplog.messages == []


async def test_without_argon2_there_are_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    passwords = Passwords()
    assert not passwords.is_available
    assert await hashed(passwords) is None
    assert await verified(passwords, None) is None


def test_argon2_is_imported_only_when_it_is_asked_for() -> None:
    program = (
        "import sys; from chat_server.connection.passwords import NICE, Passwords;"
        "passwords = Passwords(); print('argon2' in sys.modules);"
        "print(passwords.is_available, 'argon2' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"False", b"True", b"True"]


async def test_password_is_nowhere_to_be_read(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also where each turn of the loop is told of, and argon2 cannot do its work."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    caplog.set_level("DEBUG")
    half = f"{SECRET}\ud83d"
    for passwords in (Passwords(memory_kib=QUICK), Passwords(rounds=0)):
        for secret in (SECRET, half):
            kept = await hashed(passwords, secret)
            await verified(passwords, kept, secret)
        passwords.close()
        assert SECRET not in f"{passwords!r} {vars(passwords)!r}"
    assert caplog.messages != []
    assert SECRET not in caplog.text
    assert "$argon2id$" not in caplog.text
    assert capfd.readouterr() == ("", "")
