"""Those who keep order: what they can do, against whom, and what is kept of it."""

import pytest

from chat_server.protocol.events import (
    Announced,
    Bye,
    Cancelled,
    Data,
    Deleted,
    Event,
    Kicked,
    Left,
    Muted,
    Notice,
    Ok,
    Unmuted,
    Welcome,
    Whoami,
)
from chat_server.protocol.names import name
from chat_server.rules.entries import Configure, Enter, LogIn, LogOut, NewAccount
from chat_server.rules.moderation import UNHEARD, Moderation
from tests.support.clock import DAWN
from tests.support.story import Story, code, told

DAY = 24 * 3600.0
FAR = "192.0.2.7"


class Kept(Story):
    """A chat that olga owns, where mona is a moderator and dave is not."""

    def __init__(self) -> None:
        super().__init__()
        self.happens(Configure(0, 600, owners=("olga",)))
        self.olga = self.member("olga")
        self.mona = self.member("mona")
        self.dave = self.member("dave")
        assert code(self.types(self.olga, "moderator mona")) == ""
        self.forget_told()

    def member(self, wanted: str, address: str = "") -> str:
        connection = self.comes_from(address, wanted)
        assert code(self.happens(NewAccount("hash"), connection)) == ""
        return connection

    def comes_from(self, address: str, wanted: str = "") -> str:
        connection = self._opens()
        self.happens(Enter(name(wanted) if wanted else None, None, address), connection)
        return connection

    def logs_in(self, wanted: str, address: str = "") -> str:
        login = self.chat.account(name(wanted))
        assert login is not None
        connection = self._opens()
        self.happens(LogIn(login.person.id, login.changed, None, address), connection)
        return connection

    def audit(self) -> list[tuple[str, str, str]]:
        seen = self.chat.asks_moderation(self.mona, "audit")
        assert isinstance(seen, Moderation)
        return [(deed.by.name, deed.command, deed.about) for deed in seen.audit(100).deeds]

    def bans(self) -> list[str]:
        seen = self.chat.asks_moderation(self.mona, "bans")
        assert isinstance(seen, Moderation)
        return [ban.who for ban in seen.all_bans(self.at).bans]


@pytest.fixture
def story() -> Kept:
    return Kept()


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


# Who may


@pytest.mark.parametrize(
    "line",
    [
        *("kick mona", "mute mona", "unmute mona", "ban mona", "unban 1", "delete 1"),
        *("announce tea", "moderator dave"),
    ],
)
def test_who_is_no_moderator_can_do_none_of_it(story: Kept, line: str) -> None:
    assert code(story.types(story.dave, line)) in ("for_moderators", "for_owners")
    assert story.audit() == [("olga", "appointed", "mona")]


def test_only_owners_appoint_and_only_members(story: Kept) -> None:
    guest = story.enters("gast")
    assert code(story.types(story.mona, "moderator dave")) == "for_owners"
    assert code(story.types(story.olga, "moderator gast")) == "no_member"
    assert code(story.types(story.olga, "moderator dave")) == ""
    assert code(story.types(story.dave, "kick gast")) == ""
    story.types(story.olga, "moderator dave off")
    assert code(story.types(story.dave, "kick olga")) == "for_moderators"
    assert story.hears(guest)[-1] == Bye("kicked", {"by": "dave"})


@pytest.mark.parametrize("command", ["kick", "mute", "ban"])
def test_moderators_cannot_act_against_each_other_nor_an_owner(story: Kept, command: str) -> None:
    story.types(story.olga, "moderator dave")
    assert code(story.types(story.mona, f"{command} dave")) == "no_power"
    assert code(story.types(story.mona, f"{command} olga")) == "no_power"
    assert code(story.types(story.olga, f"{command} olga")) == "no_power"
    assert code(story.types(story.olga, f"{command} dave")) == ""


def test_owners_name_is_registered_on_the_servers_own_machine_alone(story: Kept) -> None:
    story.happens(Configure(2, 600, owners=("olga", "otto")))
    stranger = story.comes_from(FAR, "otto")
    assert code(story.happens(NewAccount("hash"), stranger)) == "owners_name"
    story.types(stranger, "exit")
    assert code(story.happens(NewAccount("hash"), story.enters("otto"))) == ""


