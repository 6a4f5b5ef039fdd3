"""The form says how short a new password may be, as the server's setting has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, PASSWORD_MIN="6").start()
    yield running
    running.kill()


def test_sign_up_form_says_how_short_a_password_may_be(visit: Visit) -> None:
    page = visit("/signin").page

    page.get_by_role("button", name="Sign up").click()

    expect(page.get_by_label("Password")).to_have_accessible_description("At least 6 characters")
