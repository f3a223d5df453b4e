"""Writers that remember what they were promised, for tests that pull the plug."""

import random
import threading
from dataclasses import dataclass, field
from hashlib import sha256

import grpc
from cairn.v1 import ledger_pb2

from authors import Author
from cairn_client import Client
from events import event_record, sgtin_link
from evidence import LogEntry, verify_evidence
from merkle import leaf_hash, prefix_roots
from notes import Checkpoint, Policy
from server import Server

MOST_BATCHES_A_ROUND = 100


@dataclass
class Promises:
    """What the server has acknowledged: it may never take any of it back."""

    batches: list[tuple[ledger_pb2.Batch, ledger_pb2.Receipt]] = field(default_factory=list)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, batch: ledger_pb2.Batch, receipt: ledger_pb2.Receipt) -> None:
        with self.changed:
            self.batches.append((batch, receipt))
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(self.batches) >= number, 60
            ), "the server acknowledges too little"


class Writer:
    """One author, in one thread, by unary calls or by a stream."""

    def __init__(self, author: Author, streams: bool):
        self.author = author
        self.streams = streams
        self.unanswered: list[ledger_pb2.Batch] = []

    def batch(self, dice: random.Random) -> ledger_pb2.Batch:
        records = [event_record([sgtin_link(f"CRASH{dice.randrange(50)}")]) for _ in range(dice.randint(1, 6))]
        batch = self.author.next_batch(records)
        self.unanswered.append(batch)
        return batch

    def write(self, server: Server, promises: Promises, seed: int) -> None:
        """Until the server is gone."""
        dice = random.Random(seed)
        with server.client() as client:
            try:
                if self.streams:
                    batches = (self.batch(dice) for _ in range(MOST_BATCHES_A_ROUND))
                    for answer in client.stream(batches, timeout=60):
                        self.answered(answer.receipt, promises)
                else:
                    for _ in range(MOST_BATCHES_A_ROUND):
                        self.answered(client.submit(self.batch(dice)), promises)
            except grpc.RpcError:
                return

    def answered(self, receipt: ledger_pb2.Receipt, promises: Promises) -> None:
        batch = self.unanswered.pop(0)
        assert receipt.header_digest == sha256(batch.header).digest(), "the answers are not in order"
        promises.add(batch, receipt)

    def resume(self, client: Client, promises: Promises) -> int:
        """Sends again what was never answered; returns how much of it the ledger already had."""
        known = client.author(self.author.key_id)
        first = self.author.sequence - len(self.unanswered)
        had = known.next_sequence - first
        assert 0 <= had <= len(self.unanswered), (known.next_sequence, first, len(self.unanswered))
        if had:
            assert known.last_header_digest == sha256(self.unanswered[had - 1].header).digest()
        for number, answer in enumerate(client.stream(list(self.unanswered))):
            assert answer.receipt.replayed == (number < had)
            self.answered(answer.receipt, promises)
        return had


def watch_checkpoints(server: Server, policy: Policy, promises: Promises) -> None:
    """Collects checkpoints until the server is gone."""
    with server.client() as client:
        try:
            while True:
                checkpoint = client.checkpoint(policy)
                known = promises.checkpoints.setdefault(checkpoint.size, checkpoint)
                assert known.root == checkpoint.root, f"two roots for size {checkpoint.size}"
        except grpc.RpcError:
            return


def verify_promises(client: Client, policy: Policy, promises: Promises, dice: random.Random) -> None:
    """Every acknowledged batch is where it was, and every checkpoint was a beginning of this log."""
    current = client.checkpoint(policy)
    entries = [item.entry for item in client.watch(entries_only=True, stop_at_end=True)][: current.size]
    assert len(entries) == current.size
    roots = list(prefix_roots(entries))
    assert roots[current.size] == current.root
    for size, checkpoint in promises.checkpoints.items():
        assert size <= current.size and roots[size] == checkpoint.root, f"checkpoint {size} is of another history"
    for batch, receipt in promises.batches:
        entry = LogEntry.parse(entries[receipt.position])
        assert (entry.header, entry.ledger_time) == (batch.header, receipt.ledger_time_microseconds)
    for batch, receipt in dice.sample(promises.batches, min(10, len(promises.batches))):
        verify_batch(client, policy, batch, receipt, dice.randrange(receipt.record_count))
    sizes = sorted(promises.checkpoints)
    for size in dice.sample(sizes, min(10, len(sizes))):
        client.verify_growth(promises.checkpoints[size], current)


def verify_batch(
    client: Client, policy: Policy, batch: ledger_pb2.Batch, receipt: ledger_pb2.Receipt, index: int
) -> None:
    """The same receipt, and evidence under the current checkpoint of a record as it was sent."""
    again = client.receipt(header_digest=receipt.header_digest)
    for name in (
        "position",
        "ledger_time_microseconds",
        "header_digest",
        "author_key_id",
        "sequence",
        "record_count",
    ):
        assert getattr(again, name) == getattr(receipt, name), name
    proved = verify_evidence(
        client.evidence(record_position={"position": receipt.position, "record_index": index}), policy
    )
    assert proved.record_id == leaf_hash(batch.records[index])
