"""A member that signs two logs: its cosignature over another one, and how it reaches the others."""

import base64
import socket
import ssl
import struct
import time
from pathlib import Path

from authors import Ed25519Signer
from notes import COSIGNATURE, VerifierKey


def cosigned(origin: str, member: str, key: Ed25519Signer, size: int, root: bytes) -> str:
    """A checkpoint with that member's cosignature alone, as its node would make it."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    public = key.key.public_key().public_bytes_raw()
    seconds = int(time.time())
    signature = key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    verifier = VerifierKey(f"{origin}/{member}", COSIGNATURE, public)
    blob = verifier.key_id + struct.pack(">Q", seconds) + signature
    return f"{text}\n\u2014 {verifier.name} {base64.b64encode(blob).decode()}\n"


def broadcast(server: str, files: dict[str, Path], subject: str, payload: bytes) -> None:
    """Publishes on the engine in the name of the member whose files these are."""
    host, _, port = server.removeprefix("tls://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        while not plain.recv(4096).endswith(b"\r\n"):
            pass
        context = ssl.create_default_context(cafile=files["ca"])
        context.load_cert_chain(files["certificate"], files["key"])
        with context.wrap_socket(plain, server_hostname=host) as connection:
            message = b"PUB %s %d\r\n%s\r\n" % (subject.encode(), len(payload), payload)
            connection.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\n' + message + b"PING\r\n")
            answer = b""
            while b"PONG\r\n" not in answer:
                part = connection.recv(4096)
                assert part and b"-ERR" not in answer + part, answer + part
                answer += part
