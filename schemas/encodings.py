"""In which encoding a file of text is: told by its bytes where they tell, guessed, or given.

That bytes decode says little: those of Shift_JIS, GBK or Windows-1252 often decode as CP949, into
other letters. So CP949, as Korean Excel saves, is only guessed where it reads as Korean.
"""

import codecs
import re
from collections import Counter
from typing import NamedTuple

from schemas.validation import Fault, Invalid

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

KOREAN = 4 / 5
"""What share of the letters beyond ASCII is common Hangul in Korean text, at the least."""

_HANGUL = re.compile("[가-힣]{2,}|(?<![A-Za-z])[가-힣](?![A-Za-z])")


class Decoded(NamedTuple):
    """A file's text without byte order marks; `guessed` that its bytes don't tell its encoding."""

    text: str
    encoding: str
    guessed: bool = False


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Return a file's text. Raises `Invalid` where its encoding is not clear, or another."""
    if encoding is None and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    text = _try(raw, encoding or "utf-8")
    if text is not None:
        return Decoded(text, encoding or "utf-8")
    guess = _try(raw, "cp949") if encoding is None else None
    if guess is None or not _is_korean(guess):
        raise Invalid(Fault("encoding", "not_text"))
    return Decoded(guess, "cp949", guessed=True)


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(ENCODINGS[encoding]).lstrip("\ufeff")
    except UnicodeDecodeError:
        return None


def _is_korean(text: str) -> bool:
    """Tell whether the Hangul of KS X 1001 makes nearly all that isn't ASCII.

    A pair of accented letters makes one syllable within a Latin word: that is none.
    """
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    letters = Counter("".join(_HANGUL.findall(text)))
    common = sum(count for letter, count in letters.items() if _is_common(letter))
    return common >= KOREAN * beyond


def _is_common(syllable: str) -> bool:
    return all(byte >= 0xA1 for byte in syllable.encode("cp949"))
