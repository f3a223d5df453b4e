"""Who reads what: every answer holds what its caller may read, and tells nothing of the rest."""

import base64
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
from cairn.v1 import audit_service_pb2, consortium_pb2, event_filter_pb2, ledger_pb2, ledger_service_pb2
from cairn.v1 import provenance_pb2, provenance_service_pb2
from cryptography.hazmat.primitives import serialization

from authors import Author, Ed25519Signer, record
from cairn_client import Client, Registrar, refused
from events import bad_sgtin_link, event, sgtin_link
from identity import Bearer
from merkle import leaf_hash
from server import Server, run

BASE = 1_760_000_000_000_000
ITEM, OTHER, UNKNOWN = sgtin_link("SEEN"), sgtin_link("HIDDEN"), sgtin_link("UNKNOWN")
PUBLIC, MEMBERS = consortium_pb2.AUDIENCE_PUBLIC, consortium_pb2.AUDIENCE_MEMBERS

ROLES = {
    "acme.operator": consortium_pb2.ROLE_OPERATOR,
    "acme.device": consortium_pb2.ROLE_DEVICE,
    "zulu.operator": consortium_pb2.ROLE_OPERATOR,
    "zulu.device": consortium_pb2.ROLE_DEVICE,
    "kilo.partner": consortium_pb2.ROLE_PARTNER,
    "port.auditor": consortium_pb2.ROLE_AUDITOR,
    "port.regulator": consortium_pb2.ROLE_REGULATOR,
}


def parties(*members: str) -> consortium_pb2.Visibility:
    return consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PARTIES, member_ids=sorted(members))


VISIBILITIES = [
    None,
    consortium_pb2.Visibility(audience=PUBLIC),
    consortium_pb2.Visibility(audience=MEMBERS),
    parties("kilo"),
    parties("zulu", "kilo"),
    parties("acme"),
]


@dataclass(frozen=True)
class Stated:
    """A record that was sent, and where it went."""

    item: str
    author: str
    visibility: consortium_pb2.Visibility | None
    bytes: bytes
    position: int
    index: int

    @property
    def id(self) -> bytes:
        return leaf_hash(self.bytes)

    def is_for(self, reader: str) -> bool:
        """The rule, in words of its own."""
        audience = self.visibility.audience if self.visibility else MEMBERS
        member, _, role = reader.partition(".")
        if audience == PUBLIC or role in ("auditor", "regulator"):
            return True
        if not member or role == "device":
            return False
        return audience == MEMBERS or member == self.author or member in self.visibility.member_ids


@dataclass(frozen=True)
class Consortium:
    """A ledger with four members, a client for each kind of reader, and what was recorded."""

    server: Server
    registrar: Registrar
    authors: dict[str, Author]
    clients: dict[str, Client]
    stated: list[Stated]

    def decide(self, **action: object) -> ledger_pb2.Receipt:
        """acme's proposal, which is decided by acme's own vote."""
        expires = time.time_ns() // 1000 + 3_600_000_000
        proposal = consortium_pb2.Proposal(reason="agreed", expires_at_microseconds=expires, **action)
        change = consortium_pb2.ConsortiumRecord(propose=proposal)
        with self.registrar.lock:
            return self.registrar.client.record(self.registrar.author, [record(consortium=change)])


def statement(item: str, visibility: consortium_pb2.Visibility | None, number: int = 0) -> bytes:
    body = provenance_pb2.ProvenanceRecord(event=event([item], at=BASE + number))
    return record(provenance=body, **({"visibility": visibility} if visibility else {}))


def join(consortium: Consortium) -> None:
    for member in ("zulu", "kilo", "port"):
        signers = {name: Ed25519Signer() for name in ROLES if name.startswith(member)}
        keys = [
            consortium_pb2.RegisterKey(public_key=signer.public_key, member_id=member, roles=[ROLES[name]])
            for name, signer in signers.items()
        ]
        terms = consortium_pb2.Member(id=member, legal_name=member, country="CN", roles=[key.roles[0] for key in keys])
        consortium.decide(add_member=consortium_pb2.AddMember(member=terms, keys=keys))
        for name, signer in signers.items():
            consortium.authors[name] = Author(signer, consortium.registrar.ledger_id)


