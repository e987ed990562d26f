"""The closed loop of the load generator, before servers that are wrong, or slow."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from benchmarks.load import closed
from benchmarks.load.audience import Audience, GivenUp
from benchmarks.load.check import Fault
from benchmarks.load.closed import Closed
from benchmarks.load.dialects import DIALECTS
from benchmarks.load.entrance import enter
from benchmarks.load.processes import Spent

pytestmark = pytest.mark.skipif(
    not hasattr(select, "epoll"), reason="the load generator needs epoll"
)

PEOPLE = 3
SENDERS = 2
WINDOW = 8
QUIET = 0.05

Lines = list[bytes]
Tell = Callable[[Lines], Sequence[Lines]]
"""What each of the people is told, when these lines have come in; none if it has been quiet."""


@contextlib.contextmanager
def serving(tell: Tell) -> Iterator[int]:
    """Run a server for three people; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve, args=(listener, tell))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def serve(listener: socket.socket, tell: Tell) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(ConnectionError))
        people = [stack.enter_context(listener.accept()[0]) for _ in range(PEOPLE)]
        for one in people:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.sendall(b"welcome\n")
        while True:
            ready, _, _ = select.select(people, [], [], QUIET)
            stream = b"".join(one.recv(1 << 16) for one in ready)
            if ready and not stream:
                return
            told = tell(stream.splitlines(keepends=True))
            for one, lines in zip(people, told, strict=True):
                one.sendall(b"".join(lines))


def measure(tell: Tell, echo: bool = True, rate: float = 0.0) -> Closed:
    """Run the closed loop with a server that tells people this."""
    dialect = DIALECTS["raw"]._replace(echo=echo)
    with serving(tell) as port:
        audience = Audience(port, dialect, PEOPLE)
        try:
            enter(audience, PEOPLE)
            return closed.measure(audience, SENDERS, WINDOW, 0.1, Spent(), rate)
        finally:
            audience.close()


def to_everybody(lines: Lines) -> list[Lines]:
    return [lines] * PEOPLE


def to_the_others(lines: Lines) -> list[Lines]:
    return [
        [line for line in lines if not line.startswith(b"m%02d" % person)]
        for person in range(PEOPLE)
    ]


def wrong(fault: Callable[[Lines], Lines], tell: Tell, victims: Sequence[int]) -> Tell:
    """Tell some of the people something wrong, once, as soon as there is enough to say."""
    held: Lines = []
    done: list[bool] = []

    def spoilt(lines: Lines) -> Sequence[Lines]:
        held.extend(lines)
        if len(held) < 2 * WINDOW and not done:
            return [[]] * PEOPLE
        told = [*tell([*held])]
        held.clear()
        if not done:
            done.append(True)
            for victim in victims:
                told[victim] = fault(told[victim])
        return told

    return spoilt


FAULTS: dict[str, Callable[[Lines], Lines]] = {
    "lost": lambda told: told[:4] + told[5:],
    "doubled": lambda told: [*told[:5], *told[4:]],
    "swapped": lambda told: [*told[:3], told[4], told[3], *told[5:]],
    "garbled": lambda told: [*told[:4], told[4].replace(b"lazy", b"l4zy"), *told[5:]],
    "foreign": lambda told: [*told[:4], b"* p00001 left\n", *told[4:]],
    "replaced": lambda told: [*told[:4], told[3], *told[5:]],
}


@pytest.mark.parametrize(("tell", "echo"), [(to_everybody, True), (to_the_others, False)])
def test_a_server_that_tells_everybody_everything_passes(tell: Tell, echo: bool) -> None:
    assert measure(tell, echo).deliveries > 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("tell", "echo", "victims"),
    [
        pytest.param(to_everybody, True, range(PEOPLE), id="everybody"),
        pytest.param(to_everybody, True, [2], id="one of those who are told the same"),
        pytest.param(to_the_others, False, [0], id="a sender who is told something else"),
    ],
)
def test_what_is_wrong_is_noticed(
    monkeypatch: pytest.MonkeyPatch, fault: str, tell: Tell, echo: bool, victims: Sequence[int]
) -> None:
    monkeypatch.setattr(closed, "PATIENCE", 4 * QUIET)
    with pytest.raises((Fault, GivenUp)):
        measure(wrong(FAULTS[fault], tell, victims), echo)


def test_what_comes_when_everything_has_been_heard_is_noticed() -> None:
    told: Lines = []

    def again(lines: Lines) -> Sequence[Lines]:
        """Tell what comes, and its last line again when it is quiet."""
        told.extend(lines)
        return to_everybody(lines or told[-1:])

    with pytest.raises(Fault):
        measure(again)


def test_a_line_more_is_said_for_each_that_everybody_has_heard() -> None:
    held: Lines = []
    on_way: list[int] = []

    def one_by_one(lines: Lines) -> Sequence[Lines]:
        """Tell the first line that is held, as soon as the window is full; all if it is quiet."""
        held.extend(lines)
        if lines:
            on_way.append(len(held))
        count = len(held) if not lines else int(len(held) == SENDERS * WINDOW)
        told = held[:count]
        del held[:count]
        return to_everybody(told)

    measure(one_by_one)
    assert max(on_way) == SENDERS * WINDOW
    assert on_way.count(SENDERS * WINDOW) > 20


def test_at_a_rate_no_more_is_said_than_is_due() -> None:
    slow = measure(to_everybody, rate=200)
    assert 0 < slow.deliveries / PEOPLE <= 200 * slow.seconds
