"""Results over HTTP: documents made once a version and kept as bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Response, request

from api.jsons import dumps, iso
from schemas.refusals import NotFound
from voting.tallies import Tallies, Tally, results_document, results_hidden


@dataclass(frozen=True)
class Page:
    """A document's bytes and the ETag of what it tells."""

    body: bytes
    etag: str

    def answer(self, cache: str) -> Response:
        """Return it as an answer with `cache` for Cache-Control, or 304 to one who has it."""
        answer = Response(self.body, mimetype="application/json")
        answer.set_etag(self.etag)
        answer.headers["Cache-Control"] = cache
        answer.make_conditional(request)
        return answer


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
            tally, kind, lambda: results_document(self._tallies, tally, hidden=hidden)
        )
        # all but the time is the same for everybody: it is set into the ready-made bytes
        return Page(page.body[:-2] + f',"server_time":"{iso(now)}"}}\n'.encode(), page.etag)

    def candidates(self, poll_id: int) -> Page:
        """Return a poll's candidates as existing frontends read them. Raises `NotFound`."""
        tally = self._tally(poll_id)
        return self._page(tally, "candidates", lambda: candidates_document(tally))

    def document(self, poll_id: int, now: datetime, *, host: bool = False) -> dict[str, Any]:
        """Return a poll's results document as a value. Raises `NotFound`."""
        tally = self._tally(poll_id)
        hidden = results_hidden(tally.poll, host=host)
        return {**results_document(self._tallies, tally, hidden=hidden), "server_time": now}

    def _tally(self, poll_id: int) -> Tally:
        tally = self._tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            raise NotFound
        return tally

    def _page(self, tally: Tally, kind: str, make: Callable[[], Any]) -> Page:
        version, page = self._pages.get((tally.poll.id, kind), (-1, None))
        if page is None or version != tally.version:
            body = f"{dumps(make())}\n".encode()
            page = Page(body, sha256(body).hexdigest()[:32])
            self._pages[tally.poll.id, kind] = (tally.version, page)
        return page


def candidates_document(tally: Tally) -> list[dict[str, Any]]:
    """Return `[{"id", "name", "voteCount"}]`, the counts 0 while they are hidden."""
    hidden = results_hidden(tally.poll)
    return [
        {
            "id": candidate.id,
            "name": candidate.name,
            "voteCount": 0 if hidden else tally.votes.get(candidate.id, 0),
        }
        for candidate in tally.poll.candidates
    ]
