"""How names, emails and room codes are kept and compared."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voting.text import compose, normalise, normalise_email, normalise_room_code, tidy


@given(st.text())
def test_tidy_gives_the_same_when_done_again(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
def test_tidy_gives_one_text_however_it_was_composed(text: str) -> None:
    assert tidy(unicodedata.normalize("NFD", text)) == tidy(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("value", [None, 1, ["x"], {"x": 1}])
def test_tidy_and_compose_leave_values_that_are_not_text(value: object) -> None:
    assert tidy(value) is value
    assert compose(value) is value


def test_tidy_trims_and_compose_does_not() -> None:
    assert tidy(" 가 \n") == "가"
    assert compose(" 가 ") == " 가 "


@given(st.text())
def test_normalise_gives_the_same_when_done_again(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(codec="ascii")))
def test_normalise_ignores_case_when_letters_are_latin(text: str) -> None:
    assert normalise(text.upper()) == normalise(text.lower()) == text.lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE@x", "straße@x"),
        ("\uff21nn", "ann"),  # full width
        ("ﬁn", "fin"),
        ("각", "\u1100\u1161\u11a8"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_normalise_finds_two_spellings_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße@Hall.org", "STRASSE@hall.org"),
        ("a@STRAẞE.de", "a@straße.de"),
        ("a@\uff28all.org", "a@hall.org"),
        ("ann", "ANN"),
    ],
)
def test_emails_are_the_same_when_their_domains_are(one: str, other: str) -> None:
    assert normalise_email(one) == normalise_email(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a@straße.de", "a@strasse.de"), ("a@Ας.gr", "a@ΑΣ.gr")]
)
def test_emails_differ_when_their_domains_are_two(one: str, other: str) -> None:
    assert normalise_email(one) != normalise_email(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ann", "anne"), ("가", "각"), ("a b", "ab"), ("é", "e")]
)
def test_normalise_keeps_names_apart_when_they_differ(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("K7M2QX", "K7M2QX"),
        ("k7m2qx", "K7M2QX"),
        ("k7m-2qx", "K7M2QX"),
        ("K7M 2QX", "K7M2QX"),
        ("OIL0il", "011011"),
        ("lobby", "lobby"),
        ("LOBBY", "lobby"),
        ("lob-by", "10BBY"),
    ],
)
def test_room_code_is_normalised_however_it_is_typed(typed: str, code: str) -> None:
    assert normalise_room_code(typed) == code


@given(st.text())
@example("R\u00b8")  # compatibility forms decompose into a space, whose removal composes
def test_room_code_is_the_same_when_normalised_again(text: str) -> None:
    assert normalise_room_code(normalise_room_code(text)) == normalise_room_code(text)
