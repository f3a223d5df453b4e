"""What bad input gets: a code, a stable reason, a sentence, and no trace in the ledger."""

from hashlib import sha256
from itertools import count
from typing import Callable, Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, extension_pb2, ledger_pb2, master_data_pb2, provenance_pb2

from authors import CONTEXT, SIGNERS, Author, record, register_key, revoke_key, unsigned_header, verify_signature
from cairn_client import Client, Refusal, Registrar, check_refusal, refused
from events import bad_sgtin_link, event, event_record, now, sgtin_link

INVALID = grpc.StatusCode.INVALID_ARGUMENT
TOO_MUCH = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.OUT_OF_RANGE)
YEAR_10000 = 253_402_300_800_000_000

fresh = count(1)
Batch = ledger_pb2.Batch


def good() -> list[bytes]:
    return [event_record([sgtin_link(f"REFUSAL{next(fresh)}")])]


@pytest.fixture
def unharmed(client: Client, author: Author) -> Iterator[Author]:
    """An author with one batch in the log, who afterwards must be where it was and able to go on."""
    client.record(author, good())
    before = client.info().log_size
    yield author
    known = client.author(author.key_id)
    assert (known.next_sequence, known.last_header_digest) == (author.sequence, author.previous)
    assert client.info().log_size == before
    client.record(author, good())


def test_a_gap_is_answered_with_the_sequence_expected(client: Client, unharmed: Author):
    with refused("SEQUENCE_GAP") as caught:
        client.submit(unharmed.batch(good(), sequence=unharmed.sequence + 1))
    assert caught.refusal.code == grpc.StatusCode.FAILED_PRECONDITION
    assert caught.refusal.metadata["expected_sequence"] == str(unharmed.sequence)


def test_another_previous_header_is_refused(client: Client, unharmed: Author):
    with refused("PREVIOUS_DIGEST_MISMATCH"):
        client.submit(unharmed.batch(good(), previous_header_digest=bytes(32)))
    with refused("PREVIOUS_DIGEST_MISMATCH"):
        client.submit(unharmed.batch(good(), previous_header_digest=b""))


def test_a_batch_of_another_ledger_cannot_be_replayed_here(client: Client, unharmed: Author):
    with refused("WRONG_LEDGER") as caught:
        client.submit(unharmed.batch(good(), ledger_id=sha256(b"another").digest()))
    assert caught.refusal.code == grpc.StatusCode.FAILED_PRECONDITION
    with refused():
        client.submit(unharmed.batch(good(), ledger_id=b""))


def test_a_signature_must_be_the_authors_over_this_header(client: Client, registrar: Registrar, unharmed: Author):
    batch = unharmed.batch(good())
    batch.signature.value = batch.signature.value[:-1] + bytes([batch.signature.value[-1] ^ 1])
    stranger = SIGNERS["ed25519"]()
    forged = unharmed.batch(good())
    forged.signature.value = stranger.sign(CONTEXT + forged.header)
    without_context = unharmed.batch(good())
    without_context.signature.value = unharmed.signer.sign(without_context.header)
    for wrong in (batch, forged, without_context):
        with refused("INVALID_SIGNATURE"):
            client.submit(wrong)


def test_a_p256_signature_is_r_and_s_and_nothing_else(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["p256"]())
    batch = author.batch(good())
    for wrong in (bytes(64), b"\xff" * 64, batch.signature.value[32:] + batch.signature.value[:32]):
        forged = Batch(header=batch.header, signature=batch.signature, records=batch.records)
        forged.signature.value = wrong
        with refused("INVALID_SIGNATURE"):
            client.submit(forged)
    client.submit(batch)


def test_an_unknown_key_is_refused(client: Client, unharmed: Author):
    with refused("UNKNOWN_KEY"):
        client.submit(Author(SIGNERS["ed25519"](), unharmed.ledger_id).batch(good()))


