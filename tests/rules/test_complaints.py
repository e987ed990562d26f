"""Complaints, and the mute that enough of them bring."""

import random

import msgspec
import pytest

from chat_server.protocol import wording
from chat_server.protocol.commands import Send
from chat_server.protocol.events import Muted, Ok, Refused
from chat_server.protocol.names import name
from chat_server.rules.addresses import counted
from chat_server.rules.entries import Configure, Enter, Return
from chat_server.rules.state import KEPT_ADDRESSES, MOST_MUTED_AT, State
from tests.support.clock import DAWN
from tests.support.story import Story, code, told


@pytest.fixture
def story() -> Story:
    return Story()


def complain(story: Story, target: str, reporters: int) -> None:
    """Let that many new people report somebody."""
    for _ in range(reporters):
        story.types(story.enters(), f"report {target}")


def is_muted(story: Story, connection: str) -> bool:
    return code(story.types(connection, "send hi")) == "muted"


def test_third_distinct_reporter_mutes_and_everyone_is_told(story: Story) -> None:
    dave, bystander = story.enters("dave"), story.enters()
    complain(story, "dave", 2)
    assert not is_muted(story, dave)
    story.forget_told()
    outcome = story.types(bystander, "report DAVE")
    assert outcome.answer == Ok(code="reported", data={"name": "dave"})
    muted = Muted(story.person(dave), DAWN + 600)
    assert story.hears(dave) == story.hears(bystander) == [muted]
    assert is_muted(story, dave)


def test_somebody_can_be_reported_by_their_id(story: Story) -> None:
    dave, eve = story.enters("dave"), story.enters("eve")
    id_ = story.person(dave).id
    story.types(dave, "rename carol")
    story.types(eve, "rename dave")
    for _ in range(3):
        reported = story.types(story.enters(), f"report ={id_}").answer
        assert reported == Ok(code="reported", data={"name": "carol"})
    assert (is_muted(story, dave), is_muted(story, eve)) == (True, False)


def test_nobody_is_told_of_a_complaint_that_does_not_mute(story: Story) -> None:
    story.enters("dave")
    assert told(story.types(story.enters(), "report dave")) == []


def test_complaint_counts_once_however_often_it_is_made(story: Story) -> None:
    dave, alice = story.enters("dave"), story.enters("alice")
    assert code(story.types(alice, "report dave")) == ""
    assert code(story.types(alice, "report dave")) == "already_reported"
    story.types(alice, "rename carol")
    assert code(story.types(alice, "report dave")) == "already_reported"
    complain(story, "dave", 1)
    assert not is_muted(story, dave)


def test_complaint_counts_once_however_the_target_is_called(story: Story) -> None:
    dave, alice = story.enters("dave"), story.enters("alice")
    story.types(alice, "report dave")
    story.types(dave, "rename eve")
    assert code(story.types(alice, "report eve")) == "already_reported"


def test_complaints_about_one_person_never_count_against_another(story: Story) -> None:
    dave, eve, alice = story.enters("dave"), story.enters("eve"), story.enters("alice")
    complain(story, "dave", 2)
    assert story.types(alice, "report eve").answer == Ok(code="reported", data={"name": "eve"})
    assert not is_muted(story, dave)
    assert not is_muted(story, eve)


def test_complaints_stay_with_the_person_and_not_with_the_name(story: Story) -> None:
    dave, alice = story.enters("dave"), story.enters("alice")
    complain(story, "dave", 2)
    story.types(dave, "rename eve")
    story.types(alice, "rename dave")
    complain(story, "dave", 1)
    assert not is_muted(story, alice)
    complain(story, "eve", 1)
    assert is_muted(story, dave)


def test_nobody_reports_themselves(story: Story) -> None:
    assert code(story.types(story.enters("dave"), "report Dave")) == "self_report"


@pytest.mark.parametrize("target", ["nobody", "gone"])
def test_only_somebody_who_is_here_can_be_reported(story: Story, target: str) -> None:
    alice = story.enters("alice")
    story.breaks(story.enters("gone", token="g"))
    answer = story.types(alice, f"report {target}").answer
    assert isinstance(answer, Refused)
    assert answer.code == "nobody_of_that_name"
    assert f"Nobody here is called {target}." in wording.refusal(answer)


def test_complaints_begin_again_from_nothing_when_a_mute_begins(story: Story) -> None:
    dave, alice = story.enters("dave"), story.enters("alice")
    story.types(alice, "report dave")
    complain(story, "dave", 2)
    story.wait(600)
    assert code(story.types(alice, "report dave")) == ""
    complain(story, "dave", 1)
    assert not is_muted(story, dave)
    complain(story, "dave", 1)
    assert is_muted(story, dave)


