"""Our trees and notes against a third party's, aics-tlog."""

import base64
import os

import aics_tlog
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import merkle
from notes import NoteError, Policy, VerifierKey

ENTRIES = [bytes([i]) * i for i in range(40)]
TREE = aics_tlog.MerkleTree(ENTRIES)
ROOTS = list(merkle.prefix_roots(ENTRIES))


def test_roots_are_those_of_another_implementation():
    assert ROOTS == [TREE.root(size) for size in range(len(ENTRIES) + 1)]


def test_every_inclusion_proof_verifies_and_no_changed_one_does():
    for size in range(1, len(ENTRIES) + 1):
        for index in range(size):
            path = TREE.inclusion_proof(index, size)
            leaf = merkle.leaf_hash(ENTRIES[index])
            merkle.verify_inclusion(leaf, index, size, path, ROOTS[size])
            for wrong in changed_paths(path):
                with pytest.raises(merkle.ProofError):
                    merkle.verify_inclusion(leaf, index, size, wrong, ROOTS[size])
    with pytest.raises(merkle.ProofError):
        merkle.verify_inclusion(merkle.leaf_hash(ENTRIES[3]), 3, 3, [], ROOTS[3])


def test_every_consistency_proof_verifies_and_no_changed_one_does():
    for second in range(1, len(ENTRIES) + 1):
        for first in range(1, second + 1):
            path = TREE.consistency_proof(first, second)
            merkle.verify_consistency(first, second, path, ROOTS[first], ROOTS[second])
            for wrong in changed_paths(path):
                with pytest.raises(merkle.ProofError):
                    merkle.verify_consistency(first, second, wrong, ROOTS[first], ROOTS[second])
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(3, 2, [], ROOTS[3], ROOTS[2])


def changed_paths(path: list[bytes]) -> list[list[bytes]]:
    changed = [path + [bytes(32)]]
    for index in range(len(path)):
        changed.append(path[:index] + path[index + 1 :])
        changed.append(path[:index] + [os.urandom(32)] + path[index + 1 :])
    return changed


class Signed:
    """A checkpoint signed by aics-tlog, with one witness."""

    def __init__(self, origin: str = "harbour/" + "ab" * 32):
        self.key, self.witness = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.checkpoint = aics_tlog.Checkpoint(origin, 40, ROOTS[40])
        self.log_key = aics_tlog.vkey_from_ed25519(origin, self.key.public_key())
        self.witness_key = aics_tlog.cosignature_vkey("witness.example", self.witness.public_key())
        self.note = aics_tlog.sign_checkpoint(self.checkpoint, self.key, origin).serialise()
        _, line = aics_tlog.sign_cosignature(self.witness, "witness.example", 1_700_000_000, origin, 40, ROOTS[40])
        blob = line.key_id + line.signature
        self.cosigned = self.note + f"\u2014 {line.name} {base64.b64encode(blob).decode()}\n"

    def policy(self, quorum: str) -> Policy:
        log, witness = aics_tlog.format_vkey(self.log_key), aics_tlog.format_vkey(self.witness_key)
        return Policy.parse(f"# comment\nlog {log}\nwitness w1 {witness}\ngroup all-of-us all w1\nquorum {quorum}\n")


def test_a_checkpoint_of_another_implementation_verifies():
    signed = Signed()
    checkpoint = signed.policy("none").verify(signed.note)
    assert (checkpoint.size, checkpoint.root) == (40, ROOTS[40])
    assert signed.policy("all-of-us").verify(signed.cosigned).size == 40
    assert signed.policy("w1").verify(signed.cosigned).size == 40


def test_a_quorum_that_is_not_met_refuses():
    signed = Signed()
    with pytest.raises(NoteError, match="quorum"):
        signed.policy("all-of-us").verify(signed.note)


def test_no_changed_byte_of_a_checkpoint_verifies():
    signed = Signed()
    policy, note = signed.policy("w1"), signed.cosigned.encode()
    for index in range(len(note)):
        for flip in (0x01, 0x20, 0x80):
            wrong = note[:index] + bytes([note[index] ^ flip]) + note[index + 1 :]
            with pytest.raises(ValueError):
                policy.verify(wrong.decode())


def test_a_verifier_key_states_its_own_id():
    text = aics_tlog.format_vkey(Signed("example.com/log").log_key)
    assert VerifierKey.parse(text).public_key == aics_tlog.parse_vkey(text).public_key
    with pytest.raises(NoteError):
        VerifierKey.parse(text.replace("example", "exemple"))
