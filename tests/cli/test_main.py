"""Every command says how it is used; the page on commands names what there is."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS, rollcall
from tests.cli.conftest import Run
from tests.server import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text()


def walk(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from walk(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


ALL = dict(walk(rollcall))


@pytest.mark.parametrize("name", ALL)
def test_help_of_a_command_has_an_example_of_it(name: str) -> None:
    help_text = ALL[name].help or ""

    assert re.search(rf"Examples?:\n(.*\n)* +.*rollcall .*{name}", help_text)
    assert ALL[name].get_short_help_str()


def test_page_on_commands_names_every_command_and_no_other() -> None:
    assert set(re.findall(r"^\| `rollcall ([a-z ]+[a-z])", PAGE, re.MULTILINE)) == {*ALL}


def test_page_on_commands_names_no_option_that_is_not_there() -> None:
    options = {
        name
        for command in (rollcall, *ALL.values())
        for parameter in command.params
        for name in parameter.opts
    }

    assert set(re.findall(r"(?<=[` ])--[a-z][a-z-]*", PAGE)) <= options | {"--help", "--version"}


def test_help_imports_no_event_loop() -> None:
    code = (
        "import sys; from cli.main import rollcall\n"
        "try: rollcall(['check', '--help'])\n"
        "except SystemExit: sys.exit('gevent' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True)

    assert ended.returncode == 0


def test_shell_completes_commands(rollcall: Run) -> None:
    asked = {"_ROLLCALL_COMPLETE": "bash_complete", "COMP_CWORD": "2"}

    ended = rollcall(COMP_WORDS="rollcall poll o", **asked)

    assert ended.stdout.split() == ["plain,open"]
    assert "_rollcall_completion" in rollcall("completion", "bash").stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["check", "--colour"], ["poll", "open", "x"]])
def test_invalid_command_line_is_refused(rollcall: Run, arguments: list[str]) -> None:
    ended = rollcall(*arguments)

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Error" in ended.stderr


def test_version_is_printed_in_a_checkout_too(rollcall: Run) -> None:
    assert rollcall("--version").stdout.startswith("rollcall, version ")


def test_settings_are_read_from_the_file_that_is_named(rollcall: Run, tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("ROLLCALL_PORT=wrong\n")

    ended = rollcall("--env-file", "settings", "poll", "results", "1")

    assert ended.returncode == 2
    assert "ROLLCALL_PORT" in ended.stderr


def test_list_of_commands_is_that_of_the_modules() -> None:
    assert {name.split()[0] for name in ALL} == {*COMMANDS}


def test_full_output_is_told_in_a_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "cli", "completion", "bash"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith("rollcall: ")
