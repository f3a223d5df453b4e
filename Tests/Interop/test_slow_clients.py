"""Slow and vanished clients: nobody else notices."""

import queue
import socket
import ssl
import struct

import grpc
import pytest
from cairn.v1 import ledger_pb2

from authors import SIGNERS, Author
from cairn_client import Client, Registrar
from events import event_record
from server import Server


def batches(author: Author, number: int, size: int = 1) -> list[ledger_pb2.Batch]:
    return [author.next_batch([event_record(["urn:uuid:slow"]) for _ in range(size)]) for _ in range(number)]


def others_are_served(server: Server, registrar: Registrar) -> None:
    """Another client on another connection writes and reads, each call well inside its deadline."""
    with server.client() as client:
        author = registrar.register(SIGNERS["ed25519"]())
        start = client.info().log_size
        receipts = [client.record(author, [event_record(["urn:uuid:brisk"])]) for _ in range(20)]
        seen = list(client.watch(start, stop_at_end=True))
        assert {receipt.position for receipt in receipts} <= {item.position for item in seen}
        assert all(answer.HasField("receipt") for answer in client.stream(batches(author, 20)))


def test_a_stream_whose_answers_nobody_reads_stalls_nobody(server: Server, client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    waiting = batches(author, 3_000)
    with server.client() as slow:
        answers = slow.stream(waiting, timeout=120)
        others_are_served(server, registrar)
        assert [answer.receipt.sequence for answer in answers] == list(range(1, 3_001))


def test_a_watcher_that_does_not_read_stalls_nobody(server: Server, client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    start = client.info().log_size
    with server.client() as slow:
        call = slow.watch(start, timeout=120)
        bulk = [f"urn:uuid:{number:01000}" for number in range(50)]
        receipts = [client.record(author, [event_record(bulk)] * 8) for _ in range(40)]
        others_are_served(server, registrar)
        seen = [next(call) for _ in range(start, receipts[-1].position + 1)]
        assert [item.position for item in seen] == list(range(start, receipts[-1].position + 1))
        assert all(len(item.records) == 8 for item in seen)
        call.cancel()


def test_a_watcher_that_does_not_read_costs_little_memory(own_server: Server):
    """Far less than what it has asked for: here four times forty-eight megabytes."""
    own_server.start()
    with own_server.client() as client, own_server.client() as slow:
        author = own_server.registrar(client).register(SIGNERS["ed25519"]())
        start = client.info().log_size
        bulky = [b"\xff" * 64_000] * 62
        skip = ledger_pb2.ON_ERROR_SKIP_RECORD
        for answer in client.stream((author.next_batch(bulky, on_error=skip) for _ in range(12)), timeout=120):
            assert answer.HasField("receipt")
        before = own_server.resident_bytes()
        calls = [slow.watch(start, timeout=60) for _ in range(4)]
        assert [next(call).position for call in calls] == [start] * 4
        assert own_server.resident_bytes() - before < 96 << 20
        for call in calls:
            call.cancel()


def test_an_idle_stream_stalls_nobody(server: Server, registrar: Registrar):
    author = registrar.register(SIGNERS["p256"]())
    with server.client() as idle:
        outbox: queue.Queue[ledger_pb2.Batch | None] = queue.Queue()
        answers = idle.stream(iter(outbox.get, None), timeout=120)
        first, second = batches(author, 2)
        outbox.put(first)
        assert next(answers).receipt.sequence == 1
        others_are_served(server, registrar)
        outbox.put(second)
        assert next(answers).receipt.sequence == 2
        outbox.put(None)
        assert list(answers) == []


@pytest.mark.parametrize("way", ["cancel", "close"])
def test_a_client_that_vanishes_in_a_stream_disturbs_nobody(server: Server, registrar: Registrar, way: str):
    author = registrar.register(SIGNERS["ed25519"]())
    sent = batches(author, 500, size=5)
    gone = server.client()
    answers = gone.stream(sent, timeout=60)
    assert next(answers).receipt.sequence == 1
    answers.cancel() if way == "cancel" else gone.close()
    others_are_served(server, registrar)
    with server.client() as again:
        expected = again.author(author.key_id).next_sequence
        assert 2 <= expected <= 501
        receipts = [answer.receipt for answer in again.stream(sent)]
        assert [receipt.sequence for receipt in receipts] == list(range(1, 501))
        assert all(receipt.replayed for receipt in receipts[: expected - 1])
    gone.close()


def test_strangers_at_the_port_disturb_nobody(server: Server, registrar: Registrar):
    """Sockets that say nothing, say nonsense, or are reset in the middle."""
    host, port = server.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=str(server.directory / "tls/cert.pem"))
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    sockets = [socket.create_connection((host, int(port)), timeout=20) for _ in range(60)]
    for plain in sockets[20:40]:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)))
    secured = [context.wrap_socket(plain) for plain in sockets[40:]]
    for number, secure in enumerate(secured):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        nonsense = b"\xff\xff\xff\xff" * 100
        secure.sendall(preface + nonsense if number % 2 else preface[:10])
    others_are_served(server, registrar)
    for stranger in [*sockets[:40], *secured]:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stranger.close()
    others_are_served(server, registrar)


def test_a_call_past_its_deadline_is_over(client: Client):
    with pytest.raises(grpc.RpcError) as caught:
        list(client.watch(client.info().log_size, timeout=0.5))
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert client.info().log_size
