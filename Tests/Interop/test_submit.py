"""The way in: batches, streams, retries, receipts."""

import queue
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count

import grpc
import pytest
from cairn.v1 import ledger_pb2, ledger_service_pb2

from authors import SIGNERS, Author
from cairn_client import Client, Refusal, Registrar, refused
from events import bad_sgtin_link, event_record, now, sgtin_link
from evidence import verify_evidence
from merkle import leaf_hash
from notes import Policy
from server import Server

fresh = count(1)


def serial() -> str:
    return f"SUBMIT{next(fresh)}"


def records(size: int = 1) -> list[bytes]:
    return [event_record([sgtin_link(serial())]) for _ in range(size)]


def without(receipt: ledger_pb2.Receipt, *fields: str) -> ledger_pb2.Receipt:
    copy = ledger_pb2.Receipt()
    copy.CopyFrom(receipt)
    for field in fields:
        copy.ClearField(field)
    return copy


def lasting(receipt: ledger_pb2.Receipt) -> ledger_pb2.Receipt:
    """What may never change in a receipt."""
    return without(receipt, "finality", "log_size", "replayed")


@pytest.mark.parametrize("suite", SIGNERS)
def test_a_batch_is_recorded_found_and_proved(client: Client, registrar: Registrar, policy: Policy, suite: str):
    author = registrar.register(SIGNERS[suite]())
    name = serial()
    before = client.info().log_size
    batch = author.batch([event_record([sgtin_link(name)])])

    receipt = client.submit(batch)

    assert receipt.ledger_id == client.info().ledger_id
    assert receipt.position == before
    assert abs(receipt.ledger_time_microseconds - now()) < 60_000_000
    assert receipt.header_digest == sha256(batch.header).digest()
    assert (receipt.author_key_id, receipt.sequence, receipt.record_count) == (author.key_id, 1, 1)
    assert receipt.finality >= ledger_pb2.FINALITY_ANCHORED
    assert receipt.log_size > receipt.position
    assert not receipt.replayed and not receipt.record_errors
    assert client.checkpoint(policy, receipt.log_size).size == receipt.log_size

    (found,) = client.history(sgtin_link(name), minimum_log_size=receipt.log_size).events
    assert (found.position, found.record_index, found.author_key_id) == (receipt.position, 0, author.key_id)
    assert (found.member_id, found.ledger_time_microseconds) == ("acme", receipt.ledger_time_microseconds)
    proved = verify_evidence(client.evidence(record_id=found.record_id), policy)
    assert proved.record.SerializeToString() == batch.records[0]
    assert (proved.position, proved.member_id) == (receipt.position, "acme")


def test_the_ledger_says_what_a_writer_must_know(client: Client, policy: Policy):
    info = client.info()
    assert len(info.ledger_id) == 32
    assert info.origin == f"harbour/{info.ledger_id.hex()}"
    assert (info.max_batch_bytes, info.max_records_per_batch, info.max_record_bytes) == (4 << 20, 10_000, 65_536)
    assert info.log_verifier_key.startswith(info.origin + "+")
    assert Policy.parse(info.policy) == policy


def test_the_largest_batch_is_accepted(client: Client, author: Author, policy: Policy):
    batch = author.next_batch([event_record([f"urn:uuid:big:{i}"]) for i in range(10_000)])
    receipt = client.submit(batch)
    assert receipt.record_count == 10_000
    for index in (0, 8_191, 8_192, 9_999):
        place = dict(position=receipt.position, record_index=index)
        proved = verify_evidence(client.evidence(record_position=place), policy)
        assert proved.record_id == leaf_hash(batch.records[index])


def test_every_level_of_finality_can_be_waited_for(client: Client, author: Author):
    levels = (ledger_pb2.FINALITY_ACCEPTED, ledger_pb2.FINALITY_ANCHORED, ledger_pb2.FINALITY_FINAL)
    for level in levels:
        assert client.submit(author.next_batch(records()), wait_for=level).finality >= level


