"""Settings: read once from the environment and `.env`, cast, and refused by name where wrong."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

PREFIX = "ROLLCALL_"
SECRET_BYTES = 32


class BadSetting(Exception):
    """A setting is unknown or its value can't be used; the start stops."""


@dataclass(frozen=True)
class Settings:
    """What the server is told at its start; defaults as in `.env.example`."""

    host: str
    port: int
    public_url: str | None
    database: Path
    secret_key: str | None
    cors_origins: tuple[str, ...]
    trusted_proxies: int
    token_hours: float
    seed: Path


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the environment, then of `.env`, then the defaults.

    Raises `BadSetting` naming the setting.
    """
    if environ is None:
        environ = {**_from_file(), **os.environ}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    values: dict[str, Any] = {}
    for name, (default, cast) in _SETTINGS.items():
        try:
            values[name.lower()] = cast(given.pop(PREFIX + name, default))
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name}: {error}") from error
    if given:
        known = ", ".join(PREFIX + name for name in _SETTINGS)
        raise BadSetting(f"{', '.join(sorted(given))}: no such setting; there are {known}")
    return Settings(database=values.pop("database_url"), **values)


def _from_file() -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(".env").items() if value is not None}
    except UnicodeDecodeError as error:
        raise BadSetting(f".env is no UTF-8 text: {error}") from error


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{text!r} is no port; one between 1 and 65535 is")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def _url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(f"{text!r} is no address; https://vote.example.org is")
    return text.rstrip("/") or None


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError(f"there is no file {text!r}")
    return Path(text)


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= 24 * 365:
        raise ValueError(f"{text!r} is no number of hours between 0 and 8760")
    return hours


def _database(text: str) -> Path:
    if not text.startswith("tinydb:///") or text == "tinydb:///":
        raise ValueError(f"{text!r} is no database; tinydb:///path/to/file.json is")
    return Path(text.removeprefix("tinydb:///"))


def _secret(text: str) -> str | None:
    if text and len(text.encode()) < SECRET_BYTES:
        raise ValueError(f"at least {SECRET_BYTES} bytes are needed, not {len(text.encode())}")
    return text or None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/") for origin in text.split(",") if origin.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[^\s/?#@]+", origin):
            raise ValueError(f"{origin!r} is no origin; https://vote.example.org is")
        if "*" in origin.removesuffix(":*"):
            raise ValueError(f"{origin!r}: * may only stand for the port")
    return origins


_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "HOST": ("127.0.0.1", str),
    "PORT": ("5000", _port),
    "PUBLIC_URL": ("", _url),
    "DATABASE_URL": ("tinydb:///instance/rollcall.json", _database),
    "SECRET_KEY": ("", _secret),
    "CORS_ORIGINS": ("http://localhost:*,http://127.0.0.1:*", _origins),
    "TRUSTED_PROXIES": ("0", _count),
    "TOKEN_HOURS": ("12", _hours),
    "SEED": (str(Path(__file__).parent.parent / "db" / "seed.json"), _file),
}
