"""Drawing a ballot's id and receipt: each random byte is given once."""

import os

from api.ballots import DRAW, DRAWN_AT_ONCE, RECEIPT_BYTES, make_draw


def test_draws_are_all_of_the_random_bytes_and_each_once() -> None:
    asked: list[bytes] = []

    def random(count: int) -> bytes:
        asked.append(os.urandom(count))
        return asked[-1]

    draw = make_draw(random)
    drawn = [draw() for _ in range(2 * DRAWN_AT_ONCE)]

    pieces = [each[at : at + DRAW.size] for each in asked for at in range(0, len(each), DRAW.size)]
    assert len(asked) == 2
    assert {receipt for _, receipt in drawn} == {each[:RECEIPT_BYTES].hex() for each in pieces}
    assert len({receipt for _, receipt in drawn}) == len(drawn)
    assert max(ballot_id for ballot_id, _ in drawn) < 2**53
