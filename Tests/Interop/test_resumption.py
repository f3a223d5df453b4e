"""A TLS session that is taken up again is still its key's: no certificate is sent then, and no callback sees one."""

import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
from cairn.v1 import consortium_pb2
from cairn.v1.ledger_service_pb2 import WatchLogRequest

from authors import SIGNERS
from cairn_client import TIMEOUT, Registrar
from identity import client_certificate
from server import Server

DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def literal(name: str, value: str) -> bytes:
    """A header that no table knows and no code shortens (RFC 7541, section 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def watches(connection: ssl.SSLSocket) -> bool:
    """Asks for the log and says whether any of it comes: a refusal is headers alone (RFC 9113)."""
    headers = {
        ":method": "POST", ":scheme": "https", ":path": "/cairn.v1.LedgerService/WatchLog", ":authority": "localhost",
        "te": "trailers", "content-type": "application/grpc",
    }  # fmt: skip
    message = WatchLogRequest(entries_only=True, stop_at_end=True).SerializeToString()
    connection.sendall(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + frame(SETTINGS, 0, 0, b"")
        + frame(HEADERS, END_HEADERS, 1, b"".join(literal(*header) for header in headers.items()))
        + frame(DATA, END_STREAM, 1, b"\0" + len(message).to_bytes(4) + message)
    )
    with connection.makefile("rb") as answer:
        while head := answer.read(9):
            answer.read(int.from_bytes(head[:3]))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
            if stream == 1 and (kind == DATA or flags & END_STREAM):
                return kind == DATA
    raise AssertionError("the server ended the connection without an answer")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_is_still_its_keys(
    server: Server, registrar: Registrar, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    author = registrar.register(SIGNERS["p256"](), role=consortium_pb2.ROLE_OPERATOR)
    identity = client_certificate(author.signer.key)
    pem = tmp_path / "identity.pem"
    pem.write_bytes(identity.chain + identity.key)
    context = ssl.create_default_context(cafile=str(server.directory / "tls/cert.pem"))
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(pem)

    def connect(session: ssl.SSLSession | None) -> ssl.SSLSocket:
        host, _, port = server.address.rpartition(":")
        plain = socket.create_connection((host, int(port)), TIMEOUT)
        return context.wrap_socket(plain, server_hostname="localhost", session=session)

    with closing(connect(None)) as first:
        assert watches(first)
        session = first.session
    with closing(connect(session)) as second:
        assert second.session_reused
        assert watches(second)
    registrar.revoke(author)
    with closing(connect(session)) as third:
        assert third.session_reused
        assert not watches(third)
