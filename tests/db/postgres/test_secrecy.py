"""What the files of a PostgreSQL cluster hold after a secret poll has ended."""

import struct
from pathlib import Path

from db.postgres import PostgresStore
from tests.db.postgres.conftest import NOW
from tests.db.test_store_contract import add_account, add_poll, cast_all, spellings
from tests.keys import read_keys
from tests.postgres import Cluster
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot


def test_no_file_but_the_wal_leads_to_a_voter_when_a_secret_poll_has_ended(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Neither the key nor a pseudonym, an idempotency key, or a ballot's first id."""
    keys = tmp_path / "rollcall.json.keys"
    stores = [PostgresStore(cluster.url, keys, NOW) for _ in range(2)]
    store, other = stores
    poll, voters = add_poll(store), [add_account(store, f"voter{n}") for n in range(40)]
    cast_all(store, poll, voters, key="the first key")
    cast_all(store, poll, voters[:5], key="a later key", place=1)
    old = store.each(Ballot)
    key = bytes.fromhex(read_keys(tmp_path / "rollcall.json")[str(poll.id)])
    written = [b"the first key", b"a later key"]
    written += [f"{each.voter}".encode() for each in old]
    written += [struct.pack("<q", each.id) for each in old]
    traces = [*written, *(f"{each.id}".encode() for each in old), *spellings(key)]
    cluster.run("ANALYZE")
    cluster.run("CHECKPOINT")
    assert {trace for _, trace in cluster.find(written)} == {*written}

    close_poll(store, poll.id, NOW, CLOCK)
    other.catch_up()
    sealed = other.ballots(poll.id)
    cluster.run("CHECKPOINT")
    found = cluster.find(traces)
    for each in stores:
        each.close()
    cluster.stop()  # it writes all that it has in memory
    found += cluster.find(traces)
    wal = cluster.find(traces, wal=True)

    assert found == []
    assert {trace for _, trace in wal} >= {*written[2:42]}, "docs/secrecy.md says so of the WAL"
    assert not any(trace in spellings(key) for _, trace in wal)
    assert not any(spelled in keys.read_bytes() for spelled in spellings(key))
    assert [each.voter for each in sealed] == [None] * 40
    assert other.keyed_polls() == []
