"""`pg_dump` and `pg_restore`, as docs/operations.md says: what was dumped serves again."""

from pathlib import Path

import pytest

from db.drilling import drill
from db.opening import open_store
from db.postgres.restoring import LEAP, main
from tests.db.postgres.conftest import NOW
from tests.db.postgres.test_copying import VOTERS, fill, vote
from tests.http.rooms.house import until
from tests.postgres import Cluster
from tests.workers.conftest import Other
from voting.ending import close_poll
from voting.model.accounts import Account
from voting.model.polls import Poll


def test_dump_is_restored_and_serves(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = cluster.url.removesuffix("postgres") + "restored"
    dump = str(tmp_path / "rollcall.dump")
    store = open_store(cluster.url, tmp_path, NOW)
    fill(store)
    closed, named, secret = store.each(Poll)
    last = max(each.id for each in store.each(Account))
    cluster.use("pg_dump", "-Fc", "--no-unlogged-table-data", "-f", dump, cluster.url)
    close_poll(store, secret.id, NOW, "operator")  # after the dump, so its key is gone
    store.close()

    cluster.run("CREATE DATABASE restored")
    cluster.use("pg_restore", "--exit-on-error", "--no-owner", "-d", url, dump)
    code = main([url])
    server = Other(tmp_path, url, "1")
    server.start()
    until(lambda: server.request("GET", "/readyz").status_code == 200)
    results = [server.results(each.id) for each in (closed, named, secret)]
    server.stop()

    assert (code, capsys.readouterr().out) == (0, "Restored; epoch 2 begins.\n")
    assert [each["ballots"] for each in results] == [VOTERS] * 3
    assert [each["state"] for each in results] == ["closed", "open", "closed"]
    assert {each["epoch"] for each in results} == {2}
    again = open_store(url, tmp_path, NOW)
    vote(again, named, again.each(Account)[0])
    assert len(again.ballots(named.id)) == VOTERS, "a voter has two ballots"
    with again.transaction():
        late = again.add(Account(0, "x@x.org", "x@x.org", "X", "hash", 0, False, NOW))
    assert late.id > last + LEAP, "an id may have been issued twice"
    (tmp_path / "backup.json").write_bytes(b"".join(again.backup()))
    again.close()
    assert drill(tmp_path / "backup.json", NOW, lambda chunks, _count: chunks).faults == ()