def test_member_from_elsewhere_becomes_no_owner_by_another_name(story: Kept) -> None:
    story.happens(Configure(2, 600, owners=("olga", "otto")))
    stranger = story.member("mallory", FAR)
    assert code(story.types(stranger, "rename otto")) == "owners_name"
    assert code(story.types(stranger, "rename Mallory")) == ""
    assert code(story.types(story.logs_in("olga", FAR), "rename Olga")) == ""
    guest = story.comes_from(FAR)
    assert code(story.types(guest, "rename otto")) == ""
    assert code(story.types(guest, "kick mallory")) == "for_moderators"


def test_each_is_told_what_they_are_to_the_chat(story: Kept) -> None:
    who = [story.chat.whoami(one) for one in (story.olga, story.mona, story.dave)]
    assert [one.rank for one in who if isinstance(one, Whoami)] == ["owner", "moderator", ""]


# Sending away, and keeping away


def test_who_is_kicked_is_told_why_and_everybody_too(story: Kept) -> None:
    second = story.logs_in("dave")
    person = story.person(story.dave)
    story.forget_told()
    story.types(story.mona, "kick dave too loud")
    by = story.person(story.mona)
    left = Left([person], DAWN, away=[person])
    assert story.hears(story.olga) == [Kicked(person, by, "too loud"), left]
    for connection in (story.dave, second):
        bye = Bye("kicked", {"by": "mona", "reason": "too loud"})
        assert [event for event in story.hears(connection) if isinstance(event, Bye)] == [bye]
        assert not story.chat.has_entered(connection)
    assert kinds(story.hears(story.logs_in("dave"))) == [Welcome]


def test_what_a_guest_scheduled_goes_with_them(story: Kept) -> None:
    guest = story.enters("gast", "token")
    story.types(guest, "send bomb -t 60")
    story.types(story.mona, "kick gast")
    story.wait(60)
    assert story.fires() == []
    assert story.chat.check_token("token") is not None


def test_who_is_banned_comes_in_no_more_until_it_ends(story: Kept) -> None:
    story.types(story.mona, "ban dave 1d spam")
    assert [e for e in story.hears(story.dave) if isinstance(e, Bye)] == [
        Bye("banned", {"reason": "spam", "until": DAWN + DAY})
    ]
    again = story.logs_in("dave")
    assert kinds(story.hears(again)) == [Bye]
    assert not story.chat.has_entered(again)
    story.wait(DAY)
    assert kinds(story.hears(story.logs_in("dave"))) == [Welcome]


def test_ban_holds_for_the_addresses_of_whom_it_is_about(story: Kept) -> None:
    story.comes_from(FAR, "gast")
    story.types(story.mona, "ban gast")
    assert kinds(story.hears(story.comes_from(FAR, "other"))) == [Bye]
    assert kinds(story.hears(story.comes_from("", "other"))) == [Welcome]
    assert story.bans() == ["gast"]
    assert kinds(story.hears(story.logs_in("olga", FAR))) == [Welcome]


def test_ban_of_an_address_sends_away_who_is_there(story: Kept) -> None:
    guest = story.comes_from(FAR, "gast")
    outcome = story.types(story.mona, f"ban {FAR}")
    assert isinstance(outcome.answer, Ok)
    assert kinds(story.hears(guest))[-1] == Bye
    assert code(story.types(story.mona, "ban 127.0.0.1")) == "own_machine"
    assert code(story.types(story.mona, "unban 7000")) == "unknown_ban"
    story.types(story.mona, f"unban {outcome.answer.id}")
    assert kinds(story.hears(story.comes_from(FAR, "gast"))) == [Welcome]


def test_ban_of_an_address_keeps_no_moderator_away(story: Kept) -> None:
    again = story.logs_in("mona", FAR)
    story.types(story.olga, f"ban {FAR}")
    assert story.chat.has_entered(again)
    assert kinds(story.hears(story.logs_in("mona", FAR))) == [Welcome]
    story.types(story.olga, "ban mona")
    assert kinds(story.hears(story.logs_in("mona", FAR))) == [Bye]


# Muting


