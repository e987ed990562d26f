"""How fast one connection may talk."""

from chat_server.pacing import TokenBucket


def takes(bucket: TokenBucket, count: int, now: float) -> list[float]:
    return [bucket.take(now) for _ in range(count)]


def test_burst_is_let_through_at_once() -> None:
    assert takes(TokenBucket(rate=4, burst=3, now=0), 3, now=0) == [0, 0, 0]


def test_one_more_has_to_wait_for_the_rate() -> None:
    bucket = TokenBucket(rate=4, burst=3, now=0)
    takes(bucket, 3, now=0)
    assert bucket.take(0) == 0.25
    assert bucket.take(0.125) == 0.125


def test_waiting_as_long_as_told_is_enough() -> None:
    bucket = TokenBucket(rate=4, burst=1, now=0)
    bucket.take(0)
    assert bucket.take(bucket.take(0)) == 0


def test_a_line_that_has_to_wait_costs_nothing() -> None:
    bucket = TokenBucket(rate=4, burst=1, now=0)
    takes(bucket, 100, now=0)
    assert bucket.take(0.25) == 0


def test_silence_is_not_saved_beyond_the_burst() -> None:
    bucket = TokenBucket(rate=4, burst=2, now=0)
    assert takes(bucket, 3, now=1000) == [0, 0, 0.25]
