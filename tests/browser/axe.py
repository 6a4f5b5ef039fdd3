"""What axe-core finds wrong with a page as it is, by WCAG and by its own best practices."""

from playwright.sync_api import Page

from tests.conftest import need
from tests.server import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
STILL = "() => document.getAnimations().every((each) => each.playState !== 'running')"
RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.flatMap(({id, nodes}) =>
        nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}"""


def check_page(page: Page) -> None:
    """Fail with every violation on the page as it is now."""
    found = find_violations(page)
    assert not found, "\n".join(found)


def find_violations(page: Page) -> list[str]:
    """Return every violation on the page as it is now.

    The script comes by the debugger's way, which the page's own policy doesn't bar.
    """
    need(AXE.exists(), "axe-core", "npm --prefix web ci")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text() + "\n;undefined")
    page.wait_for_function(
        "() => document.getAnimations().every((each) => each.playState !== 'running')"
    )

    found: list[str] = page.evaluate(RUN)
    return found