def test_mute_lasts_as_long_as_the_moderator_says_and_everybody_knows_who_it_was(
    story: Kept,
) -> None:
    story.types(story.mona, "mute dave 2h no links please")
    dave, mona = story.person(story.dave), story.person(story.mona)
    muted = Muted(dave, DAWN + 7200, mona, "no links please")
    assert story.hears(story.olga) == [muted]
    told: Data = {"until": DAWN + 7200, "by": "mona", "reason": "no links please"}
    assert story.hears(story.dave) == [muted, Notice("muted", told)]
    story.wait(7199)
    assert code(story.types(story.dave, "send hi")) == "muted"
    story.wait(1)
    assert code(story.types(story.dave, "send hi")) == ""


def test_who_is_unmuted_speaks_and_what_waited_is_due(story: Kept) -> None:
    story.types(story.dave, "send later -t 60")
    story.types(story.mona, "mute dave 1h")
    story.wait(60)
    assert story.fires() == []
    story.forget_told()
    story.types(story.mona, "unmute dave")
    assert story.hears(story.olga) == [Unmuted(story.person(story.dave), story.person(story.mona))]
    story.fires()
    assert "later" in story.messages(story.olga)
    assert code(story.types(story.mona, "unmute dave")) == "not_muted"


def test_complaints_of_those_whose_mute_was_ended_count_for_nothing_for_a_week(
    story: Kept,
) -> None:
    eve = story.enters("eve")
    story.types(eve, "report dave")
    assert code(story.types(story.dave, "send hi")) == "muted"
    story.types(story.mona, "unmute dave")
    story.types(eve, "report dave")
    assert code(story.types(story.dave, "send hi")) == ""
    story.wait(UNHEARD)
    story.types(eve, "report dave")
    assert code(story.types(story.dave, "send hi")) == "muted"


def test_muted_person_appeals_once_to_moderators_alone(story: Kept) -> None:
    assert code(story.types(story.dave, "appeal why?")) == "not_muted"
    story.types(story.mona, "mute dave")
    story.forget_told()
    eve = story.enters("eve")
    story.forget_told()
    story.types(story.dave, "appeal it was a joke")
    appeal = Notice("appeal", {"name": "dave"}, "it was a joke")
    assert story.hears(story.mona) == story.hears(story.olga) == [appeal]
    assert story.hears(eve) == []
    assert code(story.types(story.dave, "appeal once more")) == "appealed_already"


def test_where_nobody_keeps_order_there_is_nobody_to_appeal_to() -> None:
    story = Story()
    story.is_configured(reports=0, mute_seconds=600)
    dave = story.enters("dave")
    story.types(story.enters(), "report dave")
    assert kinds(story.hears(dave))[-1] == Muted
    assert code(story.types(dave, "appeal why?")) == "no_moderators"


def test_what_waited_is_due_when_a_shorter_mute_ends(story: Kept) -> None:
    story.types(story.dave, "send later -t 60")
    story.types(story.mona, "mute dave 1h")
    story.wait(60)
    assert story.fires() == []
    story.types(story.mona, "mute dave 60")
    assert story.fires() == []
    story.wait(60)
    story.forget_told()
    story.fires()
    assert "later" in story.messages(story.olga)


def test_moderator_cannot_end_their_own_mute_and_an_owner_can(story: Kept) -> None:
    story.types(story.olga, "mute mona 1h")
    assert code(story.types(story.mona, "unmute mona")) == "no_power"
    assert code(story.types(story.mona, "announce I am back")) == "muted"
    story.types(story.enters(), "report olga")
    assert code(story.types(story.olga, "announce tea")) == "muted"
    assert code(story.types(story.olga, "unmute olga")) == ""
    assert code(story.types(story.olga, "announce tea")) == ""


def test_complaints_of_those_whose_mute_was_ended_are_taken_back(story: Kept) -> None:
    story.happens(Configure(1, 600, owners=("olga",)))
    eve, bob = story.enters("eve"), story.enters("bob")
    for target in ("mona", "dave"):
        story.types(eve, f"report {target}")
    story.types(bob, "report dave")
    story.types(story.mona, "unmute dave")
    story.types(story.enters(), "report mona")
    assert code(story.types(story.mona, "send hi")) == ""


