"""People who vote at once over HTTP, and the response that each got: witnesses of a crash."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests

from tests.server import Server

POLL = 1
CANDIDATES = range(1, 11)
ASKING = 16


@dataclass(frozen=True)
class Sent:
    """A ballot as it was sent."""

    key: str
    choice: int


@dataclass
class Voter:
    """One person: the last ballot that was acknowledged, and one whose answer never came."""

    token: str
    acknowledged: Sent | None = None
    receipt: str | None = None
    unanswered: Sent | None = None

    @property
    def standing(self) -> Sent | None:
        """Return the ballot that has to count once `unanswered` has been settled."""
        return self.unanswered or self.acknowledged

    def cast(self, server: Server, session: requests.Session, sent: Sent) -> requests.Response:
        """Send a ballot."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": sent.key}
        url = f"{server.url}/polls/{POLL}/ballot"
        return session.put(url, json={"choices": [sent.choice]}, headers=headers, timeout=30)


@dataclass
class Crowd:
    """All of them. `enough` is set once so many ballots have been acknowledged as were asked."""

    voters: list[Voter]
    refusals: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    _wanted: int = 0
    _acknowledged: int = 0
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def vote_until_gone(self, server: Server, wanted: int, seed: int) -> list[threading.Thread]:
        """Let everybody vote and change their minds until the server no longer answers."""
        self.enough.clear()
        self._wanted, self._acknowledged = wanted, 0
        together = threading.Barrier(len(self.voters))
        threads = [
            threading.Thread(
                target=self._keep_voting, args=(server, voter, together, random.Random(seed + n))
            )
            for n, voter in enumerate(self.voters)
        ]
        for thread in threads:
            thread.start()
        return threads

    def each(self, ask: Any) -> list[Any]:
        """Return what `ask(voter)` answers for everybody, asked side by side."""
        with ThreadPoolExecutor(ASKING) as pool:
            return list(pool.map(ask, self.voters))

    def tally(self) -> dict[int, int]:
        """Return the votes by candidate as the voters know them."""
        votes: dict[int, int] = {}
        for voter in self.voters:
            if voter.standing is not None:
                votes[voter.standing.choice] = votes.get(voter.standing.choice, 0) + 1
        return votes

    def _keep_voting(
        self, server: Server, voter: Voter, together: threading.Barrier, chance: random.Random
    ) -> None:
        with requests.Session() as session:
            together.wait()
            while True:
                voter.unanswered = Sent(str(uuid4()), chance.choice(CANDIDATES))
                try:
                    answer = voter.cast(server, session, voter.unanswered)
                    receipt = answer.json()["receipt"]
                except requests.RequestException:  # the server is gone
                    return
                except (KeyError, ValueError):  # it answered, and that was no receipt
                    self.refusals.append(f"{answer.status_code} {answer.text}")
                    return
                voter.acknowledged, voter.receipt = voter.unanswered, receipt
                voter.unanswered = None
                self._count()

    def _count(self) -> None:
        with self._mutex:
            self._acknowledged += 1
            if self._acknowledged >= self._wanted:
                self.enough.set()
