"""Finds the encoding of a text file: from its bytes if they prove it, by a guess, or as given.

Bytes that can be decoded prove little: Shift_JIS, GBK and Windows-1252 often decode as CP949, into
other letters. So CP949, which Korean Excel writes, is guessed only if the result reads as Korean. A
short list of Japanese names may do so too, so people must confirm a guess (`guessed`).
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
"""The encodings that a client may name, with Python's names for them."""

_CHARSETS = {codecs.lookup(each).name: it[0] for it in ENCODINGS.items() for each in it} | {
    "ascii": "utf-8",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "windows-1252",
    "utf-16-be": "utf-16",
    "utf-16-le": "utf-16",
}
"""The encoding for each of Python's names of it, or of a subset of it."""

KOREAN = 4 / 5
"""The least share of common Hangul among the non-ASCII letters of a Korean text."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN = 8_192
"""How many bytes of a file without a byte order mark are read to find its byte order."""

_HANGUL = re.compile("[가-힣]{2,}|(?<![A-Za-z])[가-힣](?![A-Za-z])")


class Decoded(NamedTuple):
    """A file's text without byte order marks. `guessed`: its bytes don't prove the encoding."""

    text: str
    encoding: str
    guessed: bool = False


def encoding_of_charset(charset: str) -> str | None:
    """Return the encoding that a content type's `charset` names; None if it is not supported."""
    try:
        return _CHARSETS.get(codecs.lookup(charset.strip()).name)
    except (LookupError, UnicodeError, ValueError):
        return None


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Return a file's text. Raises `Invalid` if its encoding is unclear, or not the given one."""
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
    """Return the byte order of UTF-16 without a byte order mark; "" if it is not UTF-16.

    UTF-16 has line ends in only one of the two orders, and no NUL characters. Text in any other
    encoding has no NUL bytes, so this is not a guess.
    """
    if b"\0" not in raw[:_SHOWN] or len(raw) % 2:
        return ""
    found = [order for order in ("utf-16-le", "utf-16-be") if _has_line_ends(raw, order)]
    return found[0] if len(found) == 1 else ""


def _has_line_ends(raw: bytes, order: str) -> bool:
    head = raw[:_SHOWN].decode(order, "ignore")
    return "\0" not in head and re.search("[\r\n]", head) is not None


def _is_korean(text: str) -> bool:
    """Return whether nearly all non-ASCII letters are Hangul of KS X 1001.

    A single syllable between Latin letters doesn't count: it is a misread pair of accented letters.
    """
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    letters = Counter("".join(_HANGUL.findall(text)))
    common = sum(count for letter, count in letters.items() if _is_common(letter))
    return common >= KOREAN * beyond


def _is_common(syllable: str) -> bool:
    return all(byte >= 0xA1 for byte in syllable.encode("cp949"))
