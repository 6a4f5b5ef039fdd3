"""In which encoding a file of text is: told by its bytes where they tell, guessed, or given.

That bytes decode says little: those of Shift_JIS, GBK or Windows-1252 often decode as CP949, into
other letters. So CP949, as Korean Excel saves, is only guessed where it reads as Korean; and since
a short list of Japanese names may read so too, a guess is for people to confirm: `guessed`.
"""

import codecs
import re
from collections import Counter
from typing import NamedTuple

from voting.faults import Fault, Invalid

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "cp949": "cp949",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "gb18030": "gb18030",
    "big5": "cp950",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
}
"""The encodings that a file may be said to be in, and Python's names for them."""

_CHARSETS = {codecs.lookup(each).name: it[0] for it in ENCODINGS.items() for each in it} | {
    "ascii": "utf-8",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "windows-1252",
    "utf-16-be": "utf-16",
    "utf-16-le": "utf-16",
}
"""The encoding for each name that Python knows of it or of a part of it."""

KOREAN = 4 / 5
"""What share of the letters beyond ASCII is common Hangul in Korean text, at the least."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN = 8_192
"""In how many bytes of a file without a mark its byte order shows."""

_HANGUL = re.compile("[가-힣]{2,}|(?<![A-Za-z])[가-힣](?![A-Za-z])")


class Decoded(NamedTuple):
    """A file's text without byte order marks; `guessed` that its bytes don't tell its encoding."""

    text: str
    encoding: str
    guessed: bool = False


def encoding_of_charset(charset: str) -> str | None:
    """Return the encoding that a `charset` of a content type names, None for another one."""
    try:
        return _CHARSETS.get(codecs.lookup(charset.strip()).name)
    except (LookupError, UnicodeError, ValueError):
        return None


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Return a file's text. Raises `Invalid` where its encoding is not clear, or another."""
    if encoding is None and raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Invalid(Fault("encoding", "not_text"))
    if encoding is None and (raw.startswith(_UTF_16_MARKS) or _order_of(raw)):
        encoding = "utf-16"
    text = _try(raw, encoding or "utf-8")
    if text is not None:
        return Decoded(text, encoding or "utf-8")
    if encoding is not None:
        raise Invalid(Fault("encoding", "not_encoded"))
    guess = _try(raw, "cp949")
    if guess is None or not _is_korean(guess):
        raise Invalid(Fault("encoding", "not_text"))
    return Decoded(guess, "cp949", guessed=True)


def _try(raw: bytes, encoding: str) -> str | None:
    name = ENCODINGS[encoding]
    if encoding == "utf-16" and not raw.startswith(_UTF_16_MARKS):
        name = _order_of(raw) or "utf-16-le"
    try:
        return raw.decode(name).lstrip("\ufeff")
    except UnicodeDecodeError:
        return None


def _order_of(raw: bytes) -> str:
    """Return the byte order of UTF-16 without a mark, "" where it is none.

    It has line ends in one order and none in the other, and no NUL letters. A text in
    any other encoding has no NULs at all, so this is no guess.
    """
    if b"\0" not in raw[:_SHOWN] or len(raw) % 2:
        return ""
    found = [order for order in ("utf-16-le", "utf-16-be") if _has_line_ends(raw, order)]
    return found[0] if len(found) == 1 else ""


def _has_line_ends(raw: bytes, order: str) -> bool:
    head = raw[:_SHOWN].decode(order, "ignore")
    return "\0" not in head and re.search("[\r\n]", head) is not None


def _is_korean(text: str) -> bool:
    """Return whether the Hangul of KS X 1001 makes nearly all that isn't ASCII.

    A pair of accented letters makes one syllable within a Latin word: that is none.
    """
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    letters = Counter("".join(_HANGUL.findall(text)))
    common = sum(count for letter, count in letters.items() if _is_common(letter))
    return common >= KOREAN * beyond


def _is_common(syllable: str) -> bool:
    return all(byte >= 0xA1 for byte in syllable.encode("cp949"))