def test_a_revoked_key_is_refused(client: Client, registrar: Registrar, author: Author):
    client.record(author, good())
    registrar.revoke(author)
    with refused("KEY_REVOKED"):
        client.submit(author.batch(good()))


def test_a_key_is_refused_outside_its_validity(client: Client, registrar: Registrar):
    with refused("KEY_EXPIRED"):
        registrar.register(SIGNERS["ed25519"](), not_after_microseconds=now() - 1)
    expiring = registrar.register(SIGNERS["ed25519"](), not_after_microseconds=now() + 1_000_000)
    with refused("KEY_EXPIRED"):
        while True:
            client.record(expiring, good())
    early = registrar.register(SIGNERS["p256"](), not_before_microseconds=now() + 3_600_000_000)
    with refused("KEY_NOT_YET_VALID"):
        client.submit(early.batch(good()))


def test_records_must_be_those_that_were_signed(client: Client, unharmed: Author):
    records = good() + good()
    batch = unharmed.batch(records)
    swapped = Batch(header=batch.header, signature=batch.signature, records=records[::-1])
    changed = unharmed.batch(records, records_root=bytes(32))
    for wrong in (swapped, changed):
        with refused("RECORDS_ROOT_MISMATCH"):
            client.submit(wrong)
    with refused("RECORD_COUNT_MISMATCH"):
        client.submit(unharmed.batch(records, record_count=3))
    with refused("RECORD_COUNT_MISMATCH"):
        client.submit(Batch(header=batch.header, signature=batch.signature, records=records[:1]))


HEADERS: dict[str, dict[str, object]] = {
    "version 0": dict(version=0),
    "version 2": dict(version=2),
    "sequence 0": dict(sequence=0, previous_header_digest=b""),
    "largest sequence": dict(sequence=(1 << 64) - 1),
    "short ledger id": dict(ledger_id=bytes(31)),
    "long key id": dict(author_key_id=bytes(33)),
    "no key id": dict(author_key_id=b""),
    "short digest": dict(previous_header_digest=bytes(31)),
    "short root": dict(records_root=bytes(31)),
    "no records": dict(record_count=0),
    "most records": dict(record_count=(1 << 32) - 1),
    "unknown on_error": dict(on_error=99),
    "clock before year 1": dict(created_at_microseconds=-(1 << 63)),
    "clock after year 9999": dict(created_at_microseconds=YEAR_10000),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_malformed_header_is_refused(client: Client, unharmed: Author, case: str):
    with refused() as caught:
        client.submit(unharmed.batch(good(), **HEADERS[case]))
    assert caught.refusal.code != grpc.StatusCode.UNAVAILABLE
    assert case == "largest sequence" or caught.refusal.violations or caught.refusal.code != INVALID


@pytest.mark.parametrize("header", [b"", b"\xff" * 40, b"\x0a\xff\xff\xff\xff\x0f", b"\x08", bytes(1025)])
def test_a_header_that_is_no_header_is_refused(client: Client, unharmed: Author, header: bytes):
    with refused() as caught:
        client.submit(unharmed.seal(header, good()))
    assert caught.refusal.code == INVALID and caught.refusal.violations


def test_a_malformed_signature_is_refused(client: Client, unharmed: Author):
    batch = unharmed.batch(good())
    value = batch.signature.value
    p256 = ledger_pb2.SIGNATURE_SUITE_ECDSA_P256_SHA256
    for signature in [
        ledger_pb2.Signature(suite=batch.signature.suite, value=value[:-1]),
        ledger_pb2.Signature(suite=batch.signature.suite, value=value + b"\x00"),
        ledger_pb2.Signature(suite=batch.signature.suite),
        ledger_pb2.Signature(suite=0, value=value),
        ledger_pb2.Signature(suite=99, value=value),
        ledger_pb2.Signature(suite=p256, value=value),
    ]:
        with refused():
            client.submit(Batch(header=batch.header, signature=signature, records=batch.records))
    with refused():
        client.submit(Batch(header=batch.header, records=batch.records))


def test_limits_of_size_and_number_hold(client: Client, unharmed: Author):
    salt = record()
    for records in [
        [event_record(["urn:uuid:x"], transformation_id="x" * 65_536)],
        [salt] * 10_001,
        [],
        [b""],
        [bytes(60_000)] * 70,
        [bytes(60_000)] * 120,
    ]:
        with refused() as caught:
            client.submit(unharmed.batch(records))
        assert caught.refusal.code in TOO_MUCH, caught.refusal


def test_a_message_far_too_large_is_refused_by_the_transport(client: Client, unharmed: Author):
    """By resetting the stream: a server need not read 60 MB to say no."""
    with pytest.raises(grpc.RpcError) as caught:
        client.submit(unharmed.batch([bytes(60_000)] * 1_000))
    assert caught.value.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED)


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\x0a\x05\x0a", b"\x0b" * 200, b"\x00"])
@pytest.mark.parametrize(
    "method",
    ["LedgerService/Submit", "LedgerService/GetReceipt", "ProvenanceService/QueryEvents", "AuditService/GetEvidence"],
)
def test_a_message_that_is_no_message_is_refused(client: Client, unharmed: Author, method: str, body: bytes):
    with pytest.raises(grpc.RpcError) as caught:
        client.channel.unary_unary(f"/cairn.v1.{method}")(body, timeout=30)
    assert caught.value.code() == INVALID, caught.value


