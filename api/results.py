"""Results over HTTP: documents made once a version and kept as bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypedDict

from api.jsons import dumps, iso
from api.plain import PlainResponse, conditional
from voting.refusals import NotFound
from voting.tallies import (
    Results,
    Tallies,
    Tally,
    TallyRow,
    results_document,
    results_hidden,
)

KEPT_RESULTS = 1_000


@dataclass(frozen=True)
class Page:
    """A document's bytes and the ETag of what it tells."""

    body: bytes
    etag: str

    def response(
        self, environ: dict[str, Any], cache: str, vary: tuple[str, ...] = ()
    ) -> PlainResponse:
        """Return it with `cache` for Cache-Control, or 304 to a client that has it."""
        return conditional(environ, self.etag, lambda: self.body, cache, vary=vary)


class ResultsPages:
    """The pages of every poll's durable state, made again when its version has changed."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._pages: dict[tuple[int, str], tuple[int, Page]] = {}

    def results(self, poll_id: int, now: datetime, *, host: bool = False) -> Page:
        """Return a poll's results document as a host or others see it. Raises `NotFound`."""
        tally = self._tally(poll_id)
        hidden = results_hidden(tally.poll, host=host)
        kind = "hidden" if hidden else "shown"
        page = self._page(
            tally, kind, lambda: _json(results_document(self._tallies, tally, hidden=hidden))
        )
        # all but the time is the same for everybody: it is set into the ready-made bytes
        return Page(page.body[:-2] + f',"server_time":"{iso(now)}"}}\n'.encode(), page.etag)

    def candidates(self, poll_id: int) -> Page:
        """Return a poll's candidates as existing frontends read them. Raises `NotFound`."""
        tally = self._tally(poll_id)
        return self._page(tally, "candidates", lambda: _json(candidates_document(tally)))

    def document(self, poll_id: int, now: datetime, *, host: bool = False) -> Results:
        """Return a poll's results document as a value. Raises `NotFound`."""
        tally = self._tally(poll_id)
        hidden = results_hidden(tally.poll, host=host)
        return {**results_document(self._tallies, tally, hidden=hidden), "server_time": now}

    def table(self, poll_id: int, kind: str, make: Callable[[list[TallyRow]], bytes]) -> Page:
        """Return what `make` makes of a poll's tally, kept under `kind`. Raises `NotFound`."""
        tally = self._tally(poll_id)

        def made() -> bytes:
            return make(results_document(self._tallies, tally, hidden=False)["tally"] or [])

        return self._page(tally, kind, made)

    def _tally(self, poll_id: int) -> Tally:
        tally = self._tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            raise NotFound
        return tally

    def _page(self, tally: Tally, kind: str, make: Callable[[], bytes]) -> Page:
        key = tally.poll.id, kind
        version, page = self._pages.get(key, (-1, None))
        if page is None or version != tally.version:
            body = make()
            page = Page(body, sha256(body).hexdigest()[:32])
            if key not in self._pages and len(self._pages) >= KEPT_RESULTS:
                del self._pages[next(iter(self._pages))]
            self._pages[key] = (tally.version, page)
        return page


def _json(document: Any) -> bytes:
    return f"{dumps(document)}\n".encode()


class CandidateVotes(TypedDict):
    """A candidate as the existing frontends read it."""

    id: int
    name: str
    voteCount: int


def candidates_document(tally: Tally) -> list[CandidateVotes]:
    """Return a poll's candidates, the counts 0 while they are hidden."""
    hidden = results_hidden(tally.poll)
    return [
        {
            "id": candidate.id,
            "name": candidate.name,
            "voteCount": 0 if hidden else tally.votes.get(candidate.id, 0),
        }
        for candidate in tally.poll.candidates
    ]
