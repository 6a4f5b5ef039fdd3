"""What people are told, in English and Korean, by code. Codes are decided elsewhere."""

from typing import Any, Literal

from schemas.validation import Fault

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")

_PROBLEMS: dict[str, tuple[str, str]] = {
    "invalid_request": ("The request has faults.", "요청에 잘못된 곳이 있습니다."),
    "unauthenticated": ("Sign in first.", "먼저 로그인해 주십시오."),
    "bad_credentials": (
        "The email and the password don't belong together.",
        "이메일 또는 비밀번호가 맞지 않습니다.",
    ),
    "token_invalid": (
        "This session is not valid. Sign in again.",
        "유효하지 않은 로그인입니다. 다시 로그인해 주십시오.",
    ),
    "token_expired": (
        "This session has expired. Sign in again.",
        "로그인이 만료되었습니다. 다시 로그인해 주십시오.",
    ),
    "forbidden": ("You may not do this.", "이 작업을 할 권한이 없습니다."),
    "not_eligible": ("You are not a voter of this poll.", "이 투표의 투표권이 없습니다."),
    "not_found": ("There is nothing here.", "찾을 수 없습니다."),
    "method_not_allowed": (
        "This address doesn't take that method.",
        "이 주소에서 쓸 수 없는 방식입니다.",
    ),
    "email_taken": ("This email has an account already.", "이미 가입된 이메일입니다."),
    "already_voted": (
        "You have voted, and this poll bars changes.",
        "이미 투표하셨으며, 이 투표는 변경할 수 없습니다.",
    ),
    "poll_not_open": (
        "This poll takes no ballots now ({state}).",
        "지금은 투표를 받지 않습니다 ({state}).",
    ),
    "stale": (
        "A later ballot of yours counts; this one came too late.",
        "더 나중에 하신 투표가 반영되어 있어 이 투표는 받지 않았습니다.",
    ),
    "payload_too_large": ("The request is larger than {limit} bytes.", "요청이 너무 큽니다."),
    "unsupported_media_type": (
        "Send a body of type application/json.",
        "application/json 형식으로 보내 주십시오.",
    ),
    "idempotency_mismatch": (
        "This key was sent with another ballot.",
        "같은 키로 다른 내용의 투표가 이미 왔습니다.",
    ),
    "internal": (
        "Something went wrong here; it has been logged.",
        "서버에서 문제가 생겼습니다. 기록해 두었습니다.",
    ),
    "unavailable": (
        "Nothing can be stored at the moment. Whether your last step was kept is not known: "
        "repeating it is safe.",
        "지금은 저장할 수 없습니다. 방금 하신 일이 저장되었는지 알 수 없으나, "
        "다시 하셔도 안전합니다.",
    ),
    "storage_full": (
        "The server's disk is full. Whether your last step was kept is not known: "
        "repeating it is safe.",
        "서버의 저장 공간이 가득 찼습니다. 방금 하신 일이 저장되었는지 알 수 없으나, "
        "다시 하셔도 안전합니다.",
    ),
}

_FAULTS: dict[str, tuple[str, str]] = {
    "required": ("is missing", "빠져 있습니다"),
    "unknown_field": ("is not known here", "알 수 없는 항목입니다"),
    "empty": ("must not be empty", "비워 둘 수 없습니다"),
    "wrong_type": ("must be of type {constraint}", "{constraint} 형식이어야 합니다"),
    "format": ("is not of the right form", "형식이 올바르지 않습니다"),
    "too_short": ("must be {constraint} or longer", "길이가 {constraint} 이상이어야 합니다"),
    "too_long": ("must be {constraint} or shorter", "길이가 {constraint} 이하여야 합니다"),
    "too_small": ("must be {constraint} or more", "{constraint} 이상이어야 합니다"),
    "too_large": ("must be {constraint} or less", "{constraint} 이하여야 합니다"),
    "not_allowed": ("is none of the values allowed", "허용되지 않는 값입니다"),
    "not_json": ("the body is not JSON", "JSON 형식이 아닙니다"),
    "bad_character": ("holds a character that is not text", "쓸 수 없는 문자가 있습니다"),
    "too_deep": ("is nested deeper than {constraint}", "{constraint}단계보다 깊습니다"),
    "unknown_candidate": ("is no candidate of this poll", "이 투표의 후보가 아닙니다"),
}


def word_problem(code: str, language: Language, **values: Any) -> str:
    """Return the sentence of a problem's code."""
    return _PROBLEMS[code][LANGUAGES.index(language)].format(**values)


def word_fault(fault: Fault, language: Language) -> str:
    """Return what is wrong with one field, without its name."""
    return _FAULTS[fault.code][LANGUAGES.index(language)].format(constraint=fault.constraint)