def test_a_stream_of_no_messages_is_refused(client: Client, unharmed: Author):
    with pytest.raises(grpc.RpcError) as caught:
        call = client.channel.stream_stream("/cairn.v1.LedgerService/SubmitStream")
        list(call(iter([b"\xff\xff\xff"]), timeout=30))
    assert caught.value.code() == INVALID, caught.value


RECORDS: dict[str, tuple[bytes, str]] = {
    "garbage": (b"\xff\xff\xff", ""),
    "truncated": (event_record([sgtin_link("T")])[:-1], ""),
    "no body": (record(), "body"),
    "no salt": (record(salt=b"", provenance=provenance_pb2.ProvenanceRecord(event=event(["urn:uuid:x"]))), "salt"),
    "long salt": (record(salt=bytes(17), provenance=provenance_pb2.ProvenanceRecord(event=event())), "salt"),
    "no statement": (record(provenance=provenance_pb2.ProvenanceRecord()), "provenance"),
    "no event type": (
        event_record(["urn:uuid:x"], type=provenance_pb2.EVENT_TYPE_UNSPECIFIED),
        "provenance.event.type",
    ),
    "unknown event type": (event_record(["urn:uuid:x"], type=77), "provenance.event.type"),
    "no action": (event_record(["urn:uuid:x"], action=provenance_pb2.ACTION_UNSPECIFIED), "provenance.event.action"),
    "no time": (event_record(["urn:uuid:x"], event_time=None), "provenance.event.event_time"),
    "time after year 9999": (event_record(["urn:uuid:x"], at=YEAR_10000), "provenance.event.event_time"),
    "time before year 1": (event_record(["urn:uuid:x"], at=-(1 << 63)), "provenance.event.event_time"),
    "offset out of range": (
        event_record(["urn:uuid:x"], event_time=provenance_pb2.EventTime(microseconds=0, offset_minutes=841)),
        "provenance.event.event_time.offset_minutes",
    ),
    "text of another time": (
        event_record(
            ["urn:uuid:x"], event_time=provenance_pb2.EventTime(microseconds=1, text="1970-01-01T00:00:00Z")
        ),
        "provenance.event.event_time.text",
    ),
    "wrong check digit": (event_record([sgtin_link("A"), bad_sgtin_link("B")]), "provenance.event.epc_list.items[1]"),
    "not a URI": (event_record(["not a uri"]), "provenance.event.epc_list.items[0]"),
    "long text": (event_record(["urn:uuid:x"], biz_step="x" * 2_049), "provenance.event.biz_step"),
    "transformation with an action": (
        event_record(type=provenance_pb2.EVENT_TYPE_TRANSFORMATION, action=provenance_pb2.ACTION_ADD),
        "provenance.event",
    ),
}


