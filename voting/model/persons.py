"""Ids of persons: `u12` an account, `r31` a row of a roll, `g5` a guest, `s4` a room's screens."""

from typing import Literal, get_args

Kind = Literal["u", "r", "g", "s"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DIGITS = 18
PATTERN = f"[{''.join(KINDS)}][0-9]{{1,{DIGITS}}}"


def person_id(kind: Kind, number: int) -> str:
    """Return the id of a person of this kind and number."""
    return f"{kind}{number}"


def read_person(person: str) -> tuple[Kind, int]:
    """Return the kind and the number of a person. Raises `ValueError` for any other text."""
    digits = person[1:]
    if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS:
        for kind in KINDS:
            if person[0] == kind:
                return kind, int(digits)
    raise ValueError(f"{person!r} is no person")
