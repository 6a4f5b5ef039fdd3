"""The documentation holds what the code has: routes, events, settings, codes, commands."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from api.app import create_app
from api.problems import CODES
from api.settings import PREFIX, SETTINGS, read_settings
from tests.server import ROOT, Server

API = (ROOT / "docs" / "api.md").read_text()
LIVE = "".join(path.read_text() for path in sorted((ROOT / "api" / "live").glob("*.py")))


def test_api_page_names_every_route_and_no_other(tmp_path: Path) -> None:
    settings = read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"})
    rollcall = create_app(settings)
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in rollcall.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rollcall.store.close()

    documented = set(re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s?`]*)", API))

    assert documented == routes


def test_api_page_names_every_event() -> None:
    events = set(re.findall(r'"([a-z]+:[a-z]+)"', LIVE))

    rows = re.findall(r"^\| (`[a-z]+:[a-z]+`.*?)\|", API, re.MULTILINE)

    assert {event for row in rows for event in re.findall(r"`([a-z]+:[a-z]+)`", row)} == events


@pytest.mark.parametrize("code", CODES["problems"])
def test_api_page_names_the_problem_code(code: str) -> None:
    rows = [line for line in API.splitlines() if line.startswith("|") and f"`{code}`" in line]

    assert any(f"| {CODES['problems'][code]['status']} |" in row for row in rows)


@pytest.mark.parametrize("code", CODES["faults"])
def test_api_page_names_the_fault_code(code: str) -> None:
    assert f"`{code}`" in API


@pytest.mark.parametrize("page", ["docs/api.md", ".env.example"])
def test_page_names_every_setting_and_no_other(page: str) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+\b", (ROOT / page).read_text()))

    assert named == {PREFIX + name for name in SETTINGS} | (named & {PREFIX})


def test_readme_curl_tour_works_as_it_stands(server: Server) -> None:
    readme = (ROOT / "README.md").read_text()
    tour = re.search(r"## Five lines.*?```sh\n(.*?)```", readme, re.DOTALL)
    assert tour is not None
    script = tour[1].replace("http://127.0.0.1:5000", server.url)

    printed = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, timeout=60, check=True
    ).stdout

    assert '"name":"Ada"' in printed
    assert "voted" in printed
    assert '"candidate":3,"name":"박지우","votes":1' in printed


def test_readme_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]

    asked = {t for page in pages for t in re.findall(r"`make ([a-z-]+)", page.read_text())}

    assert asked <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_only_files_that_are_there(page: Path) -> None:
    folders = "api|bench|db|docs|schemas|tests|voting|web"

    named = set(re.findall(rf"[`(]((?:{folders})/[\w/.-]+\.(?:py|md|json))[`)]", page.read_text()))

    assert {path for path in named if not (ROOT / path).exists()} == set()


MARKDOWN = sorted(
    page
    for folder in (".", "api/httpd", "api/wire", "bench", "bench/peers", "db/journal", "docs")
    for page in (ROOT / folder).glob("*.md")
)


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text())

    targets = {(page.parent / path if path else page, anchor) for path, anchor in links}

    assert [str(path) for path, _ in targets if not path.exists()] == []
    assert [(str(path), a) for path, a in targets if a and a not in anchors_of(path)] == []


def test_index_of_the_documentation_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"

    named = set(re.findall(r"\]\(([\w-]+\.md)", index.read_text()))

    assert named == {page.name for page in (ROOT / "docs").glob("*.md")} - {index.name}


def test_example_of_the_journal_works_as_it_stands(tmp_path: Path) -> None:
    page = (ROOT / "db" / "journal" / "README.md").read_text()
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert example is not None

    subprocess.run(
        [sys.executable, "-c", f"{example[1]}\nassert ada == {{'email': 'ada@example.org'}}"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )


@pytest.mark.parametrize("package", ["api.httpd", "api.wire", "db.journal"])
def test_readme_of_a_package_names_all_that_is_public(package: str) -> None:
    page = (ROOT / package.replace(".", "/") / "README.md").read_text()

    public = import_module(package).__all__

    assert [name for name in public if not re.search(rf"`{name}\b", page)] == []


def test_glossary_names_what_the_code_defines() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    code = "".join(
        path.read_text()
        for folder in ("api", "db", "schemas", "voting")
        for path in (ROOT / folder).rglob("*.py")
    )

    named = {name.split(".")[-1] for name in re.findall(r"\(`([\w.]+)`\)", glossary)}

    assert len(named) > 40
    assert [
        name for name in named if not re.search(rf"(class|def) {name}\b|^{name}(:| =)", code, re.M)
    ] == []


def test_picture_of_the_reveal_moves_and_is_small() -> None:
    file = ROOT / "docs" / "images" / "reveal.gif"

    with Image.open(file) as picture:
        frames = getattr(picture, "n_frames", 1)

    assert frames > 10
    assert file.stat().st_size <= 500_000
