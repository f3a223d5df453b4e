"""What clients were told during a run, and the judgement whether it was the truth."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

import grpc
from cairn.v1 import ledger_pb2

from cairn_client import Client, Refusal
from evidence import LogEntry, verify_evidence
from merkle import leaf_hash, prefix_roots
from notes import Checkpoint, NoteError, Policy

LEVELS = {
    ledger_pb2.FINALITY_ACCEPTED: "ACCEPTED",
    ledger_pb2.FINALITY_ANCHORED: "ANCHORED",
    ledger_pb2.FINALITY_FINAL: "FINAL",
}


@dataclass
class Promise:
    """A batch and the best that any node said of it."""

    batch: ledger_pb2.Batch
    position: int
    time: int
    finality: int
    is_open: bool = False
    """An epoch has ended since, and it was not FINAL: it may stand elsewhere now."""


@dataclass
class Book:
    """Every receipt, every certificate, and everything that contradicts another of them."""

    promises: dict[bytes, Promise] = field(default_factory=dict)
    positions: dict[int, bytes] = field(default_factory=dict)
    certificates: dict[int, bytes] = field(default_factory=dict)
    receipts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    wrongs: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receipt(self, node: str, batch: ledger_pb2.Batch, receipt: ledger_pb2.Receipt) -> None:
        digest = sha256(batch.header).digest()
        with self.lock:
            self.receipts[LEVELS.get(receipt.finality, "UNKNOWN")] += 1
            if receipt.header_digest != digest:
                return self.wrong(f"{node} gave the receipt of another batch")
            known = self.promises.get(digest)
            if known is None:
                known = Promise(batch, receipt.position, receipt.ledger_time_microseconds, receipt.finality)
                self.promises[digest] = known
            if known.is_open:
                self.settle(known, receipt.position, receipt.ledger_time_microseconds)
            elif (known.position, known.time) != (receipt.position, receipt.ledger_time_microseconds):
                self.wrong(
                    f"{node} says that a batch stands at {receipt.position}, time {receipt.ledger_time_microseconds}; "
                    f"it was {known.position}, {known.time}, {LEVELS[known.finality]}"
                )
            if self.positions.setdefault(receipt.position, digest) != digest:
                self.wrong(f"{node} says that two batches stand at {receipt.position}")
            known.finality = max(known.finality, receipt.finality)

    def end_epoch(self) -> None:
        """All nodes have left the epoch: what is not FINAL may get another place and time, but must not be lost."""
        with self.lock:
            for digest, promise in self.promises.items():
                if promise.finality == ledger_pb2.FINALITY_FINAL:
                    continue
                promise.is_open = True
                if self.positions.get(promise.position) == digest:
                    del self.positions[promise.position]

    def settle(self, promise: Promise, position: int, time: int) -> None:
        """An open promise stands there from now on."""
        self.moved += (promise.position, promise.time) != (position, time)
        promise.is_open, promise.position, promise.time = False, position, time

    def refusal(self, error: grpc.RpcError) -> Refusal:
        refusal = Refusal.of(error)
        with self.lock:
            self.refusals[refusal.reason or refusal.code.name] += 1
        return refusal

    def certificate(self, node: str, checkpoint: Checkpoint) -> None:
        with self.lock:
            if self.certificates.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                self.wrong(f"{node} has a certificate for another root at {checkpoint.size}")

    def wrong(self, text: str) -> None:
        if len(self.wrongs) < 100:
            self.wrongs.append(text)

    def final(self) -> list[Promise]:
        with self.lock:
            return [promise for promise in self.promises.values() if promise.finality == ledger_pb2.FINALITY_FINAL]

    def summary(self) -> str:
        levels = ", ".join(f"{count} {level}" for level, count in sorted(self.receipts.items()))
        refusals = ", ".join(f"{count} {reason}" for reason, count in sorted(self.refusals.items())) or "none"
        best = Counter(LEVELS[promise.finality] for promise in self.promises.values())
        batches = ", ".join(f"{count} {level}" for level, count in sorted(best.items()))
        return (
            f"{len(self.promises)} batches ({batches} at best); receipts: {levels}; "
            f"{len(self.certificates)} certificates; refusals: {refusals}"
        )


def ask(node: str, client: Client, policy: Policy, book: Book, dice: random.Random) -> None:
    """Looks at a batch that was called FINAL once, and at its certificate, on a node that may be in trouble."""
    if not (final := book.final()):
        return
    promise = dice.choice(final)
    receipt = client.receipt(header_digest=sha256(promise.batch.header).digest())
    book.receipt(node, promise.batch, receipt)
    if receipt.finality == ledger_pb2.FINALITY_FINAL:
        try:
            book.certificate(node, client.checkpoint(policy, size=receipt.log_size))
        except NoteError as error:
            book.wrong(f"{node} calls {receipt.position} FINAL under {receipt.log_size} entries: {error}")


def judge(clients: dict[str, Client], policy: Policy, book: Book, dice: random.Random) -> int:
    """After healing: the nodes' logs are one log, and all that was promised is in it. Returns the log's size."""
    logs = {node: client.entries() for node, client in clients.items()}
    longest = max(logs.values(), key=len)
    for node, entries in logs.items():
        if entries != longest[: len(entries)]:
            place = next(i for i, (a, b) in enumerate(zip(entries, longest)) if a != b)
            book.wrong(f"the log of {node} is another from {place} on")
        elif len(entries) != len(longest):
            book.wrong(f"the log of {node} ends at {len(entries)}, the longest at {len(longest)}")
    roots = list(prefix_roots(longest))
    for node, client in clients.items():
        try:
            certified = client.checkpoint(policy)
        except NoteError as error:
            book.wrong(f"{node} has no certificate after healing: {error}")
            continue
        book.certificate(node, certified)
        if certified.size < len(longest):
            book.wrong(f"{node} certifies {certified.size} of {len(longest)} entries after healing")
    for size, root in book.certificates.items():
        if size > len(longest) or roots[size] != root:
            book.wrong(f"the certificate for {size} entries is of another history")
    judge_promises([LogEntry.parse(entry) for entry in longest], book)
    judge_receipts(clients, book, dice)
    judge_evidence(clients, policy, book, dice)
    return len(longest)


def judge_promises(entries: list[LogEntry], book: Book) -> None:
    headers = Counter(sha256(entry.header).digest() for entry in entries)
    for digest, count in headers.items():
        if count > 1:
            book.wrong(f"batch {digest.hex()[:16]} is in the log {count} times")
    times = [entry.ledger_time for entry in entries]
    if times != sorted(times):
        book.wrong("ledger time goes back")
    places = {sha256(entry.header).digest(): position for position, entry in enumerate(entries)}
    for digest, promise in book.promises.items():
        if promise.is_open and digest in places:
            book.settle(promise, places[digest], entries[places[digest]].ledger_time)
        what = f"{LEVELS[promise.finality]} batch {digest.hex()[:16]} at {promise.position}"
        if digest not in headers:
            book.wrong(f"{what} is lost")
        elif promise.position >= len(entries) or entries[promise.position].header != promise.batch.header:
            book.wrong(f"{what} stands elsewhere now")
        elif entries[promise.position].ledger_time != promise.time:
            book.wrong(f"{what} has another time now")


def judge_receipts(clients: dict[str, Client], book: Book, dice: random.Random) -> None:
    """Whatever was promised is FINAL now, whichever node is asked."""
    for digest, promise in list(book.promises.items()):
        node, client = dice.choice(list(clients.items()))
        try:
            receipt = client.receipt(header_digest=digest)
        except grpc.RpcError as error:
            book.wrong(f"{node} has no receipt for {promise.position}: {Refusal.of(error)}")
            continue
        book.receipt(node, promise.batch, receipt)
        if receipt.finality != ledger_pb2.FINALITY_FINAL:
            book.wrong(f"{node} calls {promise.position} {LEVELS.get(receipt.finality)} after healing, not FINAL")


def judge_evidence(clients: dict[str, Client], policy: Policy, book: Book, dice: random.Random, count: int = 20) -> None:
    """Evidence from every node, verified with nothing of ours."""
    promises = list(book.promises.values())
    for promise in dice.sample(promises, min(count, len(promises))):
        node, client = dice.choice(list(clients.items()))
        index = dice.randrange(len(promise.batch.records))
        place = {"position": promise.position, "record_index": index}
        try:
            proved = verify_evidence(client.evidence(record_position=place), policy)
        except (ValueError, grpc.RpcError) as error:
            book.wrong(f"{node} does not prove record {index} of {promise.position}: {error}")
            continue
        if proved.record_id != leaf_hash(promise.batch.records[index]):
            book.wrong(f"{node} proves another record {index} of {promise.position}")
