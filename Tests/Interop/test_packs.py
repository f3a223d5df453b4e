"""Answers with proofs: one pack for the whole answer, verified by a stranger's tools, and refused wherever it was touched."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import pytest
from cairn.v1 import consortium_pb2, event_filter_pb2, evidence_pack_pb2, proved_answer_pb2
from cairn.v1 import provenance_pb2, provenance_service_pb2
from google.protobuf.message import DecodeError

from authors import SIGNERS, record
from cairn_client import TIMEOUT, Client
from evidence import EvidenceError
from events import MINUTE, event, sgtin_link, sgtin_urn
from merkle import leaf_hash, node_hash, tree_root
from notes import Policy
from packs import ascending, verify_answer, verify_multi, verify_pack
from server import Server, run

BASE = 1_750_000_000_000_000
ITEM = "PACKED"
PUBLIC = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PUBLIC)
MEMBERS = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_MEMBERS)


@dataclass
class Ledger:
    server: Server
    client: Client
    policy: Policy
    ids: list[bytes]  # of the item's events, in order of event time
    hidden: bytes

    def history(self, **fields: object) -> Iterator[provenance_service_pb2.ListItemHistoryResponse]:
        request = provenance_service_pb2.ListItemHistoryRequest(item=sgtin_urn(ITEM), prove=True, **fields)
        while True:
            page = self.client.provenance.ListItemHistory(request, timeout=TIMEOUT)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def pack(self) -> evidence_pack_pb2.EvidencePack:
        (page,) = self.history(page_size=1_000)
        return page.evidence

    def cairn(self, *arguments: object):
        where = ("--server", self.server.address, "--ca", self.server.directory / "tls/cert.pem")
        return run("cairn", *arguments, *where)

    def verify(self, file: Path, *arguments: object):
        return run("cairn", "verify", file, "--policy", self.server.directory / "policy", *arguments)


def public_event(serial: str, at: int, visibility: consortium_pb2.Visibility = PUBLIC) -> bytes:
    body = provenance_pb2.ProvenanceRecord(event=event([sgtin_link(serial)], at=at))
    return record(provenance=body, visibility=visibility)


@pytest.fixture(scope="module")
def ledger(server: Server, client: Client, policy: Policy) -> Iterator[Ledger]:
    """Nobody's questions, about some sixty events of one item in batches of all sizes among others, by six devices, late ones among them."""
    rng = random.Random(7)
    registrar = server.registrar(client)
    devices = [registrar.register(SIGNERS[suite]()) for suite in ("ed25519", "p256") for _ in range(3)]
    mine: list[tuple[int, int, bytes]] = []
    for number in range(30):
        device = rng.choice(devices)
        records = []
        for _ in range(rng.choice([1, 2, 3, 8, 33])):
            is_mine = rng.random() < 0.35
            at = BASE + rng.randrange(10_000) * MINUTE
            records.append(public_event(ITEM if is_mine else f"OTHER{number}", at))
            if is_mine:
                mine.append((at, number * 100 + len(records), leaf_hash(records[-1])))
        client.record(device, records)
    hidden = public_event(ITEM, BASE, MEMBERS)
    client.record(devices[0], [hidden, public_event("OTHER", BASE)])
    with server.client_as(None) as nobody:
        yield Ledger(server, nobody, policy, [found for _, _, found in sorted(mine)], hidden)


def test_a_history_comes_with_one_pack_for_all_of_it(ledger: Ledger):
    (page,) = ledger.history(page_size=1_000)
    assert [found.record_id for found in page.events] == ledger.ids
    proved = verify_pack(page.evidence.SerializeToString(), ledger.policy)
    assert {found.record_id for found in proved.events} == set(ledger.ids)
    assert proved.checkpoint.size == page.log_size
    assert ascending([found.position * 10_000 + found.index for found in proved.events])
    shown = {found.record_id: (found.member_id, found.author_key_id) for found in page.events}
    assert {found.record_id: (found.member_id, found.author_key_id) for found in proved.events} == shown
    assert verify_pack(page.evidence.SerializeToString(), ledger.server.ledger_id()).events == proved.events


def test_what_the_asker_may_not_read_is_in_no_pack(ledger: Ledger):
    (page,) = ledger.history(page_size=1_000)
    assert page.forbidden_events
    assert ledger.hidden not in page.evidence.records


def test_the_paths_are_shared(ledger: Ledger):
    """No hash stands twice, none is there that others give, and all of it is smaller than evidence of each event."""
    pack = ledger.pack()
    hashes = [*pack.log_hashes, *(found for batch in pack.batches for found in batch.record_hashes)]
    assert len(set(hashes)) == len(hashes)
    single = sum(len(ledger.client.evidence(record_id=record_id)) for record_id in ledger.ids)
    assert pack.ByteSize() * 2 < single


