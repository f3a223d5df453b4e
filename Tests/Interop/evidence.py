"""Checks a Cairn evidence file from scratch: proto/, FORMATS.md and a policy are all it knows of Cairn."""

import struct
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Iterator

from cairn.v1 import consortium_pb2, evidence_pb2, ledger_pb2
from google.protobuf.message import DecodeError

from authors import verify_signature
from consortium import Consortium
from merkle import leaf_hash, verify_inclusion
from notes import NOTE_SIGNATURE, Checkpoint, Policy, VerifierKey

RecordProof = evidence_pb2.RecordProof


class EvidenceError(ValueError):
    """Names the step that failed."""

    def __init__(self, step: str, why: str):
        super().__init__(f"{step}: {why}")
        self.step = step


@dataclass(frozen=True)
class LogEntry:
    """u8 version, u64 ledger time, u8 suite, u16 signature length, signature, header."""

    ledger_time: int
    suite: int
    signature: bytes
    header: bytes

    @classmethod
    def parse(cls, entry: bytes) -> "LogEntry":
        if not 12 <= len(entry) <= 65_535:
            raise ValueError(f"an entry has 12 to 65,535 bytes, not {len(entry)}")
        version, time, suite, length = struct.unpack(">BQBH", entry[:12])
        if version != 1:
            raise ValueError(f"version {version} is not 1")
        if 12 + length >= len(entry):
            raise ValueError("the entry ends before its header")
        return cls(time, suite, entry[12 : 12 + length], entry[12 + length :])


@dataclass(frozen=True)
class Proved:
    """What evidence says once it holds."""

    record: ledger_pb2.Record
    record_id: bytes
    position: int
    ledger_time: int
    author_key_id: bytes
    member_id: str
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Link:
    """One proof whose paths and signature hold, taken apart."""

    proof: RecordProof
    entry: LogEntry
    header: ledger_pb2.BatchHeader
    record: ledger_pb2.Record


def verify_evidence(data: bytes, trust: Policy | bytes) -> Proved:
    """What the evidence proves, or EvidenceError; trusts a policy, or nothing but a ledger's id."""
    with step("format"):
        evidence = evidence_pb2.Evidence.FromString(data)
        check(evidence.version == 1, f"version {evidence.version} is not 1")
        check(1 <= len(evidence.proofs) <= 1_024, f"{len(evidence.proofs)} proofs")
    with step("checkpoint"):
        policy = trust if isinstance(trust, Policy) else founders_policy(evidence, trust)
        checkpoint = policy.verify(evidence.checkpoint)
        check(checkpoint.origin.endswith("/" + evidence.ledger_id.hex()), "it is another ledger's")
    links = [verify_link(proof, evidence.ledger_id, checkpoint) for proof in evidence.proofs]
    with step("key chain"):
        consortium = verify_genesis(links[-1], evidence.ledger_id, checkpoint, policy)
        member_id = verify_authority(links, consortium)
    first = links[0]
    return Proved(
        record=first.record,
        record_id=leaf_hash(first.proof.record),
        position=first.proof.position,
        ledger_time=first.entry.ledger_time,
        author_key_id=first.header.author_key_id,
        member_id=member_id,
        checkpoint=checkpoint,
    )


def founders_policy(evidence: evidence_pb2.Evidence, ledger_id: bytes) -> Policy:
    """Takes a checkpoint from a NODE key of genesis; that they are of this ledger is for the key chain to show."""
    check(evidence.ledger_id == ledger_id, "it is of another ledger")
    genesis = ledger_pb2.Record.FromString(evidence.proofs[-1].record).consortium.genesis
    origin = f"{genesis.name}/{ledger_id.hex()}"
    nodes = [key.public_key[-32:] for key in genesis.keys if consortium_pb2.ROLE_NODE in key.roles]
    check(len(nodes) == 1, "so many nodes sign together")
    return Policy(logs={origin: VerifierKey(origin, NOTE_SIGNATURE, nodes[0])}, quorum="none")


def verify_link(proof: RecordProof, ledger_id: bytes, checkpoint: Checkpoint) -> Link:
    """From the record up to the checkpoint's root."""
    with step("log entry"):
        entry = LogEntry.parse(proof.entry)
        header = ledger_pb2.BatchHeader.FromString(entry.header)
        check(header.version == 1, f"header version {header.version} is not 1")
        expected_ledger = b"" if proof.position == 0 else ledger_id
        check(header.ledger_id == expected_ledger, "the header names another ledger")
    with step("record path"):
        record_leaf = leaf_hash(proof.record)
        verify_inclusion(record_leaf, proof.record_index, header.record_count, proof.record_path, header.records_root)
        record = ledger_pb2.Record.FromString(proof.record)
    with step("signature"):
        check(sha256(proof.author_public_key).digest() == header.author_key_id, "the key is not the author's")
        verify_signature(entry.suite, proof.author_public_key, entry.signature, entry.header)
    with step("log path"):
        entry_leaf = leaf_hash(proof.entry)
        verify_inclusion(entry_leaf, proof.position, checkpoint.size, proof.log_path, checkpoint.root)
    return Link(proof, entry, header, record)


def verify_genesis(link: Link, ledger_id: bytes, checkpoint: Checkpoint, policy: Policy) -> Consortium:
    genesis = link.record.consortium.genesis
    check(link.record.consortium.HasField("genesis") and link.proof.position == 0, "it does not end in genesis")
    check(sha256(link.entry.header).digest() == ledger_id, "the ledger id is not the genesis header's digest")
    check(checkpoint.origin == f"{genesis.name}/{ledger_id.hex()}", "genesis names another log")
    consortium = Consortium(genesis)
    log_key = policy.logs[checkpoint.origin].public_key
    check(any(key.public_key.endswith(log_key) for key in consortium.nodes()), "genesis names another log key")
    check(link.header.author_key_id in consortium.admins(), "genesis is not signed by one of its admins")
    return consortium


def verify_authority(links: list[Link], consortium: Consortium) -> str:
    """Whose the first record is, once every author was allowed to do that where its record stands."""
    member = ""
    if links[0].proof.position == 0:
        member = consortium.keys[links[0].header.author_key_id].member
        links = links[1:] or links
    places = [(link.proof.position, link.proof.record_index) for link in links]
    check(len(set(places)) == len(places), "a record is proved twice")
    batches: dict[int, list[Link]] = {}
    for link in sorted(links[:-1], key=lambda link: (link.proof.position, link.proof.record_index)):
        batches.setdefault(link.proof.position, []).append(link)
    for batch in batches.values():
        for link in batch:
            family = link.record.WhichOneof("body")
            if link.record.provenance.HasField("master_data"):
                family = "master data"
            author = consortium.require(link.header.author_key_id, family, link.entry.ledger_time)
            if link is links[0] and not member:
                member = author.member
        for link in batch:
            if link.record.HasField("consortium"):
                record_id = leaf_hash(link.proof.record)
                consortium.apply(
                    link.record.consortium, link.header.author_key_id, record_id, link.entry.ledger_time
                )
    return member


@contextmanager
def step(name: str) -> Iterator[None]:
    try:
        yield
    except EvidenceError:
        raise
    except (ValueError, DecodeError) as error:
        raise EvidenceError(name, str(error)) from None


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
