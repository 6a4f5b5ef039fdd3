"""How names and emails are kept and compared, and how a room's code is folded."""

import unicodedata

LOBBY = "lobby"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def tidy(text: object) -> object:
    """Return text trimmed and in NFC, as names are kept; anything else as it is."""
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else text


def compose(text: object) -> object:
    """Return text in NFC, untrimmed, as passwords are taken (RFC 8265); anything else as it is."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def fold(text: str) -> str:
    """Return what names and emails compare by: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def fold_room_code(code: str) -> str:
    """Return a room's code as it is kept: `lobby`, or Crockford base 32 in capitals.

    Source: https://www.crockford.com/base32.html, whose decoding takes O for 0, I and L for 1.
    """
    if code.casefold() == LOBBY:
        return LOBBY
    return code.upper().translate(_LOOKALIKES)
