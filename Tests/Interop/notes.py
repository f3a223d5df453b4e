"""C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-policy: only the reading side."""

import base64
import struct
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTE_SIGNATURE, COSIGNATURE = 0x01, 0x04


class NoteError(ValueError):
    """A note, key or policy that is malformed or does not verify."""


@dataclass(frozen=True)
class VerifierKey:
    name: str
    kind: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """name+<8 hex of the key id>+<base64 of type and key>"""
        name, _, rest = text.partition("+")
        stated, _, material = rest.partition("+")
        blob = strict_base64(material)
        require(len(blob) == 33 and blob[0] in (NOTE_SIGNATURE, COSIGNATURE), f"not an Ed25519 key: {text}")
        key = cls(checked_name(name), blob[0], blob[1:])
        require(stated == key.key_id.hex(), f"{text} states key id {stated}, it is {key.key_id.hex()}")
        return key

    def verify(self, note_text: str, signature: bytes) -> None:
        message = note_text.encode()
        if self.kind == COSIGNATURE:
            require(len(signature) == 72, "a cosignature has 72 bytes")
            (seconds,) = struct.unpack(">Q", signature[:8])
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature:
            raise NoteError(f"the signature of {self.name} is wrong") from None


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint and the keys of the verifier that are known to have signed it."""

    origin: str
    size: int
    root: bytes
    signers: frozenset[VerifierKey]


@dataclass
class Policy:
    """Which logs are trusted, and whose cosignatures a checkpoint needs."""

    logs: dict[str, VerifierKey] = field(default_factory=dict)
    log_keys: dict[str, list[VerifierKey]] = field(default_factory=dict)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> "Policy":
        policy = cls()
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            policy.add(words[0], words[1:])
        require(bool(policy.logs) and bool(policy.quorum), "a policy names a log and a quorum")
        return policy

    def add(self, keyword: str, words: list[str]) -> None:
        if keyword == "log" and words:
            key = VerifierKey.parse(words[0])
            self.logs[key.name] = key
            self.log_keys.setdefault(key.name, []).append(key)
        elif keyword == "witness" and len(words) > 1:
            self.witnesses[words[0]] = VerifierKey.parse(words[1])
        elif keyword == "group" and len(words) > 2:
            name, threshold, *members = words
            count = {"any": 1, "all": len(members)}.get(threshold) or int(threshold)
            require(0 < count <= len(members), f"group {name} can never be met")
            self.groups[name] = (count, members)
        elif keyword == "quorum" and len(words) == 1:
            self.quorum = words[0]
        else:
            raise NoteError(f"not a policy line: {keyword}")

    def satisfied(self, name: str, signers: frozenset[VerifierKey]) -> bool:
        if name == "none":
            return True
        if name in self.witnesses:
            return self.witnesses[name] in signers
        require(name in self.groups, f"the policy does not define {name}")
        count, members = self.groups[name]
        return sum(self.satisfied(member, signers) for member in members) >= count

    def verify(self, note: str) -> Checkpoint:
        """The checkpoint in the note, if this policy accepts it."""
        text, signatures = split_note(note)
        origin, size, root = parse_checkpoint(text)
        require(origin in self.logs, f"the policy does not know the log {origin}")
        log_keys = self.log_keys.get(origin, [self.logs[origin]])
        known = [*log_keys, *self.witnesses.values()]
        signers = set()
        for name, key_id, signature in signatures:
            for key in known:
                if (key.name, key.key_id) == (name, key_id):
                    key.verify(text, signature)
                    signers.add(key)
        require(not signers.isdisjoint(log_keys), "the log's own signature is missing")
        require(self.satisfied(self.quorum, frozenset(signers)), f"the quorum {self.quorum} is not met")
        return Checkpoint(origin, size, root, frozenset(signers))


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text and its signatures as (name, key id, signature)."""
    require(all(c == "\n" or unicodedata.category(c) != "Cc" for c in note), "a note has no control characters")
    text, separator, block = note.rpartition("\n\n")
    require(bool(separator) and block.endswith("\n"), "a note ends in a blank line and signature lines")
    signatures = []
    for line in block[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = strict_base64(encoded)
        require(dash == "\u2014" and len(blob) > 4, f"not a signature line: {line}")
        signatures.append((checked_name(name), blob[:4], blob[4:]))
    return text + "\n", signatures


def parse_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root; extension lines are refused, as witnesses do."""
    lines = text.split("\n")
    require(len(lines) == 4 and lines[3] == "", "a checkpoint has exactly three lines")
    origin, size, root = lines[:3]
    require(size.isascii() and size.isdecimal() and str(int(size)) == size, f"not a size: {size}")
    require(len(strict_base64(root)) == 32, "a root has 32 bytes")
    return checked_name(origin), int(size), strict_base64(root)


def strict_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise NoteError(f"not base64: {text}") from None
    require(base64.b64encode(data).decode() == text, f"not canonical base64: {text}")
    return data


def checked_name(name: str) -> str:
    require(bool(name) and "+" not in name and not any(c.isspace() for c in name), f"not a key name: {name!r}")
    return name


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NoteError(otherwise)