@pytest.mark.parametrize(("seconds", "muted"), [(0, True), (599.9, True), (600, False)])
def test_mute_lasts_ten_minutes(story: Story, seconds: float, muted: bool) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    story.wait(seconds)
    assert is_muted(story, dave) is muted


def test_refusal_says_how_long_is_left(story: Story) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    story.wait(30.5)
    answer = story.types(dave, "send hi").answer
    assert isinstance(answer, Refused)
    assert "muted for another 9 min 30 s" in wording.refusal(answer)


@pytest.mark.parametrize("line", ["send hi", "send hi -u alice", "send hi -t 5", "send hi -u dave"])
def test_muted_person_cannot_send_in_any_way(story: Story, line: str) -> None:
    story.enters("alice")
    dave = story.enters("dave")
    complain(story, "dave", 3)
    outcome = story.types(dave, line)
    assert (code(outcome), told(outcome)) == ("muted", [])


def test_muted_person_may_do_everything_else(story: Story) -> None:
    story.enters("alice")
    dave = story.enters("dave")
    story.types(dave, "send later -t 5")
    complain(story, "dave", 3)
    for line in ("report alice", "cancel"):
        assert isinstance(story.types(dave, line).answer, Ok)


def test_rename_does_not_lift_a_mute(story: Story) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    story.types(dave, "rename eve")
    assert is_muted(story, dave)
    assert not is_muted(story, story.enters("dave"))


def test_returning_with_a_token_does_not_lift_a_mute(story: Story) -> None:
    dave = story.enters("dave", token="d")
    complain(story, "dave", 3)
    story.breaks(dave)
    assert is_muted(story, story.resumes("d"))


def test_returning_with_a_token_does_not_lose_complaints(story: Story) -> None:
    dave = story.enters("dave", token="d")
    complain(story, "dave", 2)
    story.breaks(dave)
    again = story.resumes("d")
    complain(story, "dave", 1)
    assert is_muted(story, again)


def test_number_of_complaints_and_length_of_the_mute_can_be_set(story: Story) -> None:
    dave = story.enters("dave")
    story.is_configured(reports=0, mute_seconds=7)
    complain(story, "dave", 1)
    assert is_muted(story, dave)
    story.wait(7)
    assert not is_muted(story, dave)


def test_check_knows_that_a_mute_ends_with_time(story: Story) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    assert isinstance(story.chat.check(dave, "", Send("hi"), DAWN + 599), Refused)
    assert story.chat.check(dave, "", Send("hi"), DAWN + 600) is None


@pytest.mark.parametrize(("seconds", "counts"), [(1799, True), (1800, False), (40 * 86_400, False)])
def test_complaint_counts_for_half_an_hour(story: Story, seconds: float, counts: bool) -> None:
    dave, alice = story.enters("dave"), story.enters("alice")
    story.types(alice, "report dave")
    story.wait(seconds)
    complain(story, "dave", 1)
    assert code(story.types(alice, "report dave")) == ("already_reported" if counts else "")
    complain(story, "dave", 1)
    assert is_muted(story, dave)


@pytest.mark.parametrize("wanted", ["you.are.stupid", "Дурак", "DAVE", "guest1"])
def test_muted_person_gets_no_other_name(story: Story, wanted: str) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    answer = story.types(dave, f"rename {wanted}").answer
    assert isinstance(answer, Refused)
    assert (
        wording.refusal(answer)
        == "You are muted for another 10 min. You keep your name until then."
    )
    assert story.chat.name_at(dave) == "dave"
    story.wait(600)
    assert isinstance(story.types(dave, "rename eve").answer, Ok)


# Addresses


def enters_from(story: Story, address: str, wanted: str = "", token: str = "") -> str:
    connection = f"{address} {len(story.entries)}"
    entering = Enter(name(wanted) if wanted else None, token or None, address)
    story.happens(entering, connection)
    return connection


def test_mute_holds_for_whoever_comes_from_the_address(story: Story) -> None:
    neighbour = enters_from(story, "192.0.2.7")
    dave = enters_from(story, "192.0.2.7", "dave")
    complain(story, "dave", 3)
    story.types(dave, "exit")
    story.wait(100)
    again = enters_from(story, "192.0.2.7", "you.are.stupid")
    assert story.chat.name_at(again).startswith("guest")
    answer = story.types(again, "send hi").answer
    assert isinstance(answer, Refused)
    assert wording.refusal(answer) == "You are muted for another 8 min 20 s. Nothing was sent."
    assert not is_muted(story, neighbour)
    assert not is_muted(story, enters_from(story, "192.0.2.8"))
    story.wait(500)
    assert not is_muted(story, again)
    assert not is_muted(story, enters_from(story, "192.0.2.7"))


