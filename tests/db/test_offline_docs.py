"""docs/operations.md holds what the code has: files, commands, errors and their messages."""

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from db import journal
from db.__main__ import main
from db.journal import errors, offline

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
POSTGRES = {"--no-unlogged-table-data", "--no-owner", "--exit-on-error", "--encoding", "--template"}
"""Options on the page that are other programs'."""
MODULES = [
    import_module(f"db.journal.{module.name}")
    for module in iter_modules(journal.__path__)
    if module.name not in ("offline", "keeping")  # those of `keeping` are a restore's
]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def read_help(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return what reads the help of `python -m db`, or of one of its commands."""

    def read(*command: str) -> str:
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        return capsys.readouterr().out

    return read


def commands_in(text: str) -> set[str]:
    return set(re.findall(r"^    (\w+) ", text, re.MULTILINE))


def test_operations_page_names_every_command_and_no_other(read_help: Callable[..., str]) -> None:
    documented = set(re.findall(r"^\| `python -m db (\w+)", PAGE, re.MULTILINE))

    assert documented == commands_in(read_help())


def test_operations_page_names_no_option_that_is_not_there(read_help: Callable[..., str]) -> None:
    options = {
        option
        for command in commands_in(read_help())
        for option in re.findall(r"--\w[\w-]*", read_help(command))
    }

    assert set(re.findall(r"(?<=[` ])--\w[\w-]*", PAGE)) - POSTGRES == options - {"--help"}


@pytest.mark.parametrize("suffix", offline.OWN)
def test_operations_page_names_every_file_but_temporary_ones(suffix: str) -> None:
    assert suffix == ".tmp" or f"| `rollcall.json{suffix}` |" in PAGE


@pytest.mark.parametrize(
    "error",
    [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, errors.JournalError)
    ],
)
def test_operations_page_names_every_error(error: str) -> None:
    assert error == "JournalError" or f"`{error}`" in PAGE


@pytest.mark.parametrize(
    "words",
    [
        "is in use by process",
        "can't be written",
        "can't be opened",
        "is read-only",
        "the disk is full",
        "of the journal",
        "is damaged, and more follows it",
        "does not hold batch",
        "the journal's first line is damaged",
        "the journal is of format",
        "is not a TinyDB JSON file",
        "is no scalar",
        "must be unique",
        "is missing, and",
        "was not closed cleanly",
        "its journal alone can't replace it",
        "older than",
        "not the file of",
        "is newer than its journal",
        "belongs to a store that",
        "belong in no such part",
        "are in the snapshot, too",
        "do not go together",
        "is damaged at its end",
        "is damaged between its documents",
    ],
)
def test_operations_page_quotes_the_message_of_the_code(words: str) -> None:
    assert words in flat(PAGE)
    assert any(words in flat(inspect.getsource(module)) for module in MODULES)


def test_every_refusal_at_opening_is_quoted() -> None:
    """Count them: who adds one is sent to the page."""
    raised = sum(
        len(re.findall(r"raise (Locked|Corrupt|Mismatch)\(", inspect.getsource(module)))
        for module in MODULES
    )

    assert raised == 22, "tell operators of the new refusal, here and in docs/operations.md"
