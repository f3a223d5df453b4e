"""A log that a test keeps by itself, and how it speaks to a witness (C2SP tlog-witness)."""

import base64
import http.client
import json
import time
from dataclasses import dataclass, field

import aics_tlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notes import COSIGNATURE, VerifierKey, split_note
from server import START_SECONDS, Server
from test_metrics import wait_for_line

EM_DASH = "\u2014"


def write_witness_file(server: Server, **fields: object) -> None:
    """JSON is YAML."""
    (server.directory / "witness.yaml").write_text(json.dumps(fields))


def tiles_address(server: Server) -> str:
    return wait_for_line(server, "tiles on ").removeprefix("tiles on ").strip()


@dataclass
class Answer:
    status: int
    type: str
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def ask(address: str, path: str, body: bytes | None = None, method: str | None = None) -> Answer:
    """One request; what was sent of a body that is refused does not matter."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body=body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = connection.getresponse()
        text = response.read().decode()
        return Answer(response.status, response.headers.get("Content-Type", ""), text, dict(response.headers))
    finally:
        connection.close()


class GrowingLog:
    """A log of numbered entries; entry 5 and later ones differ from branch to branch."""

    def __init__(self, origin: str, branch: str = "a", key: Ed25519PrivateKey | None = None):
        self.origin = origin
        self.branch = branch
        self.key = key or Ed25519PrivateKey.generate()

    def fork(self, branch: str) -> "GrowingLog":
        return GrowingLog(self.origin, branch, self.key)

    @property
    def vkey(self) -> str:
        return aics_tlog.format_vkey(aics_tlog.vkey_from_ed25519(self.origin, self.key.public_key()))

    def tree(self, size: int) -> aics_tlog.MerkleTree:
        leaves = (f"{self.branch if n >= 5 else 'a'}{n}".encode() for n in range(size))
        return aics_tlog.MerkleTree(leaves)

    def note(self, size: int, key: Ed25519PrivateKey | None = None) -> str:
        checkpoint = aics_tlog.Checkpoint(self.origin, size, self.tree(size).root())
        return aics_tlog.sign_checkpoint(checkpoint, key or self.key, self.origin).serialise()

    def proof(self, old: int, size: int) -> list[bytes]:
        return list(self.tree(size).consistency_proof(old, size)) if 0 < old < size else []

    def body(self, old: int, size: int, note: str | None = None, proof: list[bytes] | None = None) -> bytes:
        hashes = self.proof(old, size) if proof is None else proof
        lines = "".join(base64.b64encode(node).decode() + "\n" for node in hashes)
        return f"old {old}\n{lines}\n{note or self.note(size)}".encode()


def cosigned_at(note: str, line: str, vkey: str) -> int:
    """Checks a cosignature line over a note with our own reader and with aics-tlog; the second it was made at."""
    key = VerifierKey.parse(vkey)
    assert key.kind == COSIGNATURE
    text, _ = split_note(note)
    assert line.endswith("\n") and line.count("\n") == 1
    _, ((name, key_id, signature),) = split_note(f"{text}\n{line}")
    assert (name, key_id) == (key.name, key.key_id)
    key.verify(text, signature)
    checkpoint = aics_tlog.parse_checkpoint(text)
    assert aics_tlog.verify_cosignature(
        signature, key.name, key.public_key, checkpoint.origin, checkpoint.size, checkpoint.root
    )
    return int.from_bytes(signature[:8], "big")


def wait_until(condition, what: str):
    """What the condition gives once that is true."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
