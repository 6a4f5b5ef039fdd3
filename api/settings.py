"""Settings: read once from the environment and `.env`, and checked; a wrong one is named."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from dotenv import dotenv_values

from schemas.accounts import PASSWORD_LEASTS, PASSWORD_LENGTHS
from voting.pruning import RULES, Prunable

PREFIX = "ROLLCALL_"
COMMAND_LINE = ("TOKEN", "URL")
"""What the commands that ask a server read, and the server ignores."""
SECRET_BYTES = 32
TOKEN_HOURS = 24 * 365
KEPT_DAYS = 36_500
BACKUP_HOURS, BACKUP_DAYS = 24 * 365, 36_500
SignUp = Literal["open", "invite", "closed"]
LogFormat = Literal["text", "json"]


class BadSetting(Exception):
    """A setting is unknown, or its value can't be used. The server doesn't start."""


@dataclass(frozen=True)
class Settings:
    """The settings with which the server starts; the defaults are those of `.env.example`.

    database: TinyDB's file, or the URL of a PostgreSQL database
    worker: the name of this process among those of the database
    """

    host: str
    port: int
    public_url: str | None
    database: Path | str
    instance: Path
    worker: str
    secret_key: str | None
    cors_origins: tuple[str, ...]
    trusted_proxies: int
    token_hours: float
    seed: Path
    rate_limits: bool
    metrics_token: str | None
    password_min: int
    signup: SignUp
    guest_hosts: bool
    keep_days: Mapping[Prunable, timedelta]
    log: LogFormat
    traces: bool
    backup_dir: Path | None
    backup_hours: float
    backup_count: int
    backup_days: float
    backup_journals: bool

    @property
    def folder(self) -> Path:
        """The folder of this machine's own files: secrets, and what TinyDB keeps."""
        return self.database.parent if isinstance(self.database, Path) else self.instance

    @property
    def place(self) -> str:
        """Where the data is, for people; without a password."""
        if isinstance(self.database, Path):
            return str(self.database.resolve())

        return re.sub("//[^/@]*@", "//", self.database.partition("?")[0])


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the environment, then from `.env`, then the defaults.

    Raises `BadSetting` with the name of the setting.
    """
    if environ is None:
        try:
            environ = {key: value or "" for key, value in dotenv_values(".env").items()}
        except UnicodeDecodeError as error:
            raise BadSetting(f".env is no UTF-8 text: {error}") from error
        environ |= os.environ
    ignored = {PREFIX + name for name in COMMAND_LINE}
    names = {name for name in environ if name.startswith(PREFIX)} - ignored
    given = {name: environ[name] for name in names}
    values: dict[str, Any] = {}
    for name, (default, cast) in SETTINGS.items():
        try:
            values[name.lower()] = cast(given.pop(PREFIX + name, default))
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name}: {error}") from error
    if values["backup_journals"] and not (
        values["backup_dir"] and isinstance(values["database_url"], Path)
    ):
        raise BadSetting(
            f"{PREFIX}BACKUP_JOURNALS needs {PREFIX}BACKUP_DIR and a TinyDB file; PostgreSQL has "
            "an archive of its own"
        )
    if given:
        known = ", ".join(PREFIX + name for name in SETTINGS)
        raise BadSetting(f"{', '.join(sorted(given))}: no such setting; there are {known}")
    return Settings(database=values.pop("database_url"), **values)


def _number(low: float, high: float, cast: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if not (re.fullmatch(r"[0-9.]+", text) and low <= cast(text) <= high):
            raise ValueError(f"{text!r} is no number between {low:g} and {high:g}")
        return cast(text)

    return parse


def _host(text: str) -> str:
    if not text.strip():  # sockets take an empty host for every interface
        raise ValueError("it is empty; 127.0.0.1 is this machine alone, 0.0.0.0 every interface")
    return text.strip()


def _url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(f"{text!r} is no address; https://vote.example.org is")
    return text.rstrip("/") or None


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError(f"there is no file {text!r}")
    return Path(text)


def _database(text: str) -> Path | str:
    if re.fullmatch(r"postgres(ql)?://\S+", text):
        return text
    path = text.removeprefix("tinydb:///")
    if path in ("", text):  # the text may have a password
        raise ValueError("tinydb:///path/to/file.json is a database, postgresql://host/name too")
    return Path(path)


def _folder(text: str) -> Path | None:
    if text and Path(text).exists() and not Path(text).is_dir():
        raise ValueError(f"{text!r} is no folder")
    return Path(text) if text else None


def _worker(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9]{0,16}", text):
        raise ValueError(f"{text!r} is no name of at most 16 letters and digits")
    return text


def _secret(text: str) -> str | None:
    if text and len(text.encode()) < SECRET_BYTES:
        raise ValueError(f"at least {SECRET_BYTES} bytes are needed, not {len(text.encode())}")
    return text or None


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError(f"{text!r} is neither on nor off")
    return text == "on"


def _one_of(*known: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"{text!r} is not one of {', '.join(known)}")
        return text

    return parse


def _days(text: str) -> dict[Prunable, timedelta]:
    """Return for how long each kind of thing is kept; a kind that is left out for ever."""
    pairs = dict.fromkeys(RULES, text) if text.isdecimal() else dict[str, str]()
    if not pairs and text:
        parted = (pair.partition("=") for pair in text.split(","))
        pairs = {name.strip(): days for name, _, days in parted}
    if unknown := pairs.keys() - RULES.keys():
        known = ", ".join(f"{name}=30" for name in RULES)
        raise ValueError(f"{min(unknown)!r} is not known; 365 is, and {known}")
    age = _number(1, KEPT_DAYS, int)
    return {name: timedelta(days=age(pairs[name])) for name in RULES if name in pairs}


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/") for origin in text.split(",") if origin.strip())
    for origin in origins:
        if not re.fullmatch(r"null|[a-z][a-z0-9+.-]*://[^\s/?#@*]+(:\*)?", origin):
            raise ValueError(f"{origin!r} is no origin; http://localhost:* is, * only as a port")
    return origins


SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "HOST": ("127.0.0.1", _host),
    "PORT": ("5000", _number(1, 65535, int)),
    "PUBLIC_URL": ("", _url),
    "DATABASE_URL": ("tinydb:///instance/rollcall.json", _database),
    "INSTANCE": ("instance", Path),
    "SECRET_KEY": ("", _secret),
    "WORKER": ("", _worker),
    "CORS_ORIGINS": ("http://localhost:*,http://127.0.0.1:*", _origins),
    "TRUSTED_PROXIES": ("0", _number(0, 16, int)),
    "TOKEN_HOURS": ("12", _number(0.0001, TOKEN_HOURS, float)),
    "RATE_LIMITS": ("on", _switch),
    "METRICS_TOKEN": ("", _secret),
    "PASSWORD_MIN": (str(PASSWORD_LENGTHS[0]), _number(*PASSWORD_LEASTS, int)),
    "SIGNUP": ("open", _one_of(*get_args(SignUp))),
    "GUEST_HOSTS": ("on", _switch),
    "KEEP_DAYS": ("", _days),
    "LOG": ("text", _one_of(*get_args(LogFormat))),
    "TRACES": ("off", _switch),
    "BACKUP_DIR": ("", _folder),
    "BACKUP_HOURS": ("6", _number(0.0001, BACKUP_HOURS, float)),
    "BACKUP_COUNT": ("28", _number(1, 100_000, int)),
    "BACKUP_DAYS": ("90", _number(0.0001, BACKUP_DAYS, float)),
    "BACKUP_JOURNALS": ("off", _switch),
    "SEED": (str(Path(__file__).parent.parent / "db" / "seed.json"), _file),
}
