"""What names, lines, texts and emails may be: real ones pass, unseen characters never do."""

import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from precis_i18n import get_profile

from schemas import accounts, live, polls, rooms
from schemas.accounts import LOGIN, SIGNUP
from schemas.rooms import GUEST
from schemas.strings import (
    check_email,
    check_line,
    email_of,
    is_email,
    is_line,
    read_email,
    read_line,
    read_text,
    show_text,
)
from schemas.validation import Schema
from tests.confusables import FILE, make_prototypes
from voting.confusables import looks_of
from voting.faults import Invalid
from voting.text import compose, hash_code, name_key, normalise, normalise_room_code, tidy

NAMES = """김하늘|홍 길동|김·이|ㅋㅋㅋ|Ada Park|O'Brien|D’Arcy|'t Hooft|Jean-Luc 3rd|Łukasz Żółć
Nguyễn Thị Minh Khai|Đặng|محمد بن سلمان|علی‌رضا|محـمد|דנה (א)|ג׳ורג׳|ז'בוטינסקי|श्‍री राम|रामकृष्णन्
山田・太郎|佐々木 希|ジョン・スミス|葛󠄀城|𠮷野家|Ελένη|Юрий|สมชาย ใจดี|தமிழ்|མི་ལ་རས་པ|👩‍💻 Dev|❤️ Kim|🇰🇷
🏴󠁧󠁢󠁥󠁮󠁧󠁿 Eng|1️⃣|👍🏽|🫨|№ 5|l·l|½|“JK”|중앙위원회 (제3기)""".replace("\n", "|").split("|")
HIDDEN = (
    "\x00\x07\x1b\x7f\x9b\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u202e\u2060\u2066"
)
HIDDEN += "\ufffc\U00016fe4\U0001d159\u3164\ufe0f\ufeff\uffa0\ufff9\U000e0001\U000e0041"
ALONE = {
    "\ufe0f",
    "\u0301",
    "\u20e3",
    "\ufffc",
    "\U00016fe4",
    "\U0001d159",
    "\u2800",
    "\u3000",
    "\u00a0",
    "\u3164",
    "\u115f",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u202e",
}


def unseen() -> Iterator[str]:
    """Yield every character that is a control, a format or a separator, and other unseen ones."""
    for point in range(sys.maxunicode + 1):
        letter = chr(point)
        if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Zl", "Zp") or letter in HIDDEN:
            yield letter


IN_CONTEXT = "ab\u00e9\uac00\u0663\u06f3\u200c\u200d\u0915\u094d\u05d0\u05f3\u05f4\u0375\u03b1"
IN_CONTEXT += "\u0628\u0651\u064e"
"""Letters that PRECIS allows beside certain others alone, and such others."""


@pytest.mark.parametrize("name", NAMES)
def test_real_name_is_kept_as_it_is(name: str) -> None:
    composed = unicodedata.normalize("NFC", name)

    assert read_line(unicodedata.normalize("NFD", name)) == composed
    assert is_line(composed)


def test_unseen_character_is_refused_inside_a_line_or_is_a_space() -> None:
    seen = {"\u0600", "\u0601", "\u0602", "\u0603", "\u0604", "\u0605", "\u06dd", "\u070f"}
    for letter in unseen():
        line = str(read_line(f"a{letter}b"))

        assert line == "a b" or not is_line(line) or letter in seen, ascii(letter)


@pytest.mark.parametrize("letter", sorted(ALONE))
def test_line_is_empty_when_nothing_in_it_is_seen(letter: str) -> None:
    assert read_line(letter * 3) == read_text(letter * 3) == show_text(letter * 3) == ""


def test_line_of_marks_alone_is_refused() -> None:
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(letter := chr(point)) in ("Mn", "Mc", "Me"):
            assert not is_line(letter), ascii(letter)
            assert read_line(letter) == read_text(f" {letter}\n") == show_text(letter) == ""


