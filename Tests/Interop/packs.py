"""Checks an answer's evidence pack from scratch: proto/, Formats.md and a policy are all it knows of Cairn."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Sequence

from cairn.v1 import consortium_pb2, evidence_pack_pb2, evidence_pb2, ledger_pb2, proved_answer_pb2

from authors import verify_signature
from consortium import Consortium
from evidence import Link, LogEntry, check, step, verify_genesis
from merkle import Hash, leaf_hash, node_hash, require, require_hashes
from notes import NOTE_SIGNATURE, Checkpoint, Policy, VerifierKey


@dataclass(frozen=True)
class ProvedEvent:
    record: ledger_pb2.Record
    record_id: bytes
    position: int
    index: int
    ledger_time: int
    author_key_id: bytes
    member_id: str


@dataclass(frozen=True)
class ProvedPack:
    events: list[ProvedEvent]
    checkpoint: Checkpoint


def verify_multi(leaves: dict[int, Hash], size: int, hashes: Sequence[Hash], root: Hash) -> None:
    """Row by row from the leaves up, in a row from left to right: what is not known comes from the proof."""
    require(bool(leaves) and max(leaves) < size, f"leaves {sorted(leaves)} are not all in a tree of {size}")
    require_hashes([*leaves.values(), *hashes, root])
    row, width, rest = dict(leaves), size, iter(hashes)
    while width > 1:
        for index in sorted(row):
            sibling = index ^ 1
            if sibling < width and sibling not in row:
                row[sibling] = next(rest, b"")
                require(bool(row[sibling]), "the proof is too short")
        row = {index // 2: node_hash(row[index & ~1], row[index | 1]) if index | 1 < width else row[index] for index in row}
        width = (width + 1) // 2
    require(next(rest, None) is None, "the proof is too long")
    require(row[0] == root, "the proof does not lead to the root")


def verify_pack(data: bytes, trust: Policy | bytes) -> ProvedPack:
    """What the pack proves, or EvidenceError; trusts a policy, or nothing but a ledger's id."""
    with step("format"):
        pack = evidence_pack_pb2.EvidencePack.FromString(data)
        check(pack.SerializeToString(deterministic=True) == strip_unknown(pack), "it has unknown fields")
        check(pack.version == 1, f"version {pack.version} is not 1")
        check(1 <= len(pack.records) <= 10_000, f"{len(pack.records)} records")
        check(all(batch.record_indices for batch in pack.batches), "a batch without records")
        check(sum(len(batch.record_indices) for batch in pack.batches) == len(pack.records), "records too few or many")
        check(ascending([batch.position for batch in pack.batches]), "batches out of order")
    with step("checkpoint"):
        policy = trust if isinstance(trust, Policy) else founders_policy(pack, trust)
        checkpoint = policy.verify(pack.checkpoint)
        check(checkpoint.origin.endswith("/" + pack.ledger_id.hex()), "it is another ledger's")
    links = verify_batches(pack)
    with step("log path"):
        entries = {batch.position: leaf_hash(batch.entry) for batch in pack.batches}
        verify_multi(entries, checkpoint.size, list(pack.log_hashes), checkpoint.root)
    with step("key chain"):
        consortium = verify_genesis(links[0], pack.ledger_id, checkpoint, policy)
        events = verify_authors(links[1:], consortium)
    return ProvedPack(events, checkpoint)


def verify_answer(data: bytes, trust: Policy | bytes) -> tuple[proved_answer_pb2.ProvedAnswer, ProvedPack]:
    """A file as `cairn history --prove` writes it."""
    with step("format"):
        answer = proved_answer_pb2.ProvedAnswer.FromString(data)
        check(answer.format == "cairn-pack/1", f"format {answer.format!r}")
        check(answer.WhichOneof("question") is not None, "it answers no question")
    return answer, verify_pack(answer.evidence.SerializeToString(), trust)


def strip_unknown(pack: evidence_pack_pb2.EvidencePack) -> bytes:
    known = evidence_pack_pb2.EvidencePack()
    known.CopyFrom(pack)
    known.DiscardUnknownFields()
    return known.SerializeToString(deterministic=True)


def ascending(values: Sequence[int] | Sequence[bytes]) -> bool:
    return all(left < right for left, right in zip(values, values[1:]))


def founders_policy(pack: evidence_pack_pb2.EvidencePack, ledger_id: bytes) -> Policy:
    check(pack.ledger_id == ledger_id, "it is of another ledger")
    genesis = ledger_pb2.Record.FromString(pack.records[0]).consortium.genesis
    origin = f"{genesis.name}/{ledger_id.hex()}"
    nodes = [key.public_key[-32:] for key in genesis.keys if consortium_pb2.ROLE_NODE in key.roles]
    check(len(nodes) == 1, "so many nodes sign together")
    return Policy(logs={origin: VerifierKey(origin, NOTE_SIGNATURE, nodes[0])}, quorum="none")


def verify_batches(pack: evidence_pack_pb2.EvidencePack) -> list[Link]:
    """Every record, found in its batch, whose author signed the header."""
    with step("signature"):
        keys = {sha256(key).digest(): key for key in pack.author_public_keys}
        check(ascending([sha256(key).digest() for key in pack.author_public_keys]), "keys out of order")
    links, used, records = [], set(), iter(pack.records)
    for batch in pack.batches:
        with step("log entry"):
            entry = LogEntry.parse(batch.entry)
            header = ledger_pb2.BatchHeader.FromString(entry.header)
            check(header.version == 1, f"header version {header.version} is not 1")
            check(header.ledger_id == (b"" if batch.position == 0 else pack.ledger_id), "it names another ledger")
        with step("signature"):
            check(header.author_key_id in keys, "the author's key is not there")
            verify_signature(entry.suite, keys[header.author_key_id], entry.signature, entry.header)
            used.add(header.author_key_id)
        with step("record path"):
            check(ascending(list(batch.record_indices)), "indices out of order")
            found = {index: next(records) for index in batch.record_indices}
            leaves = {index: leaf_hash(record) for index, record in found.items()}
            verify_multi(leaves, header.record_count, list(batch.record_hashes), header.records_root)
            for index, record in found.items():
                proof = evidence_pb2.RecordProof(record=record, record_index=index, position=batch.position)
                links.append(Link(proof, entry, header, ledger_pb2.Record.FromString(record)))
    with step("signature"):
        check(used == set(keys), "a key that signed nothing here")
    return links


def verify_authors(links: list[Link], consortium: Consortium) -> list[ProvedEvent]:
    """The events, once every author was allowed to make its record where that stands."""
    events = []
    batches: dict[int, list[Link]] = {}
    for link in links:
        batches.setdefault(link.proof.position, []).append(link)
    for batch in batches.values():
        for link in batch:
            family = link.record.WhichOneof("body")
            author = consortium.require(link.header.author_key_id, family, link.entry.ledger_time)
            if family == "provenance":
                events.append(
                    ProvedEvent(
                        link.record,
                        leaf_hash(link.proof.record),
                        link.proof.position,
                        link.proof.record_index,
                        link.entry.ledger_time,
                        link.header.author_key_id,
                        author.member,
                    )
                )
        for link in batch:
            if link.record.HasField("consortium"):
                consortium.apply(
                    link.record.consortium,
                    link.header.author_key_id,
                    leaf_hash(link.proof.record),
                    link.entry.ledger_time,
                )
    return events
