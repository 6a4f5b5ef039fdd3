"""Settings: read once, cast, and refused by name."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.settings import BadSetting, Settings, read_settings
from voting.pruning import RULES

BAD = [
    ("HOST", ""),
    ("HOST", " "),
    ("PORT", "http"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("PORT", "5000.5"),
    ("PORT", ""),
    ("PORT", "\u0665\u0660"),
    ("PUBLIC_URL", "vote.example.org"),
    ("PUBLIC_URL", "ftp://vote.example.org"),
    ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https://a b"),
    ("PUBLIC_URL", "https://a/?room=b"),
    ("DATABASE_URL", "rollcall.json"),
    ("DATABASE_URL", "sqlite:///rollcall.db"),
    ("DATABASE_URL", "tinydb:///"),
    ("DATABASE_URL", "tinydb://rollcall.json"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "x" * 31),
    ("SECRET_KEY", "가" * 10),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", "nul"),
    ("CORS_ORIGINS", "capacitor:localhost"),
    ("CORS_ORIGINS", "localhost:3000"),
    ("CORS_ORIGINS", "https://*"),
    ("CORS_ORIGINS", "https://*.example.org"),
    ("CORS_ORIGINS", "https://vote.example.org:*:*"),
    ("CORS_ORIGINS", "https://vote.example.org/app"),
    ("CORS_ORIGINS", "https://good.example.org, ftp//bad.example.org"),
    ("CORS_ORIGINS", "https://user@vote.example.org"),
    ("TRUSTED_PROXIES", "yes"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "1.5"),
    ("TOKEN_HOURS", "0"),
    ("TOKEN_HOURS", "-1"),
    ("TOKEN_HOURS", "long"),
    ("TOKEN_HOURS", "nan"),
    ("TOKEN_HOURS", "inf"),
    ("TOKEN_HOURS", "1e9"),
    ("TOKEN_HOURS", "1.2.3"),
    ("SEED", "no-such-seed.json"),
    ("SEED", "."),
    ("BACKUP_DIR", __file__),
    ("BACKUP_HOURS", "0"),
    ("BACKUP_HOURS", "often"),
    ("BACKUP_COUNT", "0"),
    ("BACKUP_COUNT", "1.5"),
    ("BACKUP_DAYS", "0"),
    ("PASSWORD_MIN", "5"),
    ("PASSWORD_MIN", "65"),
    ("PASSWORD_MIN", "8.5"),
    ("PASSWORD_MIN", "long"),
    ("KEEP_DAYS", "0"),
    ("KEEP_DAYS", "for ever"),
    ("KEEP_DAYS", "messages"),
    ("KEEP_DAYS", "messages=0"),
    ("KEEP_DAYS", "ballots=30"),
    ("KEEP_DAYS", "messages=30;guests=7"),
]


def read(**settings: str) -> Settings:
    """Read settings by their names without the prefix."""
    return read_settings({f"ROLLCALL_{name}": value for name, value in settings.items()})


def test_settings_have_the_contracts_defaults() -> None:
    settings = read()

    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 5000, None)
    assert settings.database == Path("instance/rollcall.json")
    assert settings.secret_key is None
    assert settings.cors_origins == ("http://localhost:*", "http://127.0.0.1:*")
    assert (settings.trusted_proxies, settings.token_hours) == (0, 12)
    assert settings.seed.read_bytes().startswith(b"{")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("PORT", "65535", 65535),
        ("PUBLIC_URL", "https://vote.example.org/", "https://vote.example.org"),
        ("PUBLIC_URL", "http://192.0.2.7:5000/hall", "http://192.0.2.7:5000/hall"),
        ("PUBLIC_URL", "", None),
        ("SECRET_KEY", "x" * 32, "x" * 32),
        ("SECRET_KEY", "", None),
        (
            "CORS_ORIGINS",
            "https://a.example/, http://b:8000 ,",
            ("https://a.example", "http://b:8000"),
        ),
        ("CORS_ORIGINS", "null,capacitor://localhost", ("null", "capacitor://localhost")),
        ("CORS_ORIGINS", "", ()),
        ("TRUSTED_PROXIES", "2", 2),
        ("TOKEN_HOURS", "0.5", 0.5),
        ("TOKEN_HOURS", "8760", 8760),
        ("KEEP_DAYS", "", {}),
        ("KEEP_DAYS", "365", dict.fromkeys(RULES, timedelta(days=365))),
        (
            "KEEP_DAYS",
            "messages=30, guests=7",
            {"messages": timedelta(days=30), "guests": timedelta(days=7)},
        ),
    ],
)
def test_setting_is_read_as_what_it_means(name: str, text: str, value: Any) -> None:
    assert getattr(read(**{name: text}), name.lower()) == value


def test_database_is_a_path_that_may_be_absolute() -> None:
    assert read(DATABASE_URL="tinydb:////var/lib/r.json").database == Path("/var/lib/r.json")


def test_database_of_postgresql_has_a_folder_beside_it_and_shows_no_password() -> None:
    settings = read(DATABASE_URL="postgresql://me:pass@db:5432/hall?sslmode=require", INSTANCE="/i")

    assert settings.database == "postgresql://me:pass@db:5432/hall?sslmode=require"
    assert settings.folder == Path("/i")
    assert settings.place == "postgresql://db:5432/hall"


@pytest.mark.parametrize(("name", "text"), BAD)
def test_setting_is_refused_by_its_name_when_its_value_is_bad(name: str, text: str) -> None:
    with pytest.raises(BadSetting, match=f"^ROLLCALL_{name}: "):
        read(**{name: text})


def test_secret_key_is_not_printed_when_it_is_refused() -> None:
    with pytest.raises(BadSetting) as caught:
        read(SECRET_KEY="hunter2")

    assert "hunter2" not in str(caught.value)


def test_settings_that_are_unknown_are_all_named() -> None:
    with pytest.raises(BadSetting) as caught:
        read(PROT="5001", COLOUR="red", PORT="5002")

    unknown, _, known = str(caught.value).partition(":")
    assert unknown == "ROLLCALL_COLOUR, ROLLCALL_PROT"
    assert "ROLLCALL_PORT" in known


def test_settings_of_others_are_not_looked_at() -> None:
    assert read_settings({"PORT": "x", "FLASK_DEBUG": "1", "XROLLCALL_PORT": "y"}).port == 5000


def test_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("ROLLCALL_PORT=5001\nROLLCALL_TOKEN_HOURS=3 # hours\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROLLCALL_PORT", "5002")

    settings = read_settings()

    assert (settings.port, settings.token_hours) == (5002, 3)