@given(st.text(st.sampled_from(IN_CONTEXT), max_size=6))
@example("\u05d0\u05f3\u05f4")
@example("\u0628\u064e\u200c\u064e\u0628")
def test_line_has_what_precis_allows_beside_other_letters(text: str) -> None:
    text = f"a{text}"
    try:
        get_profile("FreeformClass").enforce(text)
    except UnicodeEncodeError:
        assert not is_line(text)
    else:
        assert is_line(text)


@pytest.mark.parametrize(
    "around", ["\ufeff", "\u200b", "\u2060", "\u200e", "\u202a", " ", "\u3000"]
)
def test_line_loses_what_pasting_leaves_around_it(around: str) -> None:
    assert read_line(f"{around}Ada  Park{around}") == "Ada Park"
    assert read_email(f"{around}a@example.org{around}") == "a@example.org"


@given(st.text(max_size=60))
def test_line_is_the_same_when_read_again(text: str) -> None:
    line = read_line(text)

    assert read_line(line) == line


@given(st.text(max_size=60))
def test_text_is_the_same_when_read_again_and_turns_nothing(text: str) -> None:
    shown = str(read_text(text))

    assert read_text(shown) == shown
    assert not set(shown) & set("\x1b\u200b\u202e\u2066\ufeff\r")


def test_text_keeps_its_lines_and_what_scripts_need() -> None:
    assert show_text("a\r\nb\u2028c\td\x1b[2J") == "a\nb\nc\td[2J"
    assert show_text("علی\u200cرضا 👩\u200d💻 ❤\ufe0f") == "علی\u200cرضا 👩\u200d💻 ❤\ufe0f"


@pytest.mark.parametrize(
    "email",
    [
        "person1@example.org",
        "a@b",
        "Kim+tag@Example.ORG",
        "a@school.local",
        "a@localhost",
        "o'brien@example.test",
        "kim@한국.kr",
        "김@한국.kr",
        "a@1.2.3.4",
    ],
)
def test_email_is_taken_as_it_is_typed(email: str) -> None:
    assert read_email(email) == email
    assert is_email(email)
    assert email_of(email).keys == (normalise(email),)


@pytest.mark.parametrize(
    "email",
    [
        "mailto:a@example.org",
        "https://a@example.org",
        "Kim <a@example.org>",
        '"a b"@example.org',
        "a b@example.org",
        "a@b@c",
        "a@",
        "@b",
        "a@b..c",
        "a..b@c",
        "a@-b.c",
        "a,b@c.d",
        "a@b,c",
        *(f"a{letter}@example.org" for letter in HIDDEN),
        *(f"a@exa{letter}mple.org" for letter in HIDDEN),
    ],
    ids=ascii,
)
def test_invalid_email_is_refused(email: str) -> None:
    assert not is_email(str(read_email(email)))


def test_two_spellings_of_a_domain_are_one_email() -> None:
    assert email_of("kim@xn--3e0b707e.kr").key == email_of("KIM@한국.kr").key
    assert read_email("kim@xn--3e0b707e.kr") == "kim@한국.kr"


def test_old_email_is_looked_for_as_it_was_kept() -> None:
    kept = "kim\u200b@example.org"

    assert email_of(kept).keys[0] == normalise(kept)
    assert LOGIN.parse({"email": kept, "password": "x"})["email"] == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kim", "KIM"),
        ("Ian", "lan"),
        ("раураl", "paypal"),
        ("김\u200b하늘", "김하늘"),
        ("Kim\ufe0f", "kim"),
        ("rnary", "mary"),
        ("O", "0"),
        ("\uff21nn", "Ann"),
        ("Kim  Lee", "Kim Lee"),
    ],
)
def test_names_are_confusable_when_they_look_the_same(one: str, other: str) -> None:
    assert looks_of(one).items() & looks_of(other).items()


@pytest.mark.parametrize(
    ("one", "other"), [("김하늘", "김하눌"), ("Ann", "Anne"), ("é", "e"), ("1", "2")]
)
def test_names_are_no_confusable_when_they_look_different(one: str, other: str) -> None:
    assert not looks_of(one).items() & looks_of(other).items()


