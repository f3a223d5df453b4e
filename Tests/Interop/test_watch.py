"""WatchLog: the log as anyone may mirror it."""

import threading

import grpc
import pytest
from cairn.v1 import event_filter_pb2, ledger_pb2

from authors import SIGNERS, Author, verify_signature
from cairn_client import Client, Registrar, refused
from events import event_record, sgtin_link, sgtin_urn
from evidence import LogEntry
from merkle import tree_root
from notes import Policy
from server import Server


@pytest.fixture(scope="module")
def writer(client: Client, registrar: Registrar) -> Author:
    """An author whose first thirty batches are in the log."""
    author = registrar.register(SIGNERS["p256"]())
    for number in range(30):
        client.record(author, [event_record([sgtin_link(f"W{number % 3}")]), event_record(["urn:uuid:other"])])
    return author


def test_a_mirror_computes_the_same_log(client: Client, writer: Author, policy: Policy):
    entries = []
    for item in client.watch(stop_at_end=True):
        assert item.position == len(entries)
        assert item.log_size > item.position
        entries.append(item.entry)
        entry = LogEntry.parse(item.entry)
        header = ledger_pb2.BatchHeader.FromString(entry.header)
        records = [watched.record for watched in item.records]
        assert [watched.record_index for watched in item.records] == list(range(header.record_count))
        assert tree_root(records) == header.records_root
        verify_signature(entry.suite, client.author(header.author_key_id).public_key, entry.signature, entry.header)
    assert len(entries) > 30
    assert client.checkpoint(policy, len(entries)).root == tree_root(entries)
    times = [LogEntry.parse(entry).ledger_time for entry in entries]
    assert times == sorted(times)


def test_a_watcher_may_begin_anywhere(client: Client, writer: Author):
    size = client.info().log_size
    assert [item.position for item in client.watch(7, stop_at_end=True)] == list(range(7, size))
    assert list(client.watch(size, stop_at_end=True)) == []
    assert all(not item.records for item in client.watch(entries_only=True, stop_at_end=True))


def test_what_is_there_comes_first_and_then_what_is_new(client: Client, writer: Author):
    size = client.info().log_size
    call = client.watch(size - 3)
    assert [next(call).position for _ in range(3)] == [size - 3, size - 2, size - 1]
    for number in range(5):
        batch = writer.next_batch([event_record([sgtin_link("LIVE")])])
        receipt = client.submit(batch)
        item = next(call)
        assert item.position == receipt.position == size + number
        assert LogEntry.parse(item.entry).header == batch.header
        assert [watched.record for watched in item.records] == list(batch.records)
    call.cancel()


def test_a_watcher_may_wait_for_what_is_not_yet_there(client: Client, writer: Author):
    size = client.info().log_size
    call = client.watch(size + 2)
    for _ in range(4):
        client.record(writer, [event_record(["urn:uuid:soon"])])
    assert [next(call).position for _ in range(2)] == [size + 2, size + 3]
    call.cancel()


def test_a_filter_leaves_the_rest_out(client: Client, writer: Author):
    wanted = event_filter_pb2.EventFilter(items=[sgtin_urn("W1")])
    seen = list(client.watch(filter=wanted, stop_at_end=True))
    assert len(seen) == 10
    assert all([watched.record_index for watched in item.records] == [0] for item in seen)
    call = client.watch(client.info().log_size, filter=wanted)
    for serial in ("W0", "W1", "W2", "W1"):
        receipt = client.record(writer, [event_record([sgtin_link(serial)])])
    assert [next(call).position for _ in range(2)] == [receipt.position - 2, receipt.position]
    call.cancel()


def test_a_watcher_may_hang_up_and_many_may_watch(server: Server, client: Client, writer: Author):
    with server.client() as other:
        calls = [other.watch(client.info().log_size) for _ in range(20)]
        receipt = client.record(writer, [event_record(["urn:uuid:many"])])
        assert {next(call).position for call in calls} == {receipt.position}
        for call in calls[:10]:
            call.cancel()
            with pytest.raises(grpc.RpcError) as caught:
                next(call)
            assert caught.value.code() == grpc.StatusCode.CANCELLED
        receipt = client.record(writer, [event_record(["urn:uuid:fewer"])])
        assert {next(call).position for call in calls[10:]} == {receipt.position}
    client.record(writer, [event_record(["urn:uuid:alone"])])


def test_a_watcher_misses_nothing_while_many_write(server: Server, client: Client, registrar: Registrar):
    start = client.info().log_size
    authors = [registrar.register(SIGNERS["ed25519"]()) for _ in range(4)]
    end = start + 4 + 4 * 25

    def write(author: Author) -> None:
        with server.client() as own:
            batches = [author.next_batch([event_record(["urn:uuid:busy"])]) for _ in range(25)]
            assert all(answer.HasField("receipt") for answer in own.stream(batches))

    call = client.watch(start, entries_only=True)
    threads = [threading.Thread(target=write, args=(author,)) for author in authors]
    for thread in threads:
        thread.start()
    assert [next(call).position for _ in range(start, end)] == list(range(start, end))
    for thread in threads:
        thread.join()
    call.cancel()


def test_a_bad_filter_is_refused(client: Client):
    with refused() as caught:
        list(client.watch(filter=event_filter_pb2.EventFilter(author_key_ids=[b"short"]), stop_at_end=True))
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
