"""cairnd check on a node of a consortium: what it has beside the log is verified as well, and named where it is broken."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cairn.v1 import ledger_pb2, peer_service_pb2, peer_service_pb2_grpc

from authors import Author, Ed25519Signer
from cairn_client import refused
from events import event_record, sgtin_link
from server import run
from test_check import OF_A_CONSORTIUM, change
from test_consortium_nodes import certified, client_of, submit, until
from two_logs import broadcast, cosigned

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node, Plan  # noqa: E402

# Numbers of rows; what only the engine knows, which is asked at the next start; what nothing else tells, such as the clock that
# a member showed when a checkpoint was made.
UNKNOWABLE = {
    ("divergence", "id"), ("republish", "id"), ("engine", "id"), ("engine", "sequence"), ("engine", "created"),
    ("engine", "stored"), ("order_place", "stored"), ("order_place", "state"), ("skip", "header_digest"),
    ("skip", "message"),
}  # fmt: skip


@dataclass
class Directories:
    """Of one node: as it was stopped, and after its members have opened the next epoch."""

    following: Path
    recovered: Path


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> Directories:
    folder = tmp_path_factory.mktemp("checked")
    consortium = Consortium(folder, Path(os.environ["CAIRN_BIN"]), Plan.make(4, 3))
    try:
        consortium.up(lambda _: None)
        live(consortium)
    finally:
        assert consortium.down() == []
    return Directories(consortium.nodes[0].directory, recover(consortium))


def live(consortium: Consortium) -> None:
    """Batches that are final, one that was refused, one that only the first node has, and a member that signs two logs."""
    first, *others = consortium.nodes
    device = Ed25519Signer.load(consortium.device(first.id, "gate"))
    with client_of(first) as client:
        author = Author(device, client.info().ledger_id)
        for number in range(3):
            receipt = submit(client, author, number)
        with refused("SEQUENCE_GAP"):
            client.submit(author.batch([event_record([sgtin_link("early")])], sequence=author.sequence + 1))
        until(lambda: certified(first) > receipt.position, "nothing is final")
        for node in others:
            assert node.daemon.stop()
        submit(client, author, 3, wait_for=ledger_pb2.FINALITY_ANCHORED)
        sign_another_log(consortium, others[-1], receipt.position + 1)
        peer = peer_service_pb2_grpc.PeerServiceStub(client.channel)
        asked = peer_service_pb2.ListDivergencesRequest()
        until(lambda: peer.ListDivergences(asked, timeout=30).divergences, "the contradiction is not seen")


def sign_another_log(consortium: Consortium, node: Node, size: int) -> None:
    """Has that node's key cosign a log that nobody has, and tells everybody."""
    with client_of(consortium.nodes[0]) as client:
        info = client.info()
    origin = f"harbour/{info.ledger_id.hex()}"
    key = Ed25519Signer.load(consortium.key(node.id, "node"))
    note = cosigned(origin, node.id, key, size, sha256(b"another log").digest())
    subject = f"cairn.{info.ledger_id.hex()[:16]}.cosign.{node.id}"
    broadcast(consortium.engine.servers[0], consortium.engine.files(node.id), subject, note.encode())


def recover(consortium: Consortium) -> Path:
    """A copy of the first node's directory in the next epoch: what it had alone was taken out."""
    statements = []
    for node in consortium.nodes:
        statements.append(consortium.folder / f"{node.id}.statement")
        statements[-1].write_text(consortium.cairnd("recover", "close", node.directory))
    copy = consortium.folder / "recovered"
    shutil.copytree(consortium.nodes[0].directory, copy)
    assert "waiting to be published again: 1\n" in consortium.cairnd("recover", "open", copy, *statements)
    return copy


def filled(directory: Path) -> list[tuple[str, str]]:
    """Every column of the tables that only a consortium's node has, where there is something in them."""
    with closing(sqlite3.connect(directory / "ledger.db")) as database:
        tables = [name for name in sorted(OF_A_CONSORTIUM) if database.execute(f"SELECT 1 FROM {name}").fetchone()]
        return [(table, row[1]) for table in tables for row in database.execute(f"PRAGMA table_info({table})")]


def check(directory: Path) -> subprocess.CompletedProcess[str]:
    return run("cairnd", "check", directory)


def test_a_node_of_a_consortium_passes(directories: Directories):
    for directory in (directories.following, directories.recovered):
        checked = check(directory)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_damage_is_named(directories: Directories, tmp_path: Path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    seen, unseen = set(), []
    for directory in (directories.following, directories.recovered):
        # What was cut is not known any more: the rest of the second directory says less than the same in the first.
        columns = [column for column in filled(directory) if column not in UNKNOWABLE and column[0] not in seen]
        for table, column in columns:
            copy = tmp_path / "copy"
            shutil.copytree(directory, copy)
            old, new = change(copy, table, column, random.Random(seed))
            checked = check(copy)
            if checked.returncode != 1 or f"broken: table {table}: " not in checked.stderr:
                unseen.append(f"{table}.{column}: {old!r} became {new!r}: {checked.stdout}{checked.stderr}")
            shutil.rmtree(copy)
        seen |= {table for table, _ in columns}
    assert not unseen, "\n".join(unseen)
    # Nothing fetches while a node is checked; StoreTests look at it.
    assert seen == OF_A_CONSORTIUM - {"catch_up"}


def test_a_certificate_without_a_quorum_is_none(directories: Directories, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(directories.following, copy)
    with closing(sqlite3.connect(copy / "ledger.db")) as database, database:
        ((size, note),) = database.execute("SELECT size, note FROM certificate ORDER BY size DESC LIMIT 1").fetchall()
        body, signatures = note.split("\n\n")
        kept = [line for line in signatures.splitlines() if "/" in line.split()[1].partition("/")[2]][:2]
        database.execute("UPDATE certificate SET note = ? WHERE size = ?", (body + "\n\n" + "\n".join(kept) + "\n", size))
    checked = check(copy)
    assert checked.returncode == 1 and f"the certificate over {size} entries: its note" in checked.stderr, checked.stderr