def test_unmute_leaves_an_address_muted_for_another_who_is(story: Kept) -> None:
    gast, gustl = story.comes_from(FAR, "gast"), story.comes_from(FAR, "gustl")
    story.types(story.mona, "mute gast 1h")
    story.types(story.mona, "mute gustl 2h")
    story.types(story.mona, "unmute gustl")
    assert code(story.types(gustl, "send hi")) == ""
    assert code(story.types(story.comes_from(FAR), "send hi")) == "muted"
    story.types(story.mona, "unmute gast")
    assert code(story.types(gast, "send hi")) == ""
    assert code(story.types(story.comes_from(FAR), "send hi")) == ""


def test_unmute_holds_wherever_they_were_while_muted(story: Kept) -> None:
    story.types(story.mona, "mute dave 1h")
    for address in (FAR, "192.0.2.8"):
        story.types(story.logs_in("dave", address), "exit")
    story.types(story.mona, "unmute dave")
    for address in (FAR, "192.0.2.8"):
        assert code(story.types(story.comes_from(address), "send hi")) == ""


def test_muted_member_who_logs_out_is_a_muted_guest(story: Kept) -> None:
    """Whoever was muted while they were away comes, and logs out."""
    story.types(story.dave, "exit")
    story.types(story.mona, "mute dave 1h")
    dave = story.logs_in("dave", FAR)
    story.happens(LogOut(None, FAR), dave)
    assert code(story.types(dave, "send hi")) == "muted"


# What is said


def test_deleted_message_is_in_no_history_and_everybody_is_told(story: Kept) -> None:
    sent = story.types(story.dave, "send rude").answer
    assert isinstance(sent, Ok)
    story.forget_told()
    story.types(story.mona, f"delete {sent.id}")
    deleted = Deleted(sent.id, story.person(story.dave), story.person(story.mona))
    assert story.hears(story.olga) == [deleted]
    assert story.remembered(story.dave) == []
    assert story.audit()[-1] == ("mona", "delete", "dave")
    assert code(story.types(story.mona, f"delete {sent.id}")) == "unknown_message"


def test_deleted_private_message_is_told_to_the_two_and_waits_no_more(story: Kept) -> None:
    story.types(story.olga, "exit")
    sent = story.types(story.dave, "send rude -u olga").answer
    assert isinstance(sent, Ok)
    story.forget_told()
    story.types(story.mona, f"delete {sent.id}")
    assert (kinds(story.hears(story.dave)), story.hears(story.mona)) == ([Deleted], [])
    assert kinds(story.hears(story.logs_in("olga"))) == [Welcome]


def test_moderator_sees_and_cancels_what_is_scheduled_for_everyone(story: Kept) -> None:
    story.types(story.dave, "send bomb -t 60")
    story.types(story.dave, "send secret -u olga -t 60")
    seen = story.chat.asks_moderation(story.mona, "scheduled")
    assert isinstance(seen, Moderation)
    assert [one.item.text for one in seen.all_scheduled().scheduled] == ["bomb"]
    story.forget_told()
    assert code(story.types(story.mona, "cancel 2")) == "nothing_pending"
    assert code(story.types(story.mona, "cancel 1")) == ""
    assert story.hears(story.dave) == [Cancelled("1", "bomb")]
    assert story.pending(story.dave) == ["secret"]
    assert story.audit()[-1] == ("mona", "cancel", "1")


def test_everybody_hears_an_announcement(story: Kept) -> None:
    outcome = story.types(story.mona, "announce tea at five")
    assert told(outcome) == [Announced(DAWN, story.person(story.mona), "tea at five")]


def test_moderators_see_complaints_with_what_was_said_before(story: Kept) -> None:
    eve = story.enters("eve")
    story.types(story.dave, "send rude")
    story.types(story.dave, "send psst -u olga")
    story.types(story.dave, "send ruder -u eve")
    story.types(story.olga, "send our plan -u eve")
    story.forget_told()
    story.types(eve, "report dave he is rude")
    notice = Notice("complaint", {"by": "eve", "of": "dave"}, "he is rude")
    assert story.hears(story.mona)[0] == notice
    assert not any(
        isinstance(event, Notice) and event.code == "complaint" for event in story.hears(eve)
    )
    seen = story.chat.asks_moderation(story.mona, "reports")
    assert isinstance(seen, Moderation)
    [complaint] = seen.all_reports().reports
    assert (complaint.by.name, complaint.of.name, complaint.counted) == ("eve", "dave", True)
    assert [message.text for message in complaint.messages] == ["rude", "ruder"]
