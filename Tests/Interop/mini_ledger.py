"""A ledger in a list: what evidence must look like, so that the verifier can be tested before it meets a server."""

import struct
from hashlib import sha256

import aics_tlog
from cairn.v1 import consortium_pb2, evidence_pb2, ledger_pb2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authors import Author, Ed25519Signer, Signer, record, register_key

ROLES = [number for number in consortium_pb2.Role.values() if number]


class MiniLedger:
    def __init__(self, name: str = "harbour"):
        self.log_key = Ed25519PrivateKey.generate()
        self.entries: list[bytes] = []
        self.batches: list[ledger_pb2.Batch] = []
        self.registrations: dict[bytes, int] = {}
        self.clock = 1_700_000_000_000_000
        self.admin = Author(Ed25519Signer(), b"")
        genesis = consortium_pb2.Genesis(
            name=name,
            members=[consortium_pb2.Member(id="acme", legal_name="Acme", country="NL", roles=ROLES)],
            keys=[
                consortium_pb2.RegisterKey(
                    public_key=public_key, member_id="acme", roles=[role], not_after_microseconds=0
                )
                for public_key, role in [
                    (self.admin.signer.public_key, consortium_pb2.ROLE_ADMIN),
                    (Ed25519Signer(self.log_key).public_key, consortium_pb2.ROLE_NODE),
                ]
            ],
        )
        body = consortium_pb2.ConsortiumRecord(genesis=genesis)
        position = self.append(self.admin, [record(consortium=body)])
        self.ledger_id = sha256(self.batches[position].header).digest()
        self.admin.ledger_id = self.ledger_id
        self.origin = f"{name}/{self.ledger_id.hex()}"

    def append(self, author: Author, records: list[bytes]) -> int:
        batch = author.next_batch(records)
        self.clock += 1
        signature = batch.signature.value
        prefix = struct.pack(">BQBH", 1, self.clock, batch.signature.suite, len(signature))
        self.entries.append(prefix + signature + batch.header)
        self.batches.append(batch)
        return len(self.entries) - 1

    def register(self, signer: Signer, role: int = consortium_pb2.ROLE_DEVICE, **fields: object) -> Author:
        author = Author(signer, self.ledger_id)
        position = self.append(self.admin, [register_key(signer, "acme", role, **fields)])
        self.registrations[author.key_id] = position
        return author

    def policy(self) -> str:
        key = aics_tlog.vkey_from_ed25519(self.origin, self.log_key.public_key())
        return f"log {aics_tlog.format_vkey(key)}\nquorum none\n"

    def checkpoint(self) -> str:
        tree = aics_tlog.MerkleTree(self.entries)
        checkpoint = aics_tlog.Checkpoint(self.origin, len(tree), tree.root())
        return aics_tlog.sign_checkpoint(checkpoint, self.log_key, self.origin).serialise()

    def proof(self, position: int, index: int, public_key: bytes) -> evidence_pb2.RecordProof:
        records = aics_tlog.MerkleTree(self.batches[position].records)
        return evidence_pb2.RecordProof(
            record=self.batches[position].records[index],
            record_index=index,
            record_path=records.inclusion_proof(index),
            entry=self.entries[position],
            position=position,
            log_path=aics_tlog.MerkleTree(self.entries).inclusion_proof(position),
            author_public_key=public_key,
        )

    def evidence(self, author: Author, position: int, index: int) -> evidence_pb2.Evidence:
        admin_key = self.admin.signer.public_key
        proofs = [self.proof(position, index, author.signer.public_key)]
        if author.key_id in self.registrations:
            proofs.append(self.proof(self.registrations[author.key_id], 0, admin_key))
        if position != 0:
            proofs.append(self.proof(0, 0, admin_key))
        return evidence_pb2.Evidence(version=1, ledger_id=self.ledger_id, checkpoint=self.checkpoint(), proofs=proofs)
