"""A file's encoding is given, guessed or asked for. No letter is read as another."""

import pytest

from schemas.encodings import ENCODINGS, decode
from voting.faults import Fault, Invalid

KOREAN = (
    "이름,성별,소속\n김하늘,여,기획부 A팀\n이서준,남,한빛\nAda Park,여,개발부\n박지우B,남,총무\n"
)
OTHERS = {
    "windows-1252": [
        "Name\nJosé Núñez\nFrançois Lefèvre\n",
        "Name\nJürgen Müller\nSören Größ\nÄnne Öz\n",
        "Nome\nJoão Conceição\nÉlöäise Ñóáez\n",
    ],
    "windows-1250": ["Imię\nŁukasz Żółć\nŚwięta Ćma\nJiří Dvořák\n"],
    "windows-1251": ["Имя\nИван Петров\nЮлия Щукина\n", "ИМЯ\nАННА ГАВРИЛОВА\nБОРИС ЕВДОКИМОВ\n"],
    "shift_jis": [
        "名前\n山田太郎\n佐藤花子\n",
        "ナマエ\nヤマダ タロウ\nサトウ ハナコ\n",
        "なまえ\nやまだ\n",
    ],
    "euc-jp": ["名前\n山田太郎\n佐藤花子\nヤマダ\n", "なまえ\nやまだたろう\n"],
    "gb18030": ["姓名\n王伟\n李娜\n张敏\n刘洋\n陈静\n"],
    "big5": ["姓名\n王小明\n陳怡君\n林志豪\n"],
}


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_is_known_when_its_bytes_tell(name: str) -> None:
    mark = "\ufeff" if name[-2:] in ("le", "be") else ""

    decoded = decode(f"{mark}{KOREAN}".encode(name))

    assert (decoded.text, decoded.guessed) == (KOREAN, False)
    assert decoded.encoding == name.removesuffix("-sig")[: 6 if "16" in name else 5]


def test_byte_order_marks_are_no_text() -> None:
    assert decode(f"\ufeff\ufeff{KOREAN}".encode("utf-8-sig")).text == KOREAN


def test_korean_excel_is_guessed() -> None:
    assert decode(KOREAN.encode("cp949")) == (KOREAN, "cp949", True)


CASES = [(name, text) for name, texts in OTHERS.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), CASES)
def test_encoding_is_asked_for_when_it_is_another(name: str, text: str) -> None:
    raw = text.encode(ENCODINGS[name])

    with pytest.raises(Invalid) as refused:
        decode(raw)

    assert refused.value.faults == (Fault("encoding", "not_text"),)
    assert decode(raw, name) == (text, name, False)


@pytest.mark.parametrize("name", ["utf-8", "euc-jp", "shift_jis"])
def test_encoding_is_refused_when_the_bytes_are_none_of_it(name: str) -> None:
    with pytest.raises(Invalid):
        decode("José Núñez, Ñandú".encode("cp1252") + b"\xff", name)