def test_mute_holds_for_somebody_else_who_is_resumed_from_the_address(story: Story) -> None:
    story.breaks(enters_from(story, "192.0.2.7", "spare", "s"))
    enters_from(story, "192.0.2.7", "dave")
    complain(story, "dave", 3)
    story.happens(Return("s", "fresh", "192.0.2.7"), "again")
    assert is_muted(story, "again")


def test_mute_on_this_machine_holds_for_the_person_alone(story: Story) -> None:
    dave = story.enters("dave")
    complain(story, "dave", 3)
    story.types(dave, "exit")
    assert not is_muted(story, story.enters("dave"))


def test_addresses_of_muted_people_do_not_fill_the_state(story: Story) -> None:
    story.is_configured(reports=0, mute_seconds=600)
    for number in range(KEPT_ADDRESSES + 50):
        dave = enters_from(story, f"2001:db8:0:{number:x}::/64", "dave")
        reporter = story.enters()
        story.types(reporter, "report dave")
        story.types(reporter, "exit")
        story.types(dave, "exit")
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert len(state.muted_addresses) == KEPT_ADDRESSES
    story.wait(700)
    enters_from(story, "192.0.2.7", "dave")
    story.types(story.enters(), "report dave")
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert list(state.muted_addresses) == ["192.0.2.7"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", ""),
        ("127.9.9.9", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("?", ""),
        ("", ""),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_address_counts_as_one_with_all_of_its_network(host: str, expected: str) -> None:
    assert counted(host) == expected


# From elsewhere

DAY = 24 * 3600
FAR = [f"192.0.2.{number}" for number in range(1, 250)]


def regular(story: Story, address: str, wanted: str = "") -> str:
    """Enter from an address, and speak; with time, such a person's complaints count."""
    connection = enters_from(story, address, wanted)
    for word in ("one", "two", "three"):
        story.types(connection, f"send {word}")
    return connection


def test_complaints_of_those_who_have_just_come_from_elsewhere_mute_nobody(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave")
    for address in FAR[1:101]:
        newcomer = regular(story, address)
        assert code(story.types(newcomer, "report dave")) == ""
    assert not is_muted(story, dave)


def test_three_regulars_mute_with_their_third_complaint(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave")
    regulars = [regular(story, address) for address in FAR[1:4]]
    story.wait(900)
    for one in regulars[:2]:
        story.types(one, "report dave")
    assert not is_muted(story, dave)
    story.types(regulars[2], "report dave")
    assert is_muted(story, dave)


def test_who_has_said_nothing_is_no_regular(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave")
    silent = [enters_from(story, address) for address in FAR[1:9]]
    story.wait(900)
    for one in silent:
        story.types(one, "report dave")
    assert not is_muted(story, dave)


def test_complaints_from_one_address_are_one(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave")
    regulars = [regular(story, FAR[1]) for _ in range(9)]
    story.wait(900)
    for one in regulars:
        story.types(one, "report dave")
    assert not is_muted(story, dave)


def test_nobody_from_elsewhere_is_part_of_more_than_two_mutes_a_day(story: Story) -> None:
    regulars = [regular(story, address) for address in FAR[:3]]
    story.wait(900)
    for number, expected in enumerate((True, True, False)):
        dave = enters_from(story, FAR[100 + number], f"dave{number}")
        for one in regulars:
            story.types(one, f"report dave{number}")
        assert is_muted(story, dave) == expected
        story.wait(700)
    story.wait(24 * 3600)
    dave = enters_from(story, FAR[110], "davido")
    for one in regulars:
        story.types(one, "report davido")
    assert is_muted(story, dave)


def test_after_three_mutes_in_ten_minutes_moderators_decide(story: Story) -> None:
    regulars = [regular(story, address) for address in FAR[:12]]
    story.wait(900)
    muted = []
    for number in range(4):
        dave = enters_from(story, FAR[100 + number], f"dave{number}")
        for one in regulars[3 * number : 3 * number + 3]:
            story.types(one, f"report dave{number}")
        muted.append(is_muted(story, dave))
    assert muted == [True, True, True, False]


@pytest.mark.parametrize(("standing", "spoken"), [(900, 2), (DAY, 3)])
def test_a_hundred_made_today_mute_nobody_in_a_day(
    story: Story, standing: int, spoken: int
) -> None:
    """One owner's, each from an address of its own, who stay and complain all day of two hundred.

    Those who also speak a little are kept from it by a standing that takes a day.
    """
    story.happens(Configure(2, 600, standing_seconds=standing))
    honest = [enters_from(story, f"198.51.100.{number}", f"h{number}") for number in range(200)]
    sybils = [enters_from(story, address) for address in FAR[:100]]
    by_chance = random.Random(standing)
    for one in sybils * spoken:
        story.types(one, "send hi")
    for _ in range(23):
        story.wait(3600)
        target = f"h{by_chance.randrange(200)}"
        for one in by_chance.sample(sybils, 100):
            story.types(one, f"report {target}")
            story.types(one, f"report h{by_chance.randrange(200)}")
    assert not [event for event in story.hears(honest[0]) if isinstance(event, Muted)]


def test_ten_complaints_an_hour_are_the_most(story: Story) -> None:
    eve = story.enters("eve")
    for number in range(10):
        story.enters(f"d{number}")
        assert code(story.types(eve, f"report d{number}")) == ""
    story.enters("dave")
    assert code(story.types(eve, "report dave")) == "too_many_reports"
    story.wait(3600)
    assert code(story.types(eve, "report dave")) == ""


def test_complaints_count_for_as_long_as_is_set(story: Story) -> None:
    story.happens(Configure(1, 600, report_seconds=60))
    dave = story.enters("dave")
    complain(story, "dave", 1)
    story.wait(60)
    complain(story, "dave", 1)
    assert not is_muted(story, dave)


def complain_together(story: Story, target: str, regulars: list[str]) -> None:
    for one in regulars:
        story.types(one, f"report {target}")


def test_complaints_of_one_who_was_part_of_two_mutes_today_are_taken_back(story: Story) -> None:
    regulars = [regular(story, address) for address in FAR[:7]]
    daves = [enters_from(story, FAR[100 + number], f"dave{number}") for number in range(3)]
    story.wait(900)
    for number in range(3):
        story.types(regulars[0], f"report dave{number}")
    for number in range(3):
        complain_together(story, f"dave{number}", regulars[1 + 2 * number : 3 + 2 * number])
    assert [is_muted(story, dave) for dave in daves] == [True, True, False]


def test_who_left_for_good_is_part_of_one_more_mute_at_most(story: Story) -> None:
    regulars = [regular(story, address) for address in FAR[:5]]
    daves = [enters_from(story, FAR[100 + number], f"dave{number}") for number in range(2)]
    story.wait(900)
    for number in range(2):
        story.types(regulars[0], f"report dave{number}")
    story.types(regulars[0], "exit")
    for number in range(2):
        complain_together(story, f"dave{number}", regulars[1 + 2 * number : 3 + 2 * number])
    assert [is_muted(story, dave) for dave in daves] == [True, False]


def test_address_of_a_complaint_that_counts_no_more_is_free_for_another(story: Story) -> None:
    """Eve complained from there half an hour ago, and does so over this machine now."""
    dave = story.enters("dave")
    eve, bob = (regular(story, FAR[1], wanted) for wanted in ("eve", "bob"))
    story.is_given_token(eve, "eves")
    story.wait(900)
    story.types(eve, "report dave")
    story.wait(1800)
    story.breaks(eve)
    story.types(story.resumes("eves"), "report dave")
    story.types(bob, "report dave")
    complain(story, "dave", 1)
    assert is_muted(story, dave)


def test_no_mute_becomes_shorter_by_complaints(story: Story) -> None:
    story.is_configured(reports=2, mute_seconds=3600)
    dave = enters_from(story, FAR[0], "dave")
    complain(story, "dave", 3)
    story.is_configured(reports=2, mute_seconds=1)
    complain(story, "dave", 3)
    story.wait(3599)
    assert is_muted(story, dave)
    assert is_muted(story, enters_from(story, FAR[0]))
    story.wait(1)
    assert not is_muted(story, dave)


def test_shorter_mute_of_another_leaves_an_address_muted(story: Story) -> None:
    eve = enters_from(story, FAR[0], "eve")
    dave = enters_from(story, FAR[0], "dave")
    complain(story, "dave", 3)
    story.is_configured(reports=2, mute_seconds=1)
    complain(story, "eve", 3)
    story.types(dave, "exit")
    story.wait(1)
    assert not is_muted(story, eve)
    assert is_muted(story, enters_from(story, FAR[0]))


def test_mute_holds_for_new_guests_from_wherever_the_muted_person_comes(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave", "daves")
    complain(story, "dave", 3)
    story.breaks(dave)
    assert not is_muted(story, enters_from(story, FAR[1]))
    story.happens(Return("daves", "fresh", FAR[1]), "again")
    story.types("again", "exit")
    assert is_muted(story, enters_from(story, FAR[1]))


def test_mute_goes_along_to_so_many_addresses(story: Story) -> None:
    dave = enters_from(story, FAR[0], "dave", "daves")
    complain(story, "dave", 3)
    story.breaks(dave)
    for address in FAR[1 : MOST_MUTED_AT + 10]:
        story.happens(Return("daves", "fresh", address), address)
    muted = [is_muted(story, enters_from(story, one)) for one in FAR[: MOST_MUTED_AT + 10]]
    assert muted == [True] * MOST_MUTED_AT + [False] * 10
