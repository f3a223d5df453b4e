"""cairnd check against every column of every table: nothing in the ledger may change unseen."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from cairn.v1 import consortium_pb2, ledger_pb2

from authors import SIGNERS, propose
from events import bad_sgtin_link, event_record, sgtin_link
from merkle import leaf_hash
from server import Server, run

# A row's number in the order it was seen, and the one row there is: they say nothing.
MEANINGLESS = {("equivocation", "id"), ("checkpoint", "id")}
# What only a node fills that follows an engine or fetches from peers.
OF_A_CONSORTIUM = {
    "engine", "skip", "certificate", "divergence", "cosigner", "catch_up", "republish", "epoch_opening",
    "order_place", "statement",
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped ledger with something in every table: full tiles, a rejection, a revocation, an equivocation, a redaction."""
    server = Server(tmp_path_factory.mktemp("whole") / "data").init().start()
    with server.client() as client:
        registrar = server.registrar(client)
        author, revoked = (registrar.register(SIGNERS[suite](), label=suite) for suite in SIGNERS)
        first = author.batch([event_record([sgtin_link("FIRST")])])
        batches = [author.next_batch([event_record([sgtin_link(f"C{number}")])]) for number in range(600)]
        bad = [event_record([bad_sgtin_link("BAD")]), event_record([sgtin_link("GOOD")])]
        batches.append(author.next_batch(bad, on_error=ledger_pb2.ON_ERROR_SKIP_RECORD))
        assert all(answer.HasField("receipt") for answer in client.stream(batches))
        with pytest.raises(grpc.RpcError):
            client.submit(first)
        client.record(revoked, [event_record([sgtin_link("REVOKED")])])
        registrar.revoke(revoked)
        assert client.equivocations(author.key_id)
        erased = author.next_batch([event_record([sgtin_link("ERASED")])])
        place = dict(position=client.submit(erased).position, record_index=0)
        redaction = consortium_pb2.Redaction(record_id=leaf_hash(erased.records[0]), **place)
        client.record(registrar.author, [propose(redact=redaction)])
    assert server.stop() == 0
    return server.directory


def test_a_whole_ledger_passes(ledger: Path):
    checked = run("cairnd", "check", ledger)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_column_can_change_unseen(ledger: Path, tmp_path: Path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    unseen = []
    for table, column in columns(ledger):
        copy = tmp_path / f"{table}-{column}"
        shutil.copytree(ledger, copy)
        old, new = change(copy, table, column, random.Random(seed))
        checked = run("cairnd", "check", copy)
        assert checked.returncode >= 0, f"{table}.{column}: check died of signal {-checked.returncode}"
        if checked.returncode == 0:
            unseen.append(f"{table}.{column}: {old!r} became {new!r}")
        shutil.rmtree(copy)
    assert not unseen, "\n".join(unseen)


def test_no_row_can_vanish_unseen(ledger: Path, tmp_path: Path):
    """Evidence of equivocation excepted: nothing says how much of it there was."""
    for table, first in {
        table: column for table, column in reversed(columns(ledger)) if table != "equivocation"
    }.items():
        copy = tmp_path / table
        shutil.copytree(ledger, copy)
        with closing(sqlite3.connect(copy / "ledger.db")) as database, database:
            database.execute(f"DELETE FROM {table} WHERE {first} = (SELECT max({first}) FROM {table})")
        assert run("cairnd", "check", copy).returncode > 0, f"a row of {table} is gone and check saw nothing"


def columns(ledger: Path) -> list[tuple[str, str]]:
    """Every column of every table that a node has which decides alone."""
    own = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'"
    )
    with closing(sqlite3.connect(ledger / "ledger.db")) as database:
        tables = [name for (name,) in database.execute(own) if name not in OF_A_CONSORTIUM]
        for table in OF_A_CONSORTIUM:
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), f"{table} is to be checked"
        found = [(table, row[1]) for table in tables for row in database.execute(f"PRAGMA table_info({table})")]
    return [column for column in found if column not in MEANINGLESS]


def change(ledger: Path, table: str, column: str, dice: random.Random) -> tuple[object, object]:
    """Changes one value of the column a little, wherever it stands; the old value and the new."""
    with closing(sqlite3.connect(ledger / "ledger.db")) as database, database:
        values = [value for (value,) in database.execute(f"SELECT {column} FROM {table} ORDER BY 1")]
        assert values, f"{table} is empty"
        old = dice.choice([value for value in values if value is not None] or [None])
        new = altered(old)
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS ?", (new, old))
    return old, new


def altered(value: object) -> object:
    if isinstance(value, bytes) and value:
        middle = len(value) // 2
        return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
    if isinstance(value, str) and value:
        middle = len(value) // 2
        return value[:middle] + ("x" if value[middle] != "x" else "y") + value[middle + 1 :]
    return value + 100_000 if isinstance(value, int) else 1
