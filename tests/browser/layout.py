"""Measures how a page is laid out: what moved while it was drawn, and what doesn't fit in it."""

from pathlib import Path

from playwright.sync_api import Page

HERE = Path(__file__).parent
WATCH = (HERE / "layout_watch.js").read_text()
STILL = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
UNFIT = (HERE / "layout_unfit.js").read_text()


def watch_layout(page: Page, text: str) -> None:
    """Measure every page that is opened from now on, in text of that size.

    The size, in percent, is an expression that each page evaluates before it is drawn.
    """
    page.add_init_script(WATCH.replace("TEXT", text))


def find_faults(page: Page, most_shift: float) -> list[str]:
    """Return what moved more than allowed, or doesn't fit, in a page that is drawn."""
    page.evaluate(STILL)
    faults: list[str] = page.evaluate(UNFIT)
    shift = page.evaluate("window.shift")
    if shift > most_shift:
        faults.append(f"moved by {shift:.3f}: {'; '.join(page.evaluate('window.moved'))}")
    return faults