@pytest.fixture(scope="module")
def consortium(server: Server, registrar: Registrar) -> Iterator[Consortium]:
    consortium = Consortium(server, registrar, {}, {}, [])
    for name in ("acme.operator", "acme.device"):
        consortium.authors[name] = registrar.register(Ed25519Signer(), "acme", ROLES[name])
    join(consortium)
    for name, author in consortium.authors.items():
        consortium.clients[name] = server.client_as(Bearer.of(author.signer, registrar.ledger_id))
    consortium.clients[""] = server.client_as(None)
    for number, visibility in enumerate(VISIBILITIES * 2):
        name = "acme.device" if number % 2 else "zulu.operator"
        item = OTHER if visibility and visibility.audience not in (PUBLIC, MEMBERS) and number < 6 else ITEM
        records = [statement(item, visibility, 10 * number + part) for part in range(2)]
        receipt = consortium.clients[name].record(consortium.authors[name], records)
        consortium.stated.extend(
            Stated(item, name.partition(".")[0], visibility, each, receipt.position, index)
            for index, each in enumerate(records)
        )
    yield consortium
    for client in consortium.clients.values():
        client.close()


READERS = ["", *ROLES]
# Watching the log is for registered keys that are more than a device.
WATCHERS = [name for name in ROLES if not name.endswith("device")]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("page_size", [1, 3, 100])
def test_queries_find_what_may_be_read(consortium: Consortium, reader: str, page_size: int) -> None:
    client = consortium.clients[reader]
    for item in (ITEM, OTHER, UNKNOWN):
        expected = [each.id for each in consortium.stated if each.item == item and each.is_for(reader)]
        pages = list(client.query_pages(page_size, items=[item]))
        assert [found.record_id for page in pages for found in page.events] == expected
        assert all(len(page.events) == page_size for page in pages[:-1])
    everything = [each.id for each in consortium.stated if each.is_for(reader)]
    bounds = dict(
        event_time_from=event_filter_pb2.TimeBound(microseconds=BASE),
        event_time_before=event_filter_pb2.TimeBound(microseconds=BASE + 1_000),
    )
    assert [found.record_id for found in client.query(page_size, **bounds)] == everything


@pytest.mark.parametrize("reader", READERS)
def test_a_history_says_that_there_is_more_only_to_who_reads_some(consortium: Consortium, reader: str) -> None:
    for item in (ITEM, OTHER, UNKNOWN):
        all_of_it = [each for each in consortium.stated if each.item == item]
        expected = [each.id for each in all_of_it if each.is_for(reader)]
        answer = consortium.clients[reader].history(item)
        assert [found.record_id for found in answer.events] == expected
        assert answer.forbidden_events == (0 < len(expected) < len(all_of_it))
        if not expected:
            nothing = consortium.clients[reader].history(UNKNOWN)
            nothing.item = answer.item
            assert answer == nothing


@pytest.mark.parametrize("reader", WATCHERS)
def test_a_watcher_sees_stubs_in_place_of_hidden_records(consortium: Consortium, reader: str) -> None:
    client = consortium.clients[reader]
    first, last = consortium.stated[0].position, consortium.stated[-1].position
    entries = {item.position: item for item in client.watch(first, stop_at_end=True) if item.position <= last}
    for each in consortium.stated:
        shown = entries[each.position].records[each.index]
        assert shown.record_index == each.index
        if each.is_for(reader):
            assert (shown.record, shown.withheld) == (each.bytes, ledger_service_pb2.WITHHELD_UNSPECIFIED)
        else:
            assert (shown.record, shown.withheld) == (b"", ledger_service_pb2.WITHHELD_FORBIDDEN)
    wanted = event_filter_pb2.EventFilter(items=[ITEM, OTHER])
    matched = [shown for item in client.watch(first, filter=wanted, stop_at_end=True) for shown in item.records]
    assert [shown.record for shown in matched][: len(consortium.stated)] == [
        each.bytes for each in consortium.stated if each.is_for(reader)
    ]