def test_a_late_batch_is_admitted(client: Client, author: Author):
    long_ago = 631_152_000_000_000
    client.record(author, [event_record([sgtin_link(serial())], at=long_ago)], created_at_microseconds=long_ago)


def test_receipts_of_a_stream_come_in_order(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["p256"]())
    batches = [author.next_batch(records(10)) for _ in range(100)]
    answers = list(client.stream(batches))
    receipts = [answer.receipt for answer in answers]
    assert [answer.WhichOneof("result") for answer in answers] == ["receipt"] * 100
    assert [receipt.sequence for receipt in receipts] == list(range(1, 101))
    assert [receipt.header_digest for receipt in receipts] == [sha256(batch.header).digest() for batch in batches]
    positions = [receipt.position for receipt in receipts]
    assert positions == sorted(set(positions))
    assert client.author(author.key_id).next_sequence == 101


def test_a_refused_batch_does_not_end_the_stream(client: Client, author: Author):
    first = author.next_batch(records())
    bad = author.batch([event_record([bad_sgtin_link(serial())])])
    rest = [author.next_batch(records()) for _ in range(3)]
    answers = list(client.stream([first, bad, *rest, first]))
    assert [answer.WhichOneof("result") for answer in answers] == ["receipt", "error"] + ["receipt"] * 4
    error = answers[1].error
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT.value[0], "INVALID_CHECK_DIGIT")
    assert error.header_digest == sha256(bad.header).digest()
    assert [v.field for v in error.violations] == ["records[0].provenance.event.epc_list.items[0]"]
    assert error.retry_after_milliseconds == 0
    assert answers[5].receipt.replayed
    assert lasting(answers[5].receipt) == lasting(answers[0].receipt)


def test_answers_come_before_the_client_has_finished_sending(client: Client, author: Author):
    """A device sends its next batch when it knows the last one to be safe."""
    outbox: queue.Queue[ledger_pb2.Batch | None] = queue.Queue()
    answers = client.stream(iter(outbox.get, None))
    for sequence in (1, 2, 3):
        outbox.put(author.next_batch(records()))
        assert next(answers).receipt.sequence == sequence
    outbox.put(None)
    assert list(answers) == []


def test_sending_a_batch_again_gives_its_receipt_again(client: Client, author: Author):
    batch = author.next_batch(records(3))
    original = client.submit(batch)
    client.record(author, records())
    again = client.submit(batch)
    assert again.replayed and not original.replayed
    assert lasting(again) == lasting(original)
    assert again.finality >= original.finality and again.log_size >= original.log_size


def test_sending_a_batch_again_is_free_even_when_its_key_is_gone(
    client: Client, registrar: Registrar, author: Author
):
    """The answer may have been lost on the way before the key was revoked."""
    batch = author.next_batch(records())
    original = client.submit(batch)
    registrar.revoke(author)
    again = client.submit(batch)
    assert again.replayed and lasting(again) == lasting(original)


def test_many_copies_at_once_are_recorded_once(server: Server, author: Author):
    batch = author.next_batch(records())

    def send(_: int) -> ledger_pb2.Receipt:
        with server.client() as own:
            return own.submit(batch)

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(send, range(8)))
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert all(lasting(receipt) == lasting(receipts[0]) for receipt in receipts)


def test_authors_do_not_disturb_each_other(server: Server, client: Client, registrar: Registrar):
    authors = [registrar.register(SIGNERS[suite]()) for suite in ["ed25519", "p256"] * 3]
    start = client.info().log_size

    def write(author: Author) -> list[ledger_pb2.Receipt]:
        with server.client() as own:
            return [own.record(author, records(2)) for _ in range(20)]

    with ThreadPoolExecutor(len(authors)) as pool:
        receipts = [receipt for receipts in pool.map(write, authors) for receipt in receipts]
    receipts.sort(key=lambda receipt: receipt.position)
    assert [receipt.position for receipt in receipts] == list(range(start, start + 120))
    times = [receipt.ledger_time_microseconds for receipt in receipts]
    assert times == sorted(times)


