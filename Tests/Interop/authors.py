"""Keys, batches and headers, made with nothing but cryptography and the generated stubs."""

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Sequence

from cairn.v1 import consortium_pb2, ledger_pb2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from merkle import tree_root

CONTEXT = b"cairn/batch/v1\x00"


class Signer(Protocol):
    suite: int
    public_key: bytes

    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer:
    suite = ledger_pb2.SIGNATURE_SUITE_ED25519

    def __init__(self, key: ed25519.Ed25519PrivateKey | None = None):
        self.key = key or ed25519.Ed25519PrivateKey.generate()
        self.public_key = subject_public_key_info(self.key.public_key())

    @classmethod
    def load(cls, path: Path) -> "Ed25519Signer":
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return cls(key)

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


class P256Signer:
    suite = ledger_pb2.SIGNATURE_SUITE_ECDSA_P256_SHA256

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = subject_public_key_info(self.key.public_key())

    def sign(self, message: bytes) -> bytes:
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


SIGNERS = {"ed25519": Ed25519Signer, "p256": P256Signer}


def subject_public_key_info(key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def verify_signature(suite: int, public_key: bytes, signature: bytes, header: bytes) -> None:
    """Raises ValueError unless the signature over the header is the key's."""
    try:
        key = serialization.load_der_public_key(public_key)
        if len(signature) != 64:
            raise ValueError("a signature has 64 bytes")
        if suite == Ed25519Signer.suite and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, CONTEXT + header)
        elif suite == P256Signer.suite and isinstance(key, ec.EllipticCurvePublicKey):
            if not isinstance(key.curve, ec.SECP256R1):
                raise ValueError("the key is not on P-256")
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            key.verify(utils.encode_dss_signature(r, s), CONTEXT + header, ec.ECDSA(hashes.SHA256()))
        else:
            raise ValueError("the key is not one of the suite")
    except InvalidSignature:
        raise ValueError("the signature is not this key's over this header") from None
    except UnsupportedAlgorithm as error:
        raise ValueError(f"not a key that this client knows: {error}") from None


class Author:
    """A key and its place in its own chain of headers."""

    def __init__(self, signer: Signer, ledger_id: bytes):
        self.signer = signer
        self.ledger_id = ledger_id
        self.key_id = sha256(signer.public_key).digest()
        self.sequence = 1
        self.previous = b""

    def batch(self, records: Sequence[bytes], **overrides: object) -> ledger_pb2.Batch:
        """The next batch, signed. Overrides replace header fields before signing, to make it a wrong one."""
        fields: dict[str, object] = dict(
            version=1,
            ledger_id=self.ledger_id,
            author_key_id=self.key_id,
            sequence=self.sequence,
            previous_header_digest=self.previous,
            created_at_microseconds=time.time_ns() // 1000,
            clock_quality=ledger_pb2.CLOCK_QUALITY_NTP,
            record_count=len(records),
            records_root=tree_root(records),
            on_error=ledger_pb2.ON_ERROR_REJECT_BATCH,
        )
        header = ledger_pb2.BatchHeader(**(fields | overrides)).SerializeToString()
        return self.seal(header, records)

    def seal(self, header: bytes, records: Sequence[bytes]) -> ledger_pb2.Batch:
        """A batch with any bytes for a header, signed."""
        signature = ledger_pb2.Signature(suite=self.signer.suite, value=self.signer.sign(CONTEXT + header))
        return ledger_pb2.Batch(header=header, signature=signature, records=records)

    def advance(self, batch: ledger_pb2.Batch) -> None:
        """Moves past a batch that the ledger has taken, or will take."""
        self.sequence += 1
        self.previous = sha256(batch.header).digest()

    def next_batch(self, records: Sequence[bytes], **overrides: object) -> ledger_pb2.Batch:
        batch = self.batch(records, **overrides)
        self.advance(batch)
        return batch


def record(**body: object) -> bytes:
    """A serialized Record with a fresh salt: record(provenance=...) or record(consortium=...)."""
    return ledger_pb2.Record(**({"salt": os.urandom(16)} | body)).SerializeToString()


def register_key(signer: Signer, member: str, role: int, **fields: object) -> bytes:
    """A registration by the member's own admin, or, as the rules want it for an ADMIN or NODE key, a proposal of one."""
    registration = consortium_pb2.RegisterKey(public_key=signer.public_key, member_id=member, roles=[role], **fields)
    if role in (consortium_pb2.ROLE_ADMIN, consortium_pb2.ROLE_NODE):
        return propose(register_key=registration)
    return record(consortium=consortium_pb2.ConsortiumRecord(register_key=registration))


def revoke_key(key_id: bytes, reason: str = "lost") -> bytes:
    revocation = consortium_pb2.RevokeKey(key_id=key_id, reason=reason)
    return record(consortium=consortium_pb2.ConsortiumRecord(revoke_key=revocation))


def propose(days: int = 7, **action: object) -> bytes:
    """A proposal, for instance propose(register_key=...); it expires some days from now."""
    expires = time.time_ns() // 1000 + days * 86_400_000_000
    proposal = consortium_pb2.Proposal(expires_at_microseconds=expires, **action)
    return record(consortium=consortium_pb2.ConsortiumRecord(propose=proposal))


def unsigned_header(batch: ledger_pb2.Batch) -> ledger_pb2.BatchHeader:
    """The header's fields; the header's bytes are what was signed."""
    return ledger_pb2.BatchHeader.FromString(batch.header)
