"""Words that read badly stay out of what the pages and the API say."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*sorted((ROOT / "web/src/locales").glob("*.json")), ROOT / "api/codes.json"]
RETIRED = [
    "Come in",
    "Come into",
    "came in",
    "Make a room",
    "Make draft",
    "proves that the ballot",
    "Shown to nobody",
    "right form",
    "or longer",
    "must not be empty",
    "mend what",
    "Put it into",
    "presence is held",
    "gives a place on the roll",
    "Choose any number",
    "at most {{max}} chosen",
    "broken by chance",
    "Not passed",
    "요건 미달",
    "길이가 {",
    "형식이 올바르지",
    "출석으로 세",
    "명부 자리를 줌",
    "누가 투표합니까",
    "뽑을 수",
    "출석을 지키는",
    "결과를 보이는 때",
    "이 투표의 뜻",
    "명 중 {{count}}명",
    "꼴찌",
    "기록의 지문",
    "글자 방식",
    "}}님, 들어오",
    "닿지 못",
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_catalogue_has_none_of_the_retired_words(path: Path) -> None:
    text = json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)

    assert [words for words in RETIRED if words in text] == []
