"""Results over HTTP: documents made once a version and kept as bytes."""

from dataclasses import dataclass
from datetime import datetime
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
        self._results: dict[int, tuple[int, Page]] = {}
        self._candidates: dict[int, tuple[int, Page]] = {}

    def results(self, poll_id: int, now: datetime) -> Page:
        """Return a poll's results document. Raises `NotFound`."""
        tally = self._tally(poll_id)
        version, page = self._results.get(poll_id, (-1, None))
        if page is None or version != tally.version:
            page = self._page(tally, results_document(self._tallies, tally))
            self._results[poll_id] = (tally.version, page)
        # all but the time is the same for everybody: it is set into the ready-made bytes
        return Page(page.body[:-2] + f',"server_time":"{iso(now)}"}}\n'.encode(), page.etag)

    def candidates(self, poll_id: int) -> Page:
        """Return a poll's candidates as existing frontends read them. Raises `NotFound`."""
        tally = self._tally(poll_id)
        version, page = self._candidates.get(poll_id, (-1, None))
        if page is None or version != tally.version:
            page = self._page(tally, candidates_document(tally))
            self._candidates[poll_id] = (tally.version, page)
        return page

    def document(self, poll_id: int, now: datetime) -> dict[str, Any]:
        """Return a poll's results document as a value. Raises `NotFound`."""
        document = results_document(self._tallies, self._tally(poll_id))
        return {**document, "server_time": now}

    def _tally(self, poll_id: int) -> Tally:
        tally = self._tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            raise NotFound
        return tally

    def _page(self, tally: Tally, document: Any) -> Page:
        return Page(f"{dumps(document)}\n".encode(), f"{self._tallies.epoch}-{tally.version}")


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
