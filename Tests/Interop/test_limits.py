"""One member's flood is no other member's wait, and limits that say when to come back."""

import threading
import time
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, consortium_service_pb2, ledger_pb2

from authors import SIGNERS, Author, propose
from cairn_client import Client, Registrar, refused
from events import event_record, now
from merkle import tree_root
from server import Server, run

BULK = [b"\xff" * 64_000] * 16
BULK_ROOT = tree_root(BULK)


def records(number: int) -> list[bytes]:
    return [event_record(["urn:uuid:limited"])] * number


def member(registrar: Registrar, name: str) -> Author:
    """A device of that member, which joins by a vote of the one there is."""
    if name == "acme":
        return registrar.register(SIGNERS["ed25519"]())
    signer, device = SIGNERS["ed25519"](), consortium_pb2.ROLE_DEVICE
    key = consortium_pb2.RegisterKey(public_key=signer.public_key, member_id=name, roles=[device])
    answer = registrar.client.consortium.GetConsortium(consortium_service_pb2.GetConsortiumRequest(), timeout=30)
    if name in {status.member.id for status in answer.members}:
        change = propose(register_key=key)
    else:
        terms = consortium_pb2.Member(id=name, legal_name=name, country="NL", roles=[device])
        change = propose(add_member=consortium_pb2.AddMember(member=terms, keys=[key]))
    registrar.client.record(registrar.author, [change])
    return Author(signer, registrar.ledger_id)


class Flood:
    """A stream at full speed: batches of a megabyte until it is told to stop."""

    def __init__(self, server: Server, author: Author, stop: threading.Event):
        self.author = author
        self.sent = 0
        self.positions: list[int] = []
        self.stop = stop
        self.client = server.client()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def batches(self) -> Iterator[ledger_pb2.Batch]:
        while not self.stop.is_set():
            skip = ledger_pb2.ON_ERROR_SKIP_RECORD
            yield self.author.next_batch(BULK, on_error=skip, records_root=BULK_ROOT)
            self.sent += 1

    def run(self) -> None:
        for answer in self.client.stream(self.batches(), timeout=300):
            assert answer.HasField("receipt"), answer.error
            self.positions.append(answer.receipt.position)

    def finish(self) -> list[int]:
        self.thread.join()
        self.client.close()
        assert len(self.positions) == self.sent
        return self.positions


def test_a_noisy_member_does_not_starve_a_quiet_one(own_server: Server):
    """What the quiet one hands in overtakes what the noisy one handed in before, and is never refused."""
    own_server.start()
    stop = threading.Event()
    overtaking: list[tuple[int, list[int]]] = []
    with own_server.client() as client, own_server.client() as streaming:
        registrar = own_server.registrar(client)
        quiet = member(registrar, "quiet")
        floods = [Flood(own_server, member(registrar, "noisy"), stop) for _ in range(8)]
        try:
            while not all(len(flood.positions) > 4 for flood in floods):
                assert all(flood.thread.is_alive() for flood in floods)
                client.info()
            for number in range(20):
                sent = [flood.sent for flood in floods]
                batch = quiet.next_batch(records(1))
                if number % 2:
                    receipt = client.submit(batch)
                else:
                    (answer,) = streaming.stream([batch])
                    assert answer.HasField("receipt"), answer.error
                    receipt = answer.receipt
                overtaking.append((receipt.position, sent))
        finally:
            stop.set()
        positions = [flood.finish() for flood in floods]
    overtaken = [
        sum(1 for own, number in zip(positions, sent) for later in own[:number] if later > position)
        for position, sent in overtaking
    ]
    assert sum(1 for number in overtaken if number >= 4) >= 15, overtaken


def test_whoever_is_over_its_limit_is_told_when_to_come_back(own_server: Server):
    own_server.start("--key-records-per-second", "20")
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        busy, other = member(registrar, "acme"), member(registrar, "acme")
        client.record(busy, records(200))
        with refused("RATE_LIMITED") as caught:
            client.submit(busy.batch(records(1)))
        refusal = caught.refusal
        assert refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert refusal.metadata == {
            "limit": "key_records_per_second",
            "per_second": "20",
            "key_id": busy.key_id.hex(),
        }
        assert busy.key_id.hex() in refusal.message and "20 records a second" in refusal.message
        assert 0 < refusal.retry_after <= 5.001
        client.record(other, records(100))
        time.sleep(refusal.retry_after)
        client.record(busy, records(1))


