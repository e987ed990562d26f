"""Whom one ignores: by id for as long as that is known, and by name who comes anew."""

from chat_server.protocol.events import Person
from chat_tui.config.ignore_list import Edit, Entry, edit
from chat_tui.session.ignored import Ignored
from tests.support.people import people, person

BOB = Entry("bob", "id-bob", "a chat")


def ignored(*entries: Entry) -> Ignored:
    """Be in a chat, and ignore some."""
    ignored = Ignored()
    ignored.entries = entries
    ignored.enter("a chat")
    return ignored


def test_who_is_ignored_by_id_is_so_under_every_name_and_nobody_else_is() -> None:
    whom = ignored(BOB)
    assert whom.has(person("rob", "bob"))
    assert not whom.has(person("carol"))


def test_a_name_is_ignored_however_it_is_spelt() -> None:
    assert ignored(Entry("ＡＬＩＣＥ")).has(person("alice"))
    assert ignored(Entry("straße")).has(person("STRASSE"))


def test_ids_of_another_chat_mean_nothing() -> None:
    assert not ignored(Entry("mallory", "id-bob", "another")).has(person("bob"))
    assert ignored(Entry("mallory")).has(person("mallory"))


def test_who_comes_anew_under_an_ignored_name_is_ignored_and_told_of_once() -> None:
    whom = ignored(BOB)
    again = Person("5", "Bob")
    assert whom.meet([again, person("carol")]) == [again]
    assert whom.has(again)
    assert whom.has(Person("5", "zoe"))
    assert whom.meet([Person("6", "bob")]) == []


def test_who_comes_under_an_ignored_name_stays_ignored_under_another() -> None:
    whom = ignored(BOB)
    whom.meet([Person("5", "bob")])
    whom.renamed(Person("5", "zoe"), "bob")
    assert whom.has(Person("5", "zoe"))
    assert whom.entries == (Entry("zoe", "5", "a chat"),)


def test_who_is_known_under_another_name_and_takes_an_ignored_one_is_heard() -> None:
    whom = ignored(BOB)
    whom.meet(people("carol"))
    whom.renamed(person("bob", "carol"), "carol")
    assert not whom.has(person("bob", "carol"))
    assert whom.meet([person("bob", "carol")]) == []


def test_who_takes_an_ignored_name_while_one_is_away_is_heard() -> None:
    whom = ignored(BOB)
    whom.meet(people("bob", "carol"))
    whom.meet([person("bob", "carol")])
    assert not whom.has(person("bob", "carol"))


def test_who_is_met_again_is_followed_to_their_name() -> None:
    whom = ignored(BOB)
    whom.meet([person("rob", "bob"), person("bob", "carol")])
    assert whom.names == ["rob"]
    assert not whom.has(person("bob", "carol"))


def test_whoever_is_ignored_is_so_until_they_are_shown_again() -> None:
    whom = ignored()
    whom.add("bob", person("bob"))
    whom.add("nobody", None)
    assert whom.entries == (BOB, Entry("nobody"))
    assert whom.has(person("nobody"))
    assert whom.remove("ＢＯＢ")
    assert not whom.remove("bob")
    assert not whom.has(person("bob"))
    assert whom.remove("nobody")
    assert not whom.has(person("nobody"))


def test_entries_of_other_chats_are_kept_and_not_named() -> None:
    other = Entry("eve", "7", "another")
    whom = ignored(other, BOB)
    assert whom.names == ["bob"]
    assert not whom.remove("eve")
    whom.remove("bob")
    assert whom.entries == (other,)


def test_two_programs_keep_each_others_entries_and_double_none() -> None:
    eve = Entry("eve", "7", "a chat")
    rob = BOB._replace(name="rob")
    assert edit([BOB], [rob]).of([eve, rob]) == [eve, rob]
    assert edit([BOB], [rob]).of([BOB, eve]) == [eve, rob]
    assert edit([BOB], []).of([rob, eve]) == [eve]
    assert edit([], [Entry("MALLORY")]).of([Entry("mallory")]) == [Entry("mallory")]
    assert Edit((BOB,)).of([BOB._replace(chat="another")])[1:] == [BOB]
