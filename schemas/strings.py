"""What a name, a line, a text, an email and a typed code may be: the one place that decides it.

Every string that people identify by, or that others read, comes in through here, over HTTP, forms,
files and sockets alike. Each kind is read (`read_line`: what it is kept as) and then checked
(`check_line`: what is refused). Reading never fails: the checks, and the schema's lengths, refuse.

A line (a name, a nickname, a ref, a title) is of the FreeformClass of PRECIS (RFC 8264), spaces as
in RFC 8266, with what real names and emoji need beyond it: middle dots, tatweel, emoji sequences,
and letters newer than Python's tables. Free text keeps line feeds; what is invisible is removed.
`voting.text` says how lines compare, `voting.confusables` which look the same.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from precis_i18n import get_profile
from precis_i18n.context import context_rule_error
from precis_i18n.unicode import UnicodeData

from voting.faults import Fault, Invalid
from voting.model.accounts import Email
from voting.text import BLANK, normalise, normalise_email, piles_marks, tidy

EMAIL_LENGTH = 254
LINE_LENGTH, TEXT_LENGTH = 1_000, 8_000
"""Longer than any text that a schema accepts, even decomposed. Longer texts are not processed."""
EXPANSION = 64
"""How many characters a line may gain in its compared form: one can stand for eighteen."""
LINE_MARKS = 6
"""How many nonspacing marks a letter may have: UTS 39 (5.4) says four, some scripts need more."""

RESIDUE = "".join(  # spaces, and what pasting leaves: zero widths, marks of direction, blanks
    chr(point)
    for first, last in (
        *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C)),
        *((0x1680, 0x1680), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2064)),
        *((0x2066, 0x2069), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
    )
    for point in range(first, last + 1)
)
RESIDUE += BLANK
_BLANK = re.compile(f"[{BLANK}]")
_SPACES = re.compile("[\\s\u2800]+")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\U000e0000-\U000e001f]"
)
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs")
_DRAWN = re.compile("[!-~가-힣]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")

_PLAIN = re.compile("[ -~¡-\u00ac\u00ae-\u024f가-힣㐀-䶿一-鿿ぁ-ゖァ-ー々\U00020000-\U0003fffd]*")
_PICTURE = "\u203c-\u3299\U0001f000-\U0001faff"
_BEYOND_PRECIS = re.compile(
    f"(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
    "|(?<![\\w\\s])\ufe0f|(?<=[0-9#*])\ufe0f\u20e3"
    "|(?<=[㐀-鿿\U00020000-\U0003fffd])[\U000e0100-\U000e01ef]"  # variants in Japanese names
    "|(?<=\U0001f3f4)[\U000e0030-\U000e007a]{2,6}\U000e007f"  # the flags of England and others
    "|[\u00b7\u0640\u30fb\U0001f000-\U0001faff\U00020000-\U0003fffd]"
)
_FREEFORM = get_profile("FreeformClass")
_UNICODE = UnicodeData()
_ARABIC_DIGITS = re.compile("[\u0660-\u0669]"), re.compile("[\u06f0-\u06f9]")
"""Two sets of digits that look partly alike. A line may use only one (RFC 5892, A.8 and A.9)."""
_REACHES = {
    **dict.fromkeys("\u05f3\u05f4\u200d", (1, 0)),
    "\u0375": (0, 1),
    "\u200c": (LINE_MARKS + 1, LINE_MARKS + 1),
}
"""Characters that PRECIS allows only beside certain others (RFC 5892, appendix A), with how many
characters before and after decide that. A non-joiner separates two letters that would join,
whatever marks they have."""


def read_line(text: object) -> object:
    """Return a line in the form that is stored: in NFC, with single spaces, and without invisible
    characters at its ends, as pasting leaves them; "" if nothing is visible. A value that is not a
    text is returned unchanged.
    """
    if not isinstance(text, str) or len(text) > LINE_LENGTH:
        return text
    line = _SPACES.sub(" ", text.strip(RESIDUE))
    return _compose(line) if is_visible(line) else ""


def read_text(text: object) -> object:
    """Return free text in the form that is stored: `show_text` of it, in NFC, trimmed."""
    if not isinstance(text, str) or len(text) > TEXT_LENGTH:
        return text
    return _compose(show_text(text)).strip(RESIDUE)


def show_text(text: str) -> str:
    """Return text without invisible characters and overrides of direction; "" if nothing is left.

    Joiners, marks of direction and variation selectors stay, because scripts and emoji need them.
    """
    shown = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    return shown if is_visible(shown) else ""


def is_visible(text: str) -> bool:
    """Return whether a text has a visible letter, digit or sign, not marks and selectors alone."""
    return _DRAWN.search(text) is not None or any(
        unicodedata.category(letter) not in _UNSEEN and letter not in BLANK for letter in text
    )


def require_text(field: str, text: str) -> str:
    """Return `show_text` of a text. Raises `Invalid` if nothing is left."""
    shown = show_text(text)
    if not shown:
        raise Invalid(Fault(field, "empty"))
    return shown


def read_email(text: object) -> object:
    """Return an email in the form that is stored, its domain in its own script."""
    line = read_line(text)
    return (_validate(line) or line) if isinstance(line, str) else line


def email_of(typed: str) -> Email:
    """Return an email as it was typed, with the keys under which its account may be stored."""
    typed, kept = str(tidy(typed)), str(read_email(typed))
    return Email(kept, normalise_email(kept), (normalise(typed), normalise_email(typed)))


def check_line(field: str, text: Any, fail: Any) -> None:
    """Refuse a line that has control characters or invisible ones."""
    if isinstance(text, str) and len(text) <= LINE_LENGTH and not is_line(text):
        fail(field, "bad_character")


def check_email(field: str, text: Any, fail: Any) -> None:
    """Refuse what is no email: a local part (RFC 5321, 6531) at a domain in ASCII or IDNA."""
    if isinstance(text, str) and len(text) <= EMAIL_LENGTH and not is_email(text):
        fail(field, "format")


def is_line(text: str) -> bool:
    """Return whether a stored form is allowed as a line. "" is."""
    if _PLAIN.fullmatch(text):
        return True
    if len(unicodedata.normalize("NFKC", text)) > len(text) + EXPANSION:
        return False
    return (
        _is_freeform(_BEYOND_PRECIS.sub("x", text))
        and is_visible(text)
        and not (_is_stacked(text) or _BLANK.search(text))
    )


def _is_freeform(text: str) -> bool:
    """Return whether a text belongs to PRECIS's FreeformClass.

    The library looks up each character in tables, and reads the whole text for each Arabic digit.
    Here its results for characters are cached.
    """
    if all(digits.search(text) for digits in _ARABIC_DIGITS):
        return False
    return all(
        _is_allowed(letter) or (letter in _REACHES and _is_allowed_at(text, place))
        for place, letter in enumerate(text)
    )


@lru_cache(8_192)
def _is_allowed(letter: str) -> bool:
    """Return whether the class allows a character everywhere."""
    try:
        _FREEFORM.enforce(letter)
    except UnicodeEncodeError:
        return False
    return True


def _is_allowed_at(text: str, place: int) -> bool:
    before, after = _REACHES[text[place]]
    start = max(0, place - before)
    return _fits(text[start : place + after + 1], place - start)


@lru_cache(8_192)
def _fits(text: str, place: int) -> bool:
    return not context_rule_error(text, place, _UNICODE)


def is_email(text: str) -> bool:
    """Return whether a text in the form that is stored is an email."""
    return _validate(text) is not None


_COMMON_EMAIL = re.compile(
    r"(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?!xn--|.*\.xn--)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.(?!$)|$))+",
    re.ASCII | re.IGNORECASE,
)


def _validate(text: str) -> str | None:
    """Return an email with its domain in the form that is stored; None if it is not an email.

    Accepted is RFC 5321's Dot-string at a Domain; also special names such as `.local`, because
    halls use them.
    """
    if _COMMON_EMAIL.fullmatch(text):
        return text
    if not is_line(text):
        return None
    try:
        return validate_email(
            text, check_deliverability=False, globally_deliverable=False
        ).normalized
    except EmailNotValidError:
        return None


def _compose(text: str) -> str:
    """Return text in NFC, except long stacks of marks: sorting takes more than linear time."""
    return text if text.isascii() or piles_marks(text) else unicodedata.normalize("NFC", text)


def _is_stacked(text: str) -> bool:
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if run > LINE_MARKS:
            return True
    return False