def test_every_page_has_its_own_pack_under_the_same_checkpoint(ledger: Ledger):
    found, checkpoints = [], set()
    for page in ledger.history(page_size=7):
        proved = verify_pack(page.evidence.SerializeToString(), ledger.policy)
        assert {event.record_id for event in proved.events} == {event.record_id for event in page.events}
        found += [event.record_id for event in page.events]
        checkpoints.add(page.evidence.checkpoint)
    assert found == ledger.ids and len(checkpoints) == 1


def test_a_query_is_proved_too(ledger: Ledger):
    request = provenance_service_pb2.QueryEventsRequest(
        filter=event_filter_pb2.EventFilter(items=[sgtin_link(ITEM)]), page_size=1_000, prove=True
    )
    page = ledger.client.provenance.QueryEvents(request, timeout=TIMEOUT)
    proved = verify_pack(page.evidence.SerializeToString(), ledger.policy)
    assert [found.record_id for found in proved.events] == [found.record_id for found in page.events]
    assert not ledger.client.provenance.QueryEvents(
        provenance_service_pb2.QueryEventsRequest(filter=request.filter, page_size=5), timeout=TIMEOUT
    ).HasField("evidence")


def test_an_empty_answer_proves_nothing(ledger: Ledger):
    request = provenance_service_pb2.ListItemHistoryRequest(item=sgtin_urn("NOBODY"), prove=True)
    assert not ledger.client.provenance.ListItemHistory(request, timeout=TIMEOUT).HasField("evidence")


def test_no_changed_byte_is_accepted(ledger: Ledger):
    data = next(ledger.history(page_size=5)).evidence.SerializeToString()
    verify_pack(data, ledger.policy)
    rng = random.Random(11)
    for index in range(len(data)):
        wrong = data[:index] + bytes([data[index] ^ rng.choice((0x01, 0x10, 0x80))]) + data[index + 1 :]
        with pytest.raises(EvidenceError):
            verify_pack(wrong, ledger.policy)