def test_every_hangul_syllable_looks_like_itself_alone() -> None:
    syllables = [chr(point) for point in range(0xAC00, 0xD7A4)]

    assert len({looks_of(each)["name"] for each in syllables}) == len(syllables)


def test_prototypes_are_those_of_the_package() -> None:
    assert json.loads(FILE.read_text("utf-8"))["prototypes"] == make_prototypes()


@pytest.mark.parametrize("letter", HIDDEN.replace("\x00", ""))
def test_hidden_character_makes_no_other_name_and_no_other_code(letter: str) -> None:
    assert name_key(f"K{letter}im") == name_key("kim")
    if not letter.isascii():
        assert normalise_room_code(f"k7m{letter}2qx\u200b") == "K7M2QX"
        assert hash_code(f"{letter}ABCDE") == hash_code("abcde")


def strings_of(rules: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if rules.get("type") == "string":
        yield path, rules
    inner = rules.get("schema") or {}
    if rules.get("type") == "list":
        yield from strings_of(inner, f"{path}.0")
    elif rules.get("type") == "dict":
        for name, each in inner.items():
            yield from strings_of(each, f"{path}.{name}")


FIELDS = [
    (f"{module.__name__.removeprefix('schemas.')}.{name}.{path}", rules)
    for module in (accounts, live, polls, rooms)
    for name, schema in vars(module).items()
    if isinstance(schema, Schema)
    for field, given_rules in schema.definition.items()
    for path, rules in strings_of(given_rules, field)
]
READERS = (read_line, read_text, read_email)
ELSEWHERE = {"room", "key", "text", "timezone", "sub", "jti", "token"}
"""Codes that are only looked for, a ballot's key, a line of chat (`require_text`), a zone, and
tokens with what they claim."""


@pytest.mark.parametrize(("field", "rules"), FIELDS, ids=[field for field, _ in FIELDS])
def test_every_field_of_text_has_a_policy(field: str, rules: dict[str, Any]) -> None:
    last = field.rpartition(".")[2]
    machine_made = "regex" in rules and "coerce" not in rules  # nobody reads it as a text
    if "allowed" in rules or machine_made or last in ELSEWHERE:
        return
    if "password" in last:
        assert rules["coerce"] is compose
    elif field == "accounts.LOGIN.email":
        assert rules["coerce"] is tidy
    else:
        assert rules["coerce"] in READERS
    if last in ("name", "nickname", "title", "ref", "reason"):
        assert rules["check_with"] is check_line
    if last == "email" and field != "accounts.LOGIN.email":
        assert rules["check_with"] is check_email


def measure(work: Callable[[], None]) -> float:
    """Return how many seconds of the processor's time a piece of work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.parametrize(
    "unit", ["\u0301", "\u0316\u0301", "a\u0301\u0316", "\u200b", " \u2060", "가", "a@"]
)
@pytest.mark.parametrize("size", [900, 16_000])
def test_hostile_text_costs_little(unit: str, size: int) -> None:
    text = f"a{unit * (size // len(unit))}a"
    schemas = (
        (SIGNUP, {"email": text, "name": text, "password": text}),
        (GUEST, {"nickname": text}),
    )

    def read() -> None:
        for schema, document in schemas:
            with pytest.raises(Invalid):
                schema.parse(document)
        read_text(text[:8_000])
        show_text(text)

    def read_plain() -> None:
        for _ in range(2_000):
            SIGNUP.parse({"email": "a@example.org", "name": "김하늘", "password": "x" * 20})

    assert min(measure(read) for _ in range(3)) < measure(read_plain)


@pytest.mark.parametrize("letter", ["\ufdfa", "\u3300", "\u33ff"])
def test_line_of_letters_that_stand_for_many_is_refused(letter: str) -> None:
    assert is_line(letter)
    assert not is_line(letter * 80)