@pytest.mark.parametrize("case", RECORDS)
def test_a_bad_record_refuses_the_batch_and_names_the_field(client: Client, unharmed: Author, case: str):
    bad, field = RECORDS[case]
    with refused() as caught:
        client.submit(unharmed.batch(good() + [bad]))
    assert caught.refusal.code == INVALID
    violations = list(caught.refusal.violations)
    assert violations and all(
        path.startswith(f"records[1].{field}".rstrip(".")) for path in violations
    ), caught.refusal


def test_deep_nesting_is_refused(client: Client, unharmed: Author):
    value = extension_pb2.ExtensionValue(text="core")
    for _ in range(40):
        value = extension_pb2.ExtensionValue(list=extension_pb2.ExtensionList(values=[value]))
    extension = extension_pb2.Extension(name="https://example.com/deep", value=value)
    with refused() as caught:
        client.submit(unharmed.batch([event_record(["urn:uuid:x"], extensions=[extension])]))
    assert caught.refusal.code == INVALID


def test_bottomless_nesting_is_refused(client: Client, unharmed: Author):
    """Thousands of levels: the parser must give up before it overflows its stack."""
    value = b""
    while len(value) < 65_000:
        value = embed(0x2A, embed(0x0A, value))
    extension = embed(0x12, value)
    event_bytes = b"\xe2\x01" + varint(len(extension)) + extension
    bottomless = embed(0x0A, bytes(16)) + embed(0x12, embed(0x0A, event_bytes))
    assert len(bottomless) < 65_536
    with refused() as caught:
        client.submit(unharmed.batch([bottomless]))
    assert caught.refusal.code == INVALID


def embed(tag: int, message: bytes) -> bytes:
    return bytes([tag]) + varint(len(message)) + message


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


ROLES: dict[str, Callable[[Author], bytes]] = {
    "register": lambda _: register_key(SIGNERS["ed25519"](), "acme", consortium_pb2.ROLE_DEVICE),
    "become admin": lambda author: register_key(author.signer, "acme", consortium_pb2.ROLE_ADMIN),
    "revoke": lambda author: revoke_key(author.key_id),
}


@pytest.mark.parametrize("case", ROLES)
def test_only_an_admin_changes_keys(client: Client, unharmed: Author, case: str):
    with refused("ROLE_FORBIDS_RECORD") as caught:
        client.submit(unharmed.batch([ROLES[case](unharmed)]))
    assert caught.refusal.code == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("role", [name for name, number in consortium_pb2.Role.items() if number])
def test_a_role_authors_what_the_table_says_and_nothing_else(client: Client, registrar: Registrar, role: str):
    """Every role against every family of records: the table in Members.md."""
    author = registrar.register(SIGNERS["ed25519"](), role=consortium_pb2.Role.Value(role))
    name = master_data_pb2.LanguageText(text="x")
    thing = master_data_pb2.MasterData(subject="urn:uuid:x", kind=master_data_pb2.MASTER_DATA_KIND_PLACE, names=[name])
    families = {
        good()[0]: role in ("ROLE_DEVICE", "ROLE_OPERATOR"),
        record(provenance=provenance_pb2.ProvenanceRecord(master_data=thing)): role == "ROLE_OPERATOR",
        register_key(SIGNERS["p256"](), "acme", consortium_pb2.ROLE_DEVICE): role == "ROLE_ADMIN",
    }
    for statement, may in families.items():
        if may:
            client.record(author, [statement])
        else:
            with refused("ROLE_FORBIDS_RECORD"):
                client.submit(author.batch([statement]))