@pytest.mark.parametrize("reader", READERS)
def test_evidence_of_what_is_hidden_is_evidence_of_nothing(consortium: Consortium, reader: str) -> None:
    client = consortium.clients[reader]
    stranger = bytes(32)
    with refused("UNKNOWN_RECORD") as unknown:
        client.evidence(record_id=stranger)
    for each in consortium.stated[::2]:
        place = audit_service_pb2.RecordPosition(position=each.position, record_index=each.index)
        if each.is_for(reader):
            assert client.evidence(record_id=each.id) and client.evidence(record_position=place)
            continue
        with refused("UNKNOWN_RECORD") as hidden:
            client.evidence(record_id=each.id)
        assert hidden.refusal.code == unknown.refusal.code
        assert hidden.refusal.message.replace(each.id.hex(), stranger.hex()) == unknown.refusal.message
        with refused("UNKNOWN_RECORD") as there:
            client.evidence(record_position=place)
        with refused("UNKNOWN_RECORD") as nowhere:
            client.evidence(
                record_position=audit_service_pb2.RecordPosition(position=each.position, record_index=9_999)
            )
        assert there.refusal.message.replace(f"no record {each.index}", "no record 9999") == nowhere.refusal.message
        # A tree that is too small for the record is no way to find out.
        with refused("UNKNOWN_RECORD"):
            client.evidence(record_id=each.id, tree_size=1)


def test_a_page_token_is_of_one_caller_and_unreadable(consortium: Consortium) -> None:
    request = provenance_service_pb2.QueryEventsRequest(page_size=1)
    tokens = {}
    for reader in ("", "acme.operator", "zulu.operator"):
        tokens[reader] = consortium.clients[reader].provenance.QueryEvents(request).next_page_token
        assert len(base64.urlsafe_b64decode(tokens[reader])) == 60
    assert len(set(tokens.values())) == len(tokens)
    request.page_token = tokens["acme.operator"]
    assert len(consortium.clients["acme.operator"].provenance.QueryEvents(request).events) == 1
    for reader in ("", "zulu.operator", "acme.device"):
        with refused("PAGE_TOKEN"):
            consortium.clients[reader].provenance.QueryEvents(request)


def test_what_is_wrong_with_a_record_is_told_to_its_member(consortium: Consortium) -> None:
    author, client = consortium.authors["acme.device"], consortium.clients["acme.device"]
    records = [statement(bad_sgtin_link("X"), parties("kilo")), statement(ITEM, None, 500)]
    receipt = client.record(author, records, on_error=ledger_pb2.ON_ERROR_SKIP_RECORD)
    (told,) = receipt.record_errors
    assert told.field and told.message
    for reader in READERS:
        (error,) = consortium.clients[reader].receipt(position=receipt.position).record_errors
        if reader.startswith("acme") or reader.startswith("port"):
            assert error == told, reader
        else:
            assert error == ledger_pb2.RecordError(record_index=0, reason=told.reason), reader
    for reader in WATCHERS:
        (entry,) = consortium.clients[reader].watch(receipt.position, stop_at_end=True)
        is_shown = reader in ("acme.operator", "kilo.partner", "port.auditor", "port.regulator")
        assert (entry.records[0].record == records[0]) == is_shown, reader


def test_an_open_watch_loses_its_rights_with_its_role(consortium: Consortium) -> None:
    signer = Ed25519Signer()
    keys = [
        consortium_pb2.RegisterKey(
            public_key=signer.public_key, member_id="late", roles=[ROLES["acme.operator"], ROLES["acme.device"]]
        )
    ]
    roles = list(keys[0].roles)
    terms = consortium_pb2.Member(id="late", legal_name="late", country="CN", roles=roles)
    joined = consortium.decide(add_member=consortium_pb2.AddMember(member=terms, keys=keys))
    author, device = consortium.authors["acme.device"], consortium.clients["acme.device"]
    with consortium.server.client_as(Bearer.of(signer, consortium.registrar.ledger_id)) as client:
        watch = client.watch(joined.position)
        next(watch)
        device.record(author, [statement(ITEM, None, 600)])
        assert next(watch).records[0].record
        change = consortium_pb2.ChangeRoles(member_id="late", roles=[ROLES["acme.device"]])
        consortium.decide(change_roles=change)
        device.record(author, [statement(ITEM, None, 601)])
        with refused("ROLE_FORBIDS_CALL"):
            while True:
                for shown in next(watch).records:
                    assert not ledger_pb2.Record.FromString(shown.record).HasField("provenance")