@pytest.mark.parametrize("size", range(1, 10))
def test_the_multi_proof_of_every_set_is_what_it_must_be(size: int):
    """Against trees made by hand: the verifier takes the right hashes and no others."""
    entries = [b"%d" % number for number in range(size)]
    rows = [[leaf_hash(entry) for entry in entries]]
    while len(rows[-1]) > 1:
        below = rows[-1]
        rows.append([tree_pair(below, index) for index in range(0, len(below), 2)])
    for chosen in range(1, 1 << size):
        known = {index for index in range(size) if chosen >> index & 1}
        leaves, hashes = {index: rows[0][index] for index in known}, []
        for row in rows[:-1]:
            hashes += [row[i] for i in range(len(row)) if i not in known and i ^ 1 in known]
            known = {index // 2 for index in known}
        verify_multi(leaves, size, hashes, tree_root(entries))
        for wrong in (hashes[1:], [*hashes, hashes[0] if hashes else b"\0" * 32]):
            if wrong != hashes:
                with pytest.raises(ValueError):
                    verify_multi(leaves, size, wrong, tree_root(entries))


def tree_pair(row: list[bytes], index: int) -> bytes:
    return node_hash(row[index], row[index + 1]) if index + 1 < len(row) else row[index]


# The command line


def test_the_command_line_writes_one_file_that_strangers_and_it_verify(ledger: Ledger, tmp_path: Path):
    file = tmp_path / "item.cairn-pack"
    made = ledger.cairn("history", sgtin_link(ITEM), "--prove", file, "--policy", ledger.server.directory / "policy")
    assert made.returncode == 0, made.stderr
    answer, proved = verify_answer(file.read_bytes(), ledger.policy)
    assert {found.record_id for found in proved.events} == set(ledger.ids)
    assert answer.forbidden_events and not answer.partial
    assert ledger.pack() == answer.evidence

    told = ledger.verify(file)
    assert told.returncode == 0, told.stderr
    assert "not proved" in told.stdout and "left out" in told.stdout
    assert "not open to the asker" in " ".join(told.stdout.split())
    told = ledger.verify(file, "--json")
    shown = json.loads(told.stdout)
    assert shown["verified"] and [bytes.fromhex(found["recordId"]) for found in shown["events"]] == ledger.ids
    by_id = run("cairn", "verify", file, "--genesis", ledger.server.ledger_id().hex())
    assert by_id.returncode == 0, by_id.stderr
    other = run("cairn", "verify", file, "--genesis", "00" * 32)
    assert other.returncode != 0


def test_the_command_line_proves_what_matches_a_filter(ledger: Ledger, tmp_path: Path):
    file = tmp_path / "some.cairn-pack"
    made = ledger.cairn("events", "--item", sgtin_link(ITEM), "--limit", 10, "--prove", file)
    assert made.returncode == 0, made.stderr
    answer, proved = verify_answer(file.read_bytes(), ledger.policy)
    assert len(proved.events) == 10 and answer.partial
    told = ledger.verify(file)
    assert told.returncode == 0 and "did not want all of them" in " ".join(told.stdout.split())


def test_a_history_of_many_pages_is_one_file(own_server: Server, tmp_path: Path):
    """2,500 events: three pages, whose packs become one, and a table of one line an event."""
    server = own_server.start()
    with server.client() as client:
        device = server.registrar(client).register(SIGNERS["ed25519"]())
        for batch in range(5):
            times = [BASE + (batch * 500 + i) * MINUTE for i in range(500)]
            client.record(device, [public_event("MANY", at) for at in times])
        ledger = Ledger(server, client, server.policy(), [], b"")
        file = tmp_path / "many.cairn-pack"
        made = ledger.cairn("history", sgtin_link("MANY"), "--prove", file)
        assert made.returncode == 0, made.stderr
        _, proved = verify_answer(file.read_bytes(), ledger.policy)
        assert len(proved.events) == 2_500
        told = ledger.verify(file)
        assert told.returncode == 0 and len(told.stdout.splitlines()) < 2_530


Spoil = Callable[[proved_answer_pb2.ProvedAnswer], object]


def add(message: object, field: str, change: int) -> None:
    setattr(message, field, getattr(message, field) + change)


def flip(values: object, index: int, byte: int = 20) -> None:
    data = bytearray(values[index])
    data[byte] ^= 1
    values[index] = bytes(data)


def swap(values: object) -> None:
    values[0], values[1] = values[1], values[0]


def drop_last_batch(answer: proved_answer_pb2.ProvedAnswer) -> None:
    del answer.evidence.records[-len(answer.evidence.batches[-1].record_indices) :]
    del answer.evidence.batches[-1]


SPOILED: dict[str, tuple[str, Spoil]] = {
    "version": ("LEDGER", lambda a: add(a.evidence, "version", 1)),
    "ledger id": ("LEDGER", lambda a: setattr(a.evidence, "ledger_id", bytes(32))),
    "checkpoint": ("CHECKPOINT", lambda a: setattr(a.evidence, "checkpoint", a.evidence.checkpoint.replace("\n\n", "\nx\n\n", 1))),
    "a key": ("SIGNATURE", lambda a: flip(a.evidence.author_public_keys, 0, -1)),
    "keys swapped": ("SIGNATURE", lambda a: swap(a.evidence.author_public_keys)),
    "a key less": ("SIGNATURE", lambda a: a.evidence.author_public_keys.pop()),
    "a record": ("RECORD_PATH", lambda a: flip(a.evidence.records, -1)),
    "a record less": ("LEDGER", lambda a: a.evidence.records.pop()),
    "a record more": ("LEDGER", lambda a: a.evidence.records.append(b"x")),
    "an entry's time": ("LOG_PATH", lambda a: setattr(a.evidence.batches[-1], "entry", a.evidence.batches[-1].entry[:8] + b"\0" + a.evidence.batches[-1].entry[9:])),
    "a position": ("LOG_PATH", lambda a: add(a.evidence.batches[-1], "position", 1)),
    "a log hash": ("LOG_PATH", lambda a: flip(a.evidence.log_hashes, 0)),
    "log hashes swapped": ("LOG_PATH", lambda a: swap(a.evidence.log_hashes)),
    "a log hash less": ("LOG_PATH", lambda a: a.evidence.log_hashes.pop()),
    "a log hash more": ("LOG_PATH", lambda a: a.evidence.log_hashes.append(bytes(32))),
    "a batch less": ("LOG_PATH", drop_last_batch),
    "a batch twice": ("LEDGER", lambda a: a.evidence.batches.append(a.evidence.batches[-1])),
    "the item": ("ANSWER", lambda a: setattr(a.history, "item", sgtin_link("OTHER1"))),
    "the question": ("ANSWER", lambda a: a.ClearField("history")),
    "the format": ("FILE", lambda a: setattr(a, "format", "cairn-pack/2")),
}


@pytest.mark.parametrize("name", SPOILED)
def test_whatever_was_touched_is_named(ledger: Ledger, tmp_path: Path, name: str):
    wanted, spoil = SPOILED[name]
    answer = proved_answer_pb2.ProvedAnswer(format="cairn-pack/1", evidence=ledger.pack())
    answer.history.item = sgtin_link(ITEM)
    file = tmp_path / "spoiled.cairn-pack"
    file.write_bytes(answer.SerializeToString())
    assert ledger.verify(file).returncode == 0
    spoil(answer)
    file.write_bytes(answer.SerializeToString())
    told = ledger.verify(file, "--json")
    assert told.returncode != 0
    assert json.loads(told.stdout)["step"] == wanted, told.stdout
    if name != "the item":
        with pytest.raises((EvidenceError, DecodeError)):
            verify_answer(file.read_bytes(), ledger.policy)
