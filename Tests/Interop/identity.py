"""How a client says who it is: a certificate or a token, made with nothing but cryptography and PyJWT."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Callable

import grpc
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from authors import Signer, subject_public_key_info

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class ClientCertificate:
    """A chain, leaf first, and the leaf's private key, in PEM."""

    chain: bytes
    key: bytes


def certificate(
    key: PrivateKey,
    issuer: PrivateKey | None = None,
    name: str = "a name that decides nothing",
    valid_from: timedelta = timedelta(hours=-1),
    valid_for: timedelta = timedelta(days=1),
    is_authority: bool = False,
) -> x509.Certificate:
    """A certificate for a key, self-signed unless an authority issues it."""
    signing = issuer or key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a member's CA")]) if issuer else subject
    begin = datetime.now(timezone.utc) + valid_from
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + valid_for)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return builder.sign(signing, None if isinstance(signing, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def client_certificate(key: PrivateKey, *chain: x509.Certificate, **fields: Any) -> ClientCertificate:
    """What a client presents; without a chain a self-signed leaf is made."""
    certificates = chain or (certificate(key, **fields),)
    return ClientCertificate(
        b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def token(key: PrivateKey, ledger_id: bytes, headers: dict[str, str] | None = None, **claims: object) -> str:
    """A bearer token; claims replace what would be right, None leaves one out."""
    key_id = sha256(subject_public_key_info(key.public_key())).hexdigest()
    now = int(time.time())
    right: dict[str, object] = {"iss": key_id, "aud": ledger_id.hex(), "iat": now, "exp": now + 600}
    payload = {name: value for name, value in (right | claims).items() if value is not None}
    algorithm = "EdDSA" if isinstance(key, ed25519.Ed25519PrivateKey) else "ES256"
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": key_id} | (headers or {}))


@dataclass(frozen=True)
class Bearer:
    """Says in each call who asks, by a token that `make` gives."""

    make: Callable[[], str]

    @classmethod
    def of(cls, signer: Signer, ledger_id: bytes) -> "Bearer":
        return cls(lambda: token(signer.key, ledger_id))


class _Details(grpc.ClientCallDetails):
    def __init__(self, details: grpc.ClientCallDetails, metadata: list[tuple[str, str]]):
        self.method = details.method
        self.timeout = details.timeout
        self.metadata = metadata
        self.credentials = details.credentials
        self.wait_for_ready = details.wait_for_ready
        self.compression = details.compression


class BearerInterceptor(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """grpcio's own call credentials want TLS; this also serves plaintext on loopback."""

    def __init__(self, bearer: Bearer):
        self.bearer = bearer

    def _intercept(self, proceed: Any, details: grpc.ClientCallDetails, request: Any) -> Any:
        metadata = [*(details.metadata or ()), ("authorization", f"Bearer {self.bearer.make()}")]
        return proceed(_Details(details, metadata), request)

    intercept_unary_unary = _intercept
    intercept_unary_stream = _intercept
    intercept_stream_unary = _intercept
    intercept_stream_stream = _intercept
