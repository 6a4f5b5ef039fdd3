"""The routes that the app has, for tests whose tables must name each of them."""

from collections.abc import Callable
from pathlib import Path

from api.app import create_app
from api.operations import Operation
from api.settings import read_settings


def routes_of(
    folder: Path, wanted: Callable[[str, Operation], object] = lambda *_: True
) -> set[str]:
    """Return the routes, such as "GET /rooms", for whose method and operation `wanted` is true."""
    settings = read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{folder}/rollcall.json"})
    rollcall = create_app(settings)
    rollcall.store.close()
    views = rollcall.app.view_functions
    return {
        f"{method} {rule.rule}"
        for rule in rollcall.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if wanted(method, views[rule.endpoint].operation)  # type: ignore[attr-defined]
    }