def test_an_admin_cannot_break_the_ledger(client: Client, registrar: Registrar, author: Author):
    admin = registrar.author
    genesis = consortium_pb2.ConsortiumRecord(
        genesis=consortium_pb2.Genesis(name="harbour")
    )
    again = register_key(author.signer, "acme", consortium_pb2.ROLE_DEVICE)
    for wrong in [
        revoke_key(admin.key_id),
        revoke_key(bytes(32)),
        revoke_key(b"short"),
        again,
        record(consortium=genesis),
        record(consortium=consortium_pb2.ConsortiumRecord()),
        register_key(SIGNERS["ed25519"](), "ACME!", consortium_pb2.ROLE_DEVICE),
        register_key(SIGNERS["ed25519"](), "acme", consortium_pb2.ROLE_UNSPECIFIED),
        register_key(SIGNERS["ed25519"](), "acme", consortium_pb2.ROLE_DEVICE, label="x" * 129),
        good()[0],
    ]:
        with refused():
            client.submit(admin.batch([wrong]))
    registrar.register(SIGNERS["ed25519"]())


@pytest.mark.parametrize("size", [0, 31, 44, 300])
def test_a_key_that_is_no_key_cannot_be_registered(client: Client, registrar: Registrar, size: int):
    registration = consortium_pb2.RegisterKey(
        public_key=b"\x30" * size, member_id="acme", roles=[consortium_pb2.ROLE_DEVICE]
    )
    body = consortium_pb2.ConsortiumRecord(register_key=registration)
    with refused() as caught:
        client.submit(registrar.author.batch([record(consortium=body)]))
    assert caught.refusal.code == INVALID


# Equivocation


def test_equivocation_is_refused_and_kept(client: Client, author: Author):
    recorded = author.batch(good())
    refused_batches = [author.batch(good()) for _ in range(2)]
    client.submit(recorded)
    for batch in refused_batches:
        for _ in range(2):
            with refused("EQUIVOCATION"):
                client.submit(batch)

    kept = client.equivocations(author.key_id)
    assert kept and {item.refused.header for item in kept} <= {batch.header for batch in refused_batches}
    assert len({item.refused.header for item in kept}) == len(kept)
    for item in kept:
        assert (item.author_key_id, item.sequence) == (author.key_id, 1)
        assert item.recorded.header == recorded.header
        assert sha256(item.public_key).digest() == author.key_id
        for side in (item.recorded, item.refused):
            verify_signature(side.signature.suite, item.public_key, side.signature.value, side.header)
            assert unsigned_header(Batch(header=side.header)).sequence == 1
    assert client.submit(recorded).replayed


def test_nobody_else_can_frame_an_author(client: Client, author: Author):
    client.record(author, good())
    framed = author.batch(good(), sequence=1, previous_header_digest=b"")
    framed.signature.value = SIGNERS["ed25519"]().sign(CONTEXT + framed.header)
    with refused("INVALID_SIGNATURE"):
        client.submit(framed)
    assert client.equivocations(author.key_id) == []


def test_a_stream_reports_refusals_as_a_call_would(client: Client, unharmed: Author):
    gap = unharmed.batch(good(), sequence=unharmed.sequence + 7)
    forged = unharmed.batch(good())
    forged.signature.value = bytes(64)
    missing = Batch()
    answers = [answer.error for answer in client.stream([gap, forged, missing])]
    for answer, batch in zip(answers, (gap, forged, missing), strict=True):
        with pytest.raises(grpc.RpcError) as caught:
            client.submit(batch)
        refusal = Refusal.of(caught.value)
        check_refusal(refusal)
        assert (answer.code, answer.reason) == (refusal.code.value[0], refusal.reason)
        assert dict(answer.metadata) == refusal.metadata
        assert {v.field for v in answer.violations} == set(refusal.violations)
    assert answers[0].header_digest == sha256(gap.header).digest()
