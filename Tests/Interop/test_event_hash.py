"""The CBV 2.0 event hash: compared with a third party's, checked where an id claims it, found by it."""

import json
import logging
import random
import sys
from pathlib import Path
from typing import Iterator

import grpc
import pytest
from cairn.v1 import provenance_pb2 as pb

from authors import Author, Ed25519Signer, record
from cairn_client import Client, refused
from events import event, sgtin_elements, sgtin_link, sgtin_urn
from evidence import verify_evidence
from notes import Policy
from server import Server, run

sys.path.append(str(Path(__file__).parents[2] / "fixtures/eventhash"))
from make_eventhash import Generator, document, full, vector  # noqa: E402

AT = 1_700_000_000_123_000


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The tool logs every event."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


class Desk:
    """A person at a terminal, with a device of their own."""

    def __init__(self, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("CAIRN_STATE", str(folder / "state"))
        self.folder, self.key = folder, folder / "scanner.pem"
        certificate = server.directory / "tls/cert.pem"
        self.where = ("--server", server.address, "--ca", certificate, "--identity", server.admin_key)
        assert run("cairn", "keygen", self.key).returncode == 0
        self.cairn("key", "register", "--key", server.admin_key, "--public-key", f"{self.key}.pub", "--role", "device")

    def cairn(self, *arguments: object) -> str:
        done = run("cairn", *arguments, *self.where)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def capture(self, content: dict) -> None:
        file = self.folder / "events.jsonld"
        file.write_text(json.dumps(content))
        self.cairn("capture", file, "--key", self.key)


def record_of(item: pb.Event) -> bytes:
    return record(provenance=pb.ProvenanceRecord(event=item))


def hashes(client: Client, **conditions: object) -> list[str]:
    return [found.event_hash for found in client.query(**conditions)]


def test_every_event_has_the_hash_that_a_third_party_computes(
    server: Server, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = Generator(seed)
    events = [generator.event() | {"eventID": f"urn:uuid:hashed:{seed}:{number}"} for number in range(200)]
    made = vector(document(events))
    expected = {item["eventID"]: made["hashes"][index] for index, item in enumerate(events)}

    desk = Desk(server, tmp_path, monkeypatch)
    desk.capture(document(events))
    found = {found.event.event_id: found.event_hash for found in client.query(event_ids=list(expected)[:64])}
    assert found == dict(list(expected.items())[:64])
    lines = desk.cairn("events", "--json", "--limit", "1000").splitlines()
    listed = {line["event"].get("eventID"): line["eventHash"] for line in map(json.loads, lines)}
    assert {name: listed.get(name) for name in expected} == expected

    one = events[7]["eventID"]
    answer = desk.cairn("events", "--json", "--hash", expected[one])
    assert [json.loads(line)["event"]["eventID"] for line in answer.splitlines()] == [one]
    assert run("cairn", "events", "--hash", "ni:///sha-256;12?ver=CBV2.0", *desk.where).returncode != 0


def test_an_event_may_claim_whatever_hash_the_third_party_gives_it(
    server: Server, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Also where that tool puts the parts of an event in another order than the standard, and in Python's words."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = Generator(seed)
    events = [full(generator) | {"other:flag": generator.maybe()} for _ in range(40)]
    claims = vector(document(events))["hashes"]
    for item, claim in zip(events, claims, strict=True):
        item["eventID"] = claim
    desk = Desk(server, tmp_path, monkeypatch)
    desk.capture(document(events))
    for claim in claims:
        (found,) = client.query(event_hashes=[claim])
        assert found.event.event_id == claim
        assert [again.record_id for again in client.query(event_hashes=[found.event_hash])] == [found.record_id]


def test_one_event_in_two_spellings_has_one_hash(client: Client, author: Author):
    spellings = [sgtin_link("S1"), sgtin_urn("S1"), sgtin_elements("S1")]
    steps = ["shipping", "urn:epcglobal:cbv:bizstep:shipping", "cbv:BizStep-shipping"]
    records = [
        record_of(event([item], at=AT, biz_step=step, event_id=f"urn:uuid:spelling:{index}"))
        for index, (item, step) in enumerate(zip(spellings, steps, strict=True))
    ]
    client.record(author, records)
    (one,) = set(hashes(client, items=[sgtin_link("S1")]))
    assert hashes(client, event_hashes=[one], page_size=1) == [one] * 3


def test_a_claimed_hash_is_checked(client: Client, author: Author):
    honest = event([sgtin_link("CLAIM")], at=AT)
    client.record(author, [record_of(honest)])
    (claim,) = hashes(client, items=[sgtin_link("CLAIM")])
    honest.event_id = claim
    client.record(author, [record_of(honest)])
    honest.event_id = claim.replace("sha-256;", "sha-256;".upper())
    client.record(author, [record_of(honest)])  # of another form: not a claim that is checked here

    # A false claim is a name like any other, as in examples of the standard itself, and is said to be one.
    wrong = [claim[:-12] + ("0" if claim[-12] != "0" else "1") + claim[-11:], "ni:///sha-256;AAAA?ver=CBV2.0"]
    for name in wrong:
        client.record(author, [record_of(event([sgtin_link("CLAIM")], at=AT, event_id=name))])
    client.record(author, [record_of(event([sgtin_link("CLAIM")], at=AT + 1_000, event_id=claim))])
    found = client.query(items=[sgtin_link("CLAIM")])
    assert [recorded.event_id_is_false_hash for recorded in found] == [False] * 3 + [True] * 3
    assert len(client.query(event_ids=[claim])) == 2
    assert len(client.query(event_hashes=[claim])) == 5


def test_an_error_declaration_leaves_the_original_provable(client: Client, author: Author, policy: Policy):
    original = event([sgtin_link("WRONG")], at=AT)
    client.record(author, [record_of(original)])
    (claim,) = hashes(client, items=[sgtin_link("WRONG")])
    original.event_id = claim
    client.record(author, [record_of(original)])
    declaration = pb.Event.FromString(original.SerializeToString())
    declaration.error_declaration.declaration_time = "2026-01-01T00:00:00Z"
    declaration.error_declaration.reason = "incorrect_data"
    client.record(author, [record_of(declaration)])

    found = client.query(event_hashes=[claim])
    assert [item.event.HasField("error_declaration") for item in found] == [False, False, True]
    assert [item.event.event_id for item in client.query(event_ids=[claim])] == [claim, claim]
    for item in found:
        proved = verify_evidence(client.evidence(record_id=item.record_id), policy)
        assert proved is not None


def test_two_events_under_one_foreign_id_are_both_kept(client: Client, author: Author):
    foreign = "https://elsewhere.example/events/1"
    pair = [event([sgtin_link(serial)], at=AT, event_id=foreign) for serial in ("TWIN1", "TWIN2")]
    client.record(author, [record_of(item) for item in pair])
    found = client.query(event_ids=[foreign])
    assert [item.event for item in found] == pair
    assert found[0].event_hash != found[1].event_hash
    for item in found:
        (alone,) = client.query(event_hashes=[item.event_hash])
        assert alone.record_id == item.record_id
    assert len(client.query(event_hashes=[item.event_hash for item in found])) == 2


def test_a_hash_that_no_event_has_finds_nothing(client: Client):
    assert client.query(event_hashes=[f"ni:///sha-256;{'ab' * 32}?ver=CBV2.0"]) == []
    for wrong in ["", "urn:uuid:1", "ni:///sha-256;abcd?ver=CBV2.0", f"ni:///sha-256;{'ab' * 32}?ver=CBV9.9"]:
        with refused("INVALID_EVENT_HASH") as caught:
            client.query(event_hashes=[wrong])
        assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT


def test_the_index_of_hashes_is_derived(own_server: Server):
    own_server.start()
    with own_server.client() as client:
        author = own_server.registrar(client).register(Ed25519Signer())
        client.record(author, [record_of(event([sgtin_link(f"D{number}")], at=AT)) for number in range(50)])
        wanted = hashes(client, items=[sgtin_link("D7")])
        assert len(client.query(event_hashes=wanted)) == 1
    assert own_server.stop() == 0
    assert run("cairnd", "rebuild", own_server.directory).returncode == 0
    assert run("cairnd", "check", own_server.directory).returncode == 0
    (own_server.directory / "hashes.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    checked = run("cairnd", "check", own_server.directory)
    assert checked.returncode != 0 and "hashes.db" in checked.stdout + checked.stderr
    assert run("cairnd", "rebuild", own_server.directory).returncode == 0
    assert run("cairnd", "check", own_server.directory).returncode == 0
    for path in own_server.directory.glob("hashes.db*"):
        path.unlink()
    own_server.start()
    with own_server.client() as client:
        assert len(client.query(event_hashes=wanted)) == 1