def test_a_receipt_is_found_by_three_names(client: Client, author: Author):
    batch = author.next_batch(records(2))
    original = client.submit(batch)
    sequence = ledger_service_pb2.AuthorSequence(key_id=author.key_id, sequence=1)
    for name in [
        dict(author_sequence=sequence),
        dict(position=original.position),
        dict(header_digest=original.header_digest),
    ]:
        assert lasting(client.receipt(**name)) == lasting(original), name


def test_a_receipt_that_does_not_exist_is_not_found(client: Client, author: Author):
    for name in [
        dict(author_sequence=ledger_service_pb2.AuthorSequence(key_id=author.key_id, sequence=1)),
        dict(author_sequence=ledger_service_pb2.AuthorSequence(key_id=bytes(32), sequence=1)),
        dict(position=1 << 40),
        dict(position=(1 << 64) - 1),
        dict(header_digest=bytes(32)),
    ]:
        with refused() as caught:
            client.receipt(**name)
        assert caught.refusal.code == grpc.StatusCode.NOT_FOUND, name
    for malformed in [dict(), dict(header_digest=b"short")]:
        with refused() as caught:
            client.receipt(**malformed)
        assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT, malformed


def test_a_device_that_lost_its_state_can_go_on(client: Client, registrar: Registrar, author: Author):
    for _ in range(3):
        client.record(author, records())
    known = client.author(author.key_id)
    assert (known.next_sequence, known.last_header_digest) == (author.sequence, author.previous)
    assert (known.member_id, known.public_key, known.revoked) == ("acme", author.signer.public_key, False)
    reborn = Author(author.signer, author.ledger_id)
    reborn.sequence, reborn.previous = known.next_sequence, known.last_header_digest
    client.record(reborn, records())
    registrar.revoke(author)
    assert client.author(author.key_id).revoked


def test_an_unknown_author_is_not_found(client: Client):
    with refused("UNKNOWN_KEY"):
        client.author(bytes(32))


def test_a_bad_record_is_skipped_where_the_author_says_so(client: Client, author: Author, policy: Policy):
    good, bad = serial(), serial()
    batch = author.next_batch(
        [
            event_record([sgtin_link(good)]),
            event_record([bad_sgtin_link(bad)]),
            b"\xff\xff",
            event_record([sgtin_link(good)]),
        ],
        on_error=ledger_pb2.ON_ERROR_SKIP_RECORD,
    )
    receipt = client.submit(batch)
    assert receipt.record_count == 4
    check_digit, garbage = receipt.record_errors
    assert (check_digit.record_index, check_digit.reason) == (1, "INVALID_CHECK_DIGIT")
    assert check_digit.field == "provenance.event.epc_list.items[0]"
    assert (garbage.record_index, garbage.reason) == (2, "MALFORMED_PROTOBUF")
    assert all(error.message for error in receipt.record_errors)
    assert client.submit(batch).record_errors == receipt.record_errors
    history = client.history(sgtin_link(good), minimum_log_size=receipt.log_size)
    assert [event.record_index for event in history.events] == [0, 3]

    place = dict(position=receipt.position, record_index=1)
    assert verify_evidence(client.evidence(record_position=place), policy).record_id == leaf_hash(batch.records[1])


def test_of_many_batches_for_one_place_in_the_chain_one_is_recorded(server: Server, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    batches = [author.batch(records()) for _ in range(50)]

    def outcome(batch: ledger_pb2.Batch) -> str:
        try:
            return "recorded" if client.submit(batch) else ""
        except grpc.RpcError as error:
            return Refusal.of(error).reason

    with server.client() as client, ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(outcome, batches))
    assert sorted(outcomes) == ["EQUIVOCATION"] * 49 + ["recorded"]