def test_a_member_pays_for_all_its_keys_but_its_admin_can_always_act(own_server: Server):
    own_server.start("--member-bytes-per-second", "20000")
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        home = client.author(registrar.author.key_id).member_id
        stolen, honest, foreign = member(registrar, home), member(registrar, home), member(registrar, "other")
        client.record(stolen, [b"\xff" * 50_000] * 10, on_error=ledger_pb2.ON_ERROR_SKIP_RECORD)
        with refused("RATE_LIMITED") as caught:
            client.submit(honest.batch(records(1)))
        assert caught.refusal.metadata["limit"] == "member_bytes_per_second"
        assert caught.refusal.metadata["member_id"] == home
        client.record(foreign, records(1))
        registrar.revoke(stolen)
        time.sleep(caught.refusal.retry_after)
        client.record(honest, records(1))


def test_a_stream_over_its_limit_is_slowed_down_not_refused(own_server: Server):
    own_server.start("--key-records-per-second", "50")
    with own_server.client() as client:
        author = member(own_server.registrar(client), "acme")
        start = now()
        answers = list(client.stream([author.next_batch(records(number)) for number in (300, 100, 1)]))
        assert [answer.WhichOneof("result") for answer in answers] == ["receipt"] * 3
        # 250 at once and 50 a second: the third batch passes when 400 - 250 records have been earned.
        assert answers[2].receipt.ledger_time_microseconds - start > 2_900_000


def test_nobody_pays_for_what_others_sign(own_server: Server):
    own_server.start("--key-records-per-second", "5", "--member-records-per-second", "5")
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        victim = member(registrar, "acme")
        forger = Author(SIGNERS["ed25519"](), victim.ledger_id)
        forger.key_id = victim.key_id
        forged = forger.batch(records(1_000))
        for _ in range(20):
            with refused("INVALID_SIGNATURE"):
                client.submit(forged)
        assert {answer.error.reason for answer in client.stream([forged] * 20)} == {"INVALID_SIGNATURE"}
        client.record(victim, records(1))


def test_nobody_pays_for_what_is_recorded_already(own_server: Server):
    """Everyone who can read a batch can send it again."""
    own_server.start("--key-records-per-second", "20", "--member-records-per-second", "20")
    with own_server.client() as client:
        victim = member(own_server.registrar(client), "acme")
        batch = victim.next_batch(records(60))
        receipt = client.submit(batch)
        for _ in range(20):
            again = client.submit(batch)
            assert again.replayed and again.position == receipt.position
        assert all(answer.receipt.replayed for answer in client.stream([batch] * 20))
        client.record(victim, records(30))


def retry_after(client: Client, author: Author) -> float:
    """How long the author would have to wait now, in seconds."""
    with refused("RATE_LIMITED") as caught:
        client.submit(author.batch(records(1)))
    return caught.refusal.retry_after


@pytest.mark.parametrize("way", ["cancel", "shutdown"])
def test_a_stream_may_end_while_it_waits(own_server: Server, way: str):
    """At 6 records a second, 330 leave 50 seconds to wait; a thousand more, charged in advance, are given back."""
    own_server.start("--key-records-per-second", "6")
    with own_server.client() as client:
        author = member(own_server.registrar(client), "acme")
        answers = client.stream([author.next_batch(records(330)), author.batch(records(1_000))], timeout=120)
        assert next(answers).HasField("receipt")
        while retry_after(client, author) < 100:
            pass
        if way == "cancel":
            answers.cancel()
            while retry_after(client, author) > 51:
                pass
        else:
            assert own_server.stop() == 0, own_server.output()
            with pytest.raises(grpc.RpcError) as caught:
                list(answers)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("rate", ["0", "-1", "10000000001"])
def test_a_limit_out_of_range_is_refused_at_the_start(own_server: Server, rate: str):
    result = run("cairnd", "serve", own_server.directory, "--listen", "127.0.0.1:0", f"--key-bytes-per-second={rate}")
    assert result.returncode != 0
    assert "INVALID_RATE" in result.stderr and "--key-bytes-per-second" in result.stderr
