"""The checker of ops/chaos: every way in which a promise can be broken is seen."""

from hashlib import sha256

import pytest
from cairn.v1 import ledger_pb2

from authors import Author, Ed25519Signer
from chaos_book import Book, judge_promises
from evidence import LogEntry
from notes import Checkpoint

FINAL = ledger_pb2.FINALITY_FINAL


def batches(number: int) -> list[ledger_pb2.Batch]:
    author = Author(Ed25519Signer(), bytes(32))
    return [author.next_batch([b"record"]) for _ in range(number)]


def receipt(batch: ledger_pb2.Batch, position: int, finality: int = FINAL, time: int | None = None) -> ledger_pb2.Receipt:
    return ledger_pb2.Receipt(
        header_digest=sha256(batch.header).digest(),
        position=position,
        ledger_time_microseconds=1_000 + position if time is None else time,
        finality=finality,
    )


def entry(batch: ledger_pb2.Batch, position: int) -> LogEntry:
    return LogEntry(1_000 + position, batch.signature.suite, batch.signature.value, batch.header)


@pytest.fixture
def log() -> list[ledger_pb2.Batch]:
    return batches(5)


@pytest.fixture
def book(log: list[ledger_pb2.Batch]) -> Book:
    """Everything was promised, and told by two nodes alike."""
    book = Book()
    for position, batch in enumerate(log):
        book.receipt("a", batch, receipt(batch, position, ledger_pb2.FINALITY_ACCEPTED))
        book.receipt("b", batch, receipt(batch, position))
    return book


def test_the_truth_is_not_wrong(log, book):
    judge_promises([entry(batch, position) for position, batch in enumerate(log)], book)
    assert book.wrongs == []
    assert len(book.final()) == len(log)


@pytest.mark.parametrize(
    "order, words",
    [
        ([0, 1, 2, 4], "is lost"),
        ([0, 1, 3, 2, 4], "stands elsewhere"),
        ([0, 1, 2, 3, 4, 2], "2 times"),
        ([4, 3, 2, 1, 0], "stands elsewhere"),
    ],
)
def test_a_log_that_breaks_a_promise_is_seen(log, book, order, words):
    judge_promises([entry(log[number], position) for position, number in enumerate(order)], book)
    assert any(words in wrong for wrong in book.wrongs), book.wrongs


def test_another_time_is_seen(log, book):
    entries = [entry(batch, position) for position, batch in enumerate(log)]
    entries[3] = LogEntry(1_002, entries[3].suite, entries[3].signature, entries[3].header)
    judge_promises(entries, book)
    assert any("another time" in wrong for wrong in book.wrongs), book.wrongs


@pytest.mark.parametrize("changes", [dict(position=4), dict(time=7)])
def test_a_receipt_that_contradicts_another_is_seen(log, book, changes):
    book.receipt("c", log[2], receipt(log[2], **({"position": 2} | changes)))
    assert book.wrongs


def test_two_batches_at_one_place_are_seen(log, book):
    (other,) = batches(1)
    book.receipt("c", other, receipt(other, 2))
    assert any("two batches" in wrong for wrong in book.wrongs), book.wrongs


def test_two_certificates_for_one_size_are_seen(book):
    for root in (b"r" * 32, b"s" * 32):
        book.certificate("a", Checkpoint("log", 5, root, frozenset()))
    assert any("another root" in wrong for wrong in book.wrongs), book.wrongs
