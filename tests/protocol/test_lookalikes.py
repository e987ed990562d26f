"""Which names look alike, and which mix scripts (UTS 39)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import lookalikes
from chat_server.protocol.events import Refused
from chat_server.protocol.lookalikes import digits_of, is_unsafe_mix, scripts_of, skeleton
from chat_server.protocol.names import Name, look_alike, name, name_key, parse_name

letters = st.characters(categories=("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"))
texts = st.text(letters | st.sampled_from("-_.0123456789iIlLmMnrvwW"), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Digits and Latin letters
        ("b0b", "bob"),
        ("a1ice", "alice"),
        ("1l1", "l1l"),
        ("rnark", "mark"),
        ("Rnark", "mark"),
        ("tirn", "tim"),
        ("vvill", "will"),
        ("vvvv", "ww"),
        ("vvv", "wv"),
        ("vvv", "vw"),
        ("vƜ", "wv"),
        # Capitals, which look like other letters than the small ones
        ("AIice", "alice"),
        ("Ian", "lan"),
        ("AII", "all"),
        ("ВОВ", "bob"),
        ("ТОМ", "tom"),
        ("НАТ", "hat"),
        ("ΝΙΚ", "nlk"),
        ("ΜΑΧ", "max"),
        # Cyrillic
        ("аӏісе", "alice"),
        ("аԁа", "ada"),
        ("раура", "paypa"),
        ("Ѕаѕһа", "sasha"),
        ("соsо", "coso"),
        ("јоѕе", "jose"),
        ("ё", "ë"),
        ("Аё", "aë"),
        # Greek, Armenian and others
        ("ο", "o"),
        ("υιν", "uiv"),
        ("օ", "o"),
        ("սհո", "uhn"),
        ("ꮯ", "c"),
        ("ꓐꓳꓐ", "bob"),
        ("ѵ", "v"),
        ("ı", "i"),
        ("ɑnnɑ", "anna"),
        ("Ƽ", "5"),
        ("٥", "o"),
        ("०", "o"),
        # Fullwidth, mathematical and others that NFKC folds
        ("ａｌｉｃｅ", "alice"),
        ("ＡＩｉｃｅ", "alice"),
        ("𝐚𝟏𝐢𝐜𝐞", "alice"),
        ("𝕓𝟘𝕓", "bob"),
        ("ⅷ", "viii"),
        ("ﬁle", "file"),
        # Other scripts among themselves
        ("ニ", "二"),
        ("ロ", "口"),
        ("ー", "一"),
        ("ه", "ہ"),
        ("й", "й"),
        ("ǎ", "ă"),
    ],
)
def test_look_alikes_are_found(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "alicia"),
        ("ian", "lan"),
        ("ann", "anna"),
        ("jose", "josé"),
        ("muller", "müller"),
        ("Анна", "Инна"),
        ("Миша", "Маша"),
        ("Саша", "Паша"),
        ("Γιάννης", "Γιώργος"),
        ("Ελένη", "Ελίνα"),
        ("محمد", "أحمد"),
        ("משה", "יוסף"),
        ("राम", "श्याम"),
        ("さくら", "サクラ"),
        ("田中", "由中"),
        ("김철수", "김영수"),
        ("a-b", "a_b"),
        ("user2", "user3"),
        ("вов", "bob"),
    ],
)
def test_names_that_differ_to_the_eye_do_not_look_alike(one: str, other: str) -> None:
    assert not look_alike(one, other)


@pytest.mark.parametrize(
    "text", ["bob", "alice", "mark", "will", "wim", "carolyn", "user2", "安娜"]
)
def test_a_plain_name_looks_like_itself_and_needs_no_more_memory(text: str) -> None:
    assert skeleton(text) == text
    assert name(text).skeletons == ()


@given(texts)
def test_what_a_name_looks_like_looks_like_itself(text: str) -> None:
    looks = skeleton(name_key(text))
    assert skeleton(looks) == looks


@given(texts)
def test_every_spelling_of_a_name_looks_alike(text: str) -> None:
    shown = unicodedata.normalize("NFC", text)
    assert look_alike(shown, name_key(text))


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_looks_the_same_as_beside_other_letters(text: str) -> None:
    assert skeleton(f"{text}-ж") == f"{skeleton(f'{text}-')}ж"


@pytest.mark.parametrize(
    "text",
    [
        # One script
        *("Alice", "José", "Müller", "Łukasz", "Nguyễn", "Óðinn", "Čapek", "İbrahim", "Zoë-Ann"),
        *("Алиса", "Андрей", "Ольга", "Їжак", "Љубица", "Ғалым", "Олексій", "О\u02bcКоннор"),
        *("Ελένη", "Γιώργος", "ΣΊΣΥΦΟΣ", "Ἀριστοτέλης"),
        *("Անի", "Հայկ", "ნინო", "გიორგი", "ᏣᎳᎩ", "ⴰⵎⵏⴰⵢ", "ߊߟߌ"),
        *("محمد", "فاطمة", "عَبْدُاللّٰه", "تَنْوِين", "پژمان", "گل", "ڪريم", "ئاسۆ", "ܝܘܚܢܢ", "ޢަލީ"),
        *("משה", "שָׁלוֹם", "רחל", "יונתן", "אבא-1"),
        *("สมชาย", "น้ำผึ้ง", "ສົມພອນ", "មករា", "မြို့", "སྒྲོལ", "ᠮᠣᠩᠭᠣᠯ"),
        *("देवी", "ख़ाँ", "राजेश", "अमित७", "রহিম", "সুমনা", "ਗੁਰਪ੍ਰੀਤ", "પ્રિયા", "ପ୍ରିୟା"),
        *("முருகன்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "አበበ"),
        # Japanese, Chinese and Korean, which mix theirs, and Latin with them
        *(
            "田中",
            "さくら",
            "サクラ",
            "ハーレー",
            "らーめん",
            "ｻﾄｳ",
            "佐々木",
            "お茶ノ水",
            "桜ちゃん2",
        ),
        *(
            "陳小明",
            "ㄅㄆㄇ",
            "陳ㄅ",
            "김철수",
            "金철수",
            "Bob田中さん",
            "Kim김",
            "Aㄅ陳",
            "ひろＸ",
        ),
        # Latin beside one other that has no letters of its own shape
        *("aliceअ", "Devदेव", "DJمحمد", "mosheמשה", "Annաննա", "Ginoნინო", "Tomสมชาย"),
        # Digits
        *(
            "Алиса7",
            "محمد7",
            "محمد٧",
            "پژمان۷",
            "देवी7",
            "देवी७",
            "สมชาย๗",
            "山田5号",
            "7",
            "٣",
            "۳a",
        ),
        # Compatibility letters are what they stand for
        *("ａｌｉｃｅ", "𝐚lice", "ﬁle", "ªna"),
        "x_y.z-1",
    ],
)
def test_names_of_people_are_allowed_in_every_script(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("аlice", ["Cyrillic", "Latin"]),
        ("aliсe", ["Latin", "Cyrillic"]),
        ("αlice", ["Greek", "Latin"]),
        ("bοb", ["Latin", "Greek"]),
        ("Ꭺlice", ["Cherokee", "Latin"]),
        ("ꓮlice", ["Lisu", "Latin"]),
        ("ⲁlice", ["Coptic", "Latin"]),
        ("xж-α", ["Latin", "Cyrillic", "Greek"]),
        ("Ольγа", ["Cyrillic", "Greek"]),
        ("李ж", ["Han", "Cyrillic"]),
        ("かな김", ["Hiragana", "Hangul"]),
        ("カㄅ", ["Katakana", "Bopomofo"]),
        ("김ㄅ", ["Hangul", "Bopomofo"]),
        ("aدअ", ["Latin", "Arabic", "Devanagari"]),
        ("मরহ", ["Devanagari", "Bengali"]),
        ("สมສ", ["Thai", "Lao"]),
        ("Алиса٣", ["Cyrillic", "Arabic"]),
        ("אב٧", ["Hebrew", "Arabic"]),
        ("жー", ["Cyrillic", "Hiragana"]),
        ("жَ", ["Cyrillic", "Arabic"]),
        ("𝐚лиса", ["Latin", "Cyrillic"]),
        ("ａлиса", ["Latin", "Cyrillic"]),
    ],
)
def test_names_that_mix_scripts_are_refused_with_the_scripts(text: str, scripts: list[str]) -> None:
    refused = parse_name(text)
    assert refused == Refused("mixed_scripts", {"name": text, "scripts": scripts})
    assert scripts_of(name_key(text)) == scripts


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("x1٣", ["1", "٣"]),
        ("محمد٣۳", ["٣", "۳"]),
        ("देवी७7", ["७", "7"]),
        ("১২3", ["১", "3"]),
        ("1२", ["1", "२"]),
    ],
)
def test_digits_of_two_systems_are_refused(text: str, digits: list[str]) -> None:
    assert parse_name(text) == Refused("mixed_scripts", {"name": text, "digits": digits})
    assert digits_of(text) == digits


@pytest.mark.parametrize("text", ["x１1", "𝟏1", "7７", "٣٤٥"])
def test_digits_of_one_system_are_one_in_every_form(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@given(texts)
def test_no_mix_is_a_matter_of_order(text: str) -> None:
    key = name_key(text)
    assert is_unsafe_mix(key) == is_unsafe_mix(key[::-1])


def test_ascii_needs_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("_looks", "_starts"):
        monkeypatch.delattr(lookalikes, table)
    assert isinstance(parse_name("Ian_B0b.7"), Name)
