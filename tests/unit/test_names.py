"""What the server looks up by a name is there: otherwise a rename would end a defence unseen."""

import pytest

from api.app import BLUEPRINTS
from api.flasks import FREE, App
from api.gate import PATHS, takes_turns
from api.shared_counts import SharedCounts
from db.tables import TABLES
from voting.model.ballots import Ballot
from voting.model.polls import Candidate
from voting.model.workers import Lease
from voting.rooms import IN_ROOM, OF_POLL
from voting.store import Store

OF_THEIR_OWN = {Ballot, Candidate, Lease}
"""Ballots go before their polls, candidates with them, and leases with their connections."""


@pytest.fixture(scope="module")
def app() -> App:
    made = App(__name__, static_folder=None)
    for blueprint in BLUEPRINTS:
        made.register_blueprint(blueprint)
    return made


def test_entrance_is_before_the_routes_that_hash_what_strangers_send(app: App) -> None:
    urls = app.url_map.bind("x")

    found = {urls.match(path, "POST")[0] for path in PATHS}

    assert found == {"auth.post_login", "auth.post_signup"}
    assert all(takes_turns({"REQUEST_METHOD": "POST", "PATH_INFO": path}) for path in PATHS)


def test_routes_that_answer_without_the_store_are_of_blueprints_that_there_are(app: App) -> None:
    assert app.blueprints.keys() >= FREE


def test_everything_that_is_stored_of_a_room_or_a_poll_goes_with_the_room() -> None:
    stored = {kind for kind in TABLES if {"room", "poll"} & kind.__annotations__.keys()}

    assert stored - OF_THEIR_OWN == {*IN_ROOM, *OF_POLL}


@pytest.mark.parametrize("name", ["signed-in", "signed in"])
def test_count_that_others_would_not_find_by_its_name_is_refused(store: Store, name: str) -> None:
    counts = SharedCounts(store, "key")
    counts.share("signed-in", lambda _: None)

    with pytest.raises(ValueError, match=name):
        counts.share(name, lambda _: None)
