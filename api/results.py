"""Results over HTTP: documents that are made once for each version and cached as bytes."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypedDict

from api.jsons import encode_line, iso
from api.plain import PlainResponse, conditional
from voting.refusals import NotFound
from voting.tallies import Results, ResultsFrame, Tallies, Tally, results_document, results_hidden

CACHED_RESULTS = 1_000
CACHED_BYTES = 64 << 20


@dataclass(frozen=True)
class TaggedBody:
    """A response's body and its ETag."""

    body: bytes
    etag: str

    def response(
        self, environ: dict[str, Any], cache: str, vary: tuple[str, ...] = ()
    ) -> PlainResponse:
        """Return the response with `cache` as Cache-Control, or 304 if the client has it."""
        return conditional(environ, self.etag, lambda: self.body, cache, vary=vary)


class ResultsCache:
    """The documents of polls' durable state, made again when a poll's version has changed. Those
    that were requested last are cached; the newest however large it is.
    """

    def __init__(
        self, tallies: Tallies, count: int = CACHED_RESULTS, size: int = CACHED_BYTES
    ) -> None:
        self._tallies, self._count, self._most = tallies, count, size
        self._cached: OrderedDict[tuple[int, str], tuple[int, TaggedBody]] = OrderedDict()
        self.size = 0

    def results(self, poll_id: int, now: datetime, *, host: bool = False) -> TaggedBody:
        """Return a poll's results document as a host or others see it. Raises `NotFound`."""
        tally = self._tally(poll_id)
        hidden = results_hidden(tally.poll, host=host)
        kind = "hidden" if hidden else "shown"
        shown = self._tagged(
            tally, kind, lambda: encode_line(results_document(self._tallies, tally, hidden=hidden))
        )
        # only the time differs between responses: it is added to the cached bytes
        return TaggedBody(shown.body[:-2] + f',"server_time":"{iso(now)}"}}\n'.encode(), shown.etag)

    def candidates(self, poll_id: int) -> TaggedBody:
        """Return a poll's candidates as existing frontends read them. Raises `NotFound`."""
        tally = self._tally(poll_id)
        return self._tagged(tally, "candidates", lambda: encode_line(candidates_document(tally)))

    def document(self, poll_id: int, now: datetime, *, host: bool = False) -> Results:
        """Return a poll's results document as a value. Raises `NotFound`."""
        tally = self._tally(poll_id)
        hidden = results_hidden(tally.poll, host=host)
        return {**results_document(self._tallies, tally, hidden=hidden), "server_time": now}

    def table(self, poll_id: int, kind: str, make: Callable[[ResultsFrame], bytes]) -> TaggedBody:
        """Return what `make` makes of a poll's results, cached as `kind`. Raises `NotFound`."""
        tally = self._tally(poll_id)

        def made() -> bytes:
            return make(results_document(self._tallies, tally, hidden=False))

        return self._tagged(tally, kind, made)

    def _tally(self, poll_id: int) -> Tally:
        tally = self._tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            raise NotFound
        return tally

    def _tagged(self, tally: Tally, kind: str, make: Callable[[], bytes]) -> TaggedBody:
        key = tally.poll.id, kind
        version, tagged = self._cached.get(key, (-1, None))
        if tagged is not None and version == tally.version:
            self._cached.move_to_end(key)
            return tagged
        body = make()
        made = TaggedBody(body, sha256(body).hexdigest()[:32])
        self.size += len(body) - (0 if tagged is None else len(tagged.body))
        self._cached[key] = (tally.version, made)
        self._cached.move_to_end(key)
        while len(self._cached) > 1 and (len(self._cached) > self._count or self.size > self._most):
            _, (_, oldest) = self._cached.popitem(last=False)
            self.size -= len(oldest.body)
        return made


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
