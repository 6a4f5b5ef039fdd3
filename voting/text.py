"""Compares names and emails, and reads codes. `schemas.strings` says which texts are allowed."""

import hashlib
import re
import secrets
import unicodedata

LOBBY = "lobby"
ROOM_CODE_LENGTH = 6
CLAIM_CODE_LENGTH = 10
RESET_CODE_LENGTH = 16
_BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_HALFWIDTH = {0xFEE0 + letter: letter for letter in range(0x21, 0x7F)} | {0x3000: None}

MARKS = 30
_MARKS = "".join(
    re.escape(letter)
    for letter in map(chr, range(0x80, 0x20000))
    if unicodedata.combining(unicodedata.normalize("NFD", letter)[0])
)
_piled = re.compile(f"(?<![{_MARKS}])[{_MARKS}]{{{MARKS + 1}}}").search


def piles_marks(text: str) -> bool:
    """Return whether a text has more combining marks in a row than any script needs.

    The time to bring them to NFC grows with the square of their number. A text in NFC is let pass.

    Source: UAX #15, Stream-Safe Text Format.
    """
    return not unicodedata.is_normalized("NFC", text) and _piled(text) is not None


_DEVIATION = re.compile("([ßẞς])")
"""Letters of a domain that `normalise` would replace and IDNA 2008 keeps."""

BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
"""Letters and symbols that draw nothing, or stand for what isn't there."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u0640\u180b-\u180f\u200b-\u200f"
    f"\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff{BLANK}]"
)


def tidy(text: object) -> object:
    """Return text trimmed and in NFC; anything else as it is."""
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else text


def compose(text: object) -> object:
    """Return text in NFC, untrimmed, as passwords are taken (RFC 8265); anything else as it is."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def normalise(text: str) -> str:
    """Return a text in the form in which texts are compared: NFKC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def normalise_email(email: str) -> str:
    """Return an email in the form in which emails are compared: as `normalise`, except that letters
    which make two domains different are kept.

    Since IDNA 2008 `straße.de` and `strasse.de` are two domains (RFC 5894, 7.2). So are two names
    that differ in a final sigma.
    """
    local, at, domain = email.rpartition("@")
    labels = [each if n % 2 else normalise(each) for n, each in enumerate(_DEVIATION.split(domain))]
    return normalise(local) + at + "".join(labels).replace("ẞ", "ß")


def without_hidden(name: str) -> str:
    """Return a name without characters that can't be seen. Earlier versions stored such names."""
    return " ".join(_HIDDEN.sub("", name).split())


def name_key(name: str) -> str:
    """Return a name in the form in which names are compared: normalised, without hidden letters."""
    return normalise(without_hidden(name))


def normalise_room_code(code: str) -> str:
    """Return a room's code as it is stored: `lobby`, or Crockford base 32 in capitals.

    Source: https://www.crockford.com/base32.html, whose decoding takes O for 0, I and L for 1.
    """
    code = code if code.isascii() else without_hidden(code)
    return LOBBY if code.casefold() == LOBBY else normalise_code(code)


def normalise_code(code: str) -> str:
    """Return a code as it was made, however it was typed: fullwidth, in groups, with O for 0."""
    code = code if code.isascii() else without_hidden(code)
    return code.translate(_HALFWIDTH).upper().translate(_LOOKALIKES)


def hash_code(code: str) -> str:
    """Return the SHA-256 of a one-time code in hex, however it was typed: only this is stored."""
    return hashlib.sha256(normalise_code(code).encode()).hexdigest()


def new_code(length: int) -> str:
    """Return a random code in Crockford base 32; ten letters hold fifty bits."""
    return "".join(secrets.choice(_BASE_32) for _ in range(length))


def new_picture_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_hex(16)


def new_room_code() -> str:
    """Return a random code for a room."""
    return new_code(ROOM_CODE_LENGTH)


def new_reset_code() -> str:
    """Return a random one-time code for a new password: eighty bits."""
    return new_code(RESET_CODE_LENGTH)


def new_claim_code() -> str:
    """Return a random one-time code for a row of the roll."""
    return new_code(CLAIM_CODE_LENGTH)
