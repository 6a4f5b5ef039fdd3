"""What guards secrets is counted by all workers together."""

from tests.http.rooms.house import until
from tests.server import Server
from tests.workers.conftest import Workers

MOST = 60
"""How many wrong codes an address may try in a minute: `api.limits.LIMITS`."""


def test_wrong_codes_at_one_worker_are_counted_at_all(workers: Workers) -> None:
    house, second, third = workers

    def tried(worker: Server) -> int:
        token = house.newcomer()
        answer = worker.request("POST", "/auth/admin", token, json={"code": "no such code"})
        return int(answer.status_code)

    before = [tried(each) for each in workers for _ in range(MOST // 3)]
    more: list[int] = []
    until(lambda: more.append(tried(second)) or more[-1] == 429)

    assert set(before) == {403}
    assert len(more) < MOST // 3, "it counted its own alone"
    assert [tried(each) for each in (house, third)] == [429] * 2