def test_a_compromised_key_is_flagged_wherever_it_appears(consortium: Consortium) -> None:
    author = consortium.registrar.register(Ed25519Signer(), "acme", ROLES["acme.device"])
    item = sgtin_link("COMPROMISED")
    with consortium.server.client_as(Bearer.of(author.signer, consortium.registrar.ledger_id)) as device:
        public = consortium_pb2.Visibility(audience=PUBLIC)
        receipts = [device.record(author, [statement(item, public, number)]) for number in range(3)]
    nobody = consortium.clients[""]
    assert [found.author_compromised for found in nobody.history(item).events] == [False] * 3
    revocation = consortium_pb2.RevokeKey(
        key_id=author.key_id,
        reason="stolen",
        compromised_since_microseconds=receipts[1].ledger_time_microseconds,
    )
    with consortium.registrar.lock:
        change = consortium_pb2.ConsortiumRecord(revoke_key=revocation)
        consortium.registrar.client.record(consortium.registrar.author, [record(consortium=change)])
    expected = [False, True, True]
    assert [found.author_compromised for found in nobody.history(item).events] == expected
    assert [found.author_compromised for found in nobody.query(items=[item])] == expected
    wanted = event_filter_pb2.EventFilter(items=[item])
    entries = consortium.clients["kilo.partner"].watch(filter=wanted, stop_at_end=True)
    assert [entry.author_compromised for entry in entries] == expected


def key_file(folder: Path, author: Author) -> Path:
    """The author's private key where the command line finds it."""
    path = folder / f"{author.key_id.hex()[:8]}.pem"
    path.write_bytes(
        author.signer.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.chmod(0o600)
    return path


def test_the_command_line_says_whom_events_are_for(consortium: Consortium, tmp_path: Path) -> None:
    device = consortium.registrar.register(Ed25519Signer(), "acme", ROLES["acme.operator"])
    key, partner = key_file(tmp_path, device), key_file(tmp_path, consortium.authors["kilo.partner"])
    where = ("--server", consortium.server.address, "--ca", consortium.server.directory / "tls/cert.pem")
    item = sgtin_link("CAPTURED")
    captures = [("shipping", "public"), ("receiving", "parties=zulu,kilo"), ("storing", None)]
    for name, visibility in captures:
        file = tmp_path / f"{name}.json"
        file.write_text(
            '{"type": "ObjectEvent", "eventTime": "2026-03-01T08:00:00Z", "eventTimeZoneOffset": "+00:00",'
            f' "action": "OBSERVE", "bizStep": "{name}", "epcList": ["{item}"]}}'
        )
        flags = ("--visibility", visibility) if visibility else ()
        result = run("cairn", "capture", file, "--key", key, *flags, *where)
        assert result.returncode == 0, result.stderr
    counts = {"": 1, "acme.operator": 3, "kilo.partner": 3, "port.auditor": 3, "acme.device": 1}
    for reader, count in counts.items():
        answer = consortium.clients[reader].history(item)
        assert (len(answer.events), answer.forbidden_events) == (count, count < 3), reader
    shown = run("cairn", "history", item, *where)
    assert shown.returncode == 0, shown.stderr
    assert "shipping" in shown.stdout and "receiving" not in shown.stdout
    assert "FORBIDDEN" in shown.stdout
    watched = run("cairn", "watch", "--identity", partner, *where)
    assert watched.returncode == 0, watched.stderr
    assert "FORBIDDEN: not open to you" in watched.stdout
    wrong = run("cairn", "capture", tmp_path / "shipping.json", "--key", key, "--visibility", "parties=", *where)
    assert wrong.returncode != 0 and "member" in wrong.stderr
