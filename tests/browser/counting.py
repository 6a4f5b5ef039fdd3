"""Hands that use a page as a person does, and count what that takes."""

from playwright.sync_api import Locator, Page


class Hands:
    """Counts presses (a click or a tap each) and typed characters.

    presses: how often something was pressed
    characters: how many characters were typed
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.presses = self.characters = 0

    def press(self, target: Locator) -> None:
        """Press something, by a tap where the page is on a phone."""
        self.presses += 1
        target.click()

    def type_into(self, field: Locator, text: str) -> None:
        """Type a text; press the field first, unless it has the focus already."""
        field.wait_for()
        if not field.evaluate("field => field === document.activeElement"):
            self.press(field)
        self.characters += len(text)
        self._page.keyboard.type(text)
