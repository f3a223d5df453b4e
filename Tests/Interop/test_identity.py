"""Who asks: client certificates and bearer tokens, made by stock tools, and the end of both."""

import time
from datetime import timedelta
from hashlib import sha256
from queue import SimpleQueue
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2
from cairn.v1.ledger_service_pb2 import GetLedgerRequest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from authors import SIGNERS, Author, subject_public_key_info
from cairn_client import TIMEOUT, Client, Refusal, Registrar, refused
from identity import Bearer, ClientCertificate, certificate, client_certificate, token
from server import Server

OPERATOR = consortium_pb2.ROLE_OPERATOR
DEVICE = consortium_pb2.ROLE_DEVICE
SUITES = list(SIGNERS)


def key_id(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return sha256(subject_public_key_info(key.public_key())).hexdigest()


@pytest.fixture
def operator(registrar: Registrar) -> Author:
    return registrar.register(SIGNERS["p256"](), role=OPERATOR)


@pytest.fixture
def nobody(server: Server) -> Iterator[Client]:
    with server.client_as(None) as client:
        yield client


def watched(client: Client) -> int:
    return len(client.entries())


# Certificates


@pytest.mark.parametrize("suite", SUITES)
def test_a_self_signed_certificate_of_a_registered_key(server: Server, registrar: Registrar, suite: str) -> None:
    author = registrar.register(SIGNERS[suite](), role=OPERATOR)
    with server.client_as(client_certificate(author.signer.key)) as client:
        assert watched(client) > 0


@pytest.mark.parametrize("suite", SUITES)
def test_a_certificate_that_an_authority_issued(server: Server, registrar: Registrar, suite: str) -> None:
    author = registrar.register(SIGNERS[suite](), role=OPERATOR)
    authority = ec.generate_private_key(ec.SECP384R1())
    leaf = certificate(author.signer.key, issuer=authority)
    root = certificate(authority, name="a member's CA", is_authority=True)
    for chain in ([leaf], [leaf, root]):
        with server.client_as(client_certificate(author.signer.key, *chain)) as client:
            assert watched(client) > 0


@pytest.mark.parametrize("suite", SUITES)
def test_an_unknown_key_is_named_in_the_answer(server: Server, suite: str) -> None:
    key = SIGNERS[suite]().key
    with server.client_as(client_certificate(key)) as client:
        with refused("UNKNOWN_KEY") as caught:
            client.info()
    assert caught.refusal.code == grpc.StatusCode.UNAUTHENTICATED
    assert key_id(key) in caught.refusal.message


def test_a_key_that_no_ledger_registers(server: Server) -> None:
    with server.client_as(client_certificate(rsa.generate_private_key(65537, 2048))) as client:
        with refused("UNKNOWN_KEY"):
            client.info()


def test_a_certificates_own_dates_count(server: Server, operator: Author) -> None:
    for dates, reason in (
        (dict(valid_from=timedelta(days=-2), valid_for=timedelta(days=1)), "CERTIFICATE_EXPIRED"),
        (dict(valid_from=timedelta(days=1)), "CERTIFICATE_NOT_YET_VALID"),
    ):
        with server.client_as(client_certificate(operator.signer.key, **dates)) as client, refused(reason) as caught:
            client.info()
        assert caught.refusal.code == grpc.StatusCode.UNAUTHENTICATED
        assert key_id(operator.signer.key) in caught.refusal.message


def test_a_key_that_is_not_valid_yet(server: Server, registrar: Registrar) -> None:
    later = time.time_ns() // 1000 + 3_600_000_000
    author = registrar.register(SIGNERS["ed25519"](), role=OPERATOR, not_before_microseconds=later)
    with server.client_as(client_certificate(author.signer.key)) as client, refused("KEY_NOT_YET_VALID"):
        client.info()


def test_too_long_a_chain_gets_no_connection(server: Server, operator: Author) -> None:
    others = [certificate(ec.generate_private_key(ec.SECP256R1())) for _ in range(8)]
    presented = client_certificate(operator.signer.key, certificate(operator.signer.key), *others)
    with server.client_as(presented) as client:
        with pytest.raises(grpc.RpcError) as caught:
            client.info()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


# Revocation


@pytest.mark.parametrize("how", ["certificate", "token"])
def test_revoking_a_key_ends_its_open_stream_at_once(server: Server, registrar: Registrar, how: str) -> None:
    author = registrar.register(SIGNERS["p256"](), role=OPERATOR)
    key = author.signer.key
    identity: ClientCertificate | Bearer = client_certificate(key)
    if how == "token":
        identity = Bearer.of(author.signer, server.ledger_id())
    with server.client_as(identity) as client:
        stream = client.watch(entries_only=True)
        next(stream)
        registrar.revoke(author)
        with pytest.raises(grpc.RpcError) as caught:
            for _ in stream:
                pass
        refusal = Refusal.of(caught.value)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "KEY_REVOKED"), refusal
        assert key_id(key) in refusal.message
        with refused("KEY_REVOKED"):
            client.info()


def test_the_connection_of_a_revoked_key_is_closed(server: Server, registrar: Registrar) -> None:
    author = registrar.register(SIGNERS["p256"](), role=OPERATOR)
    with server.client_as(client_certificate(author.signer.key)) as client:
        client.info()
        states: SimpleQueue[grpc.ChannelConnectivity] = SimpleQueue()
        client.channel.subscribe(states.put)
        assert states.get(timeout=TIMEOUT) == grpc.ChannelConnectivity.READY
        registrar.revoke(author)
        assert states.get(timeout=TIMEOUT) == grpc.ChannelConnectivity.IDLE


def test_revoking_one_key_leaves_others_alone(server: Server, registrar: Registrar, operator: Author) -> None:
    with server.client_as(client_certificate(operator.signer.key)) as client:
        stream = client.watch(from_position=client.info().log_size, entries_only=True)
        receipt = registrar.revoke(registrar.register(SIGNERS["ed25519"]()))
        assert [next(stream).position for _ in range(2)] == [receipt.position - 1, receipt.position]


def test_a_key_that_expires_ends_its_open_stream(server: Server, registrar: Registrar) -> None:
    until = time.time_ns() // 1000 + 3_000_000
    author = registrar.register(SIGNERS["p256"](), role=OPERATOR, not_after_microseconds=until)
    with server.client_as(client_certificate(author.signer.key)) as client:
        with refused("KEY_EXPIRED"):
            for _ in client.watch(entries_only=True):
                pass
        with refused("KEY_EXPIRED"):
            client.info()


# Tokens


@pytest.mark.parametrize("suite", SUITES)
def test_a_token_of_a_registered_key(server: Server, registrar: Registrar, suite: str) -> None:
    author = registrar.register(SIGNERS[suite](), role=OPERATOR)
    with server.client_as(Bearer.of(author.signer, server.ledger_id())) as client:
        assert watched(client) > 0


def test_a_token_in_plaintext_on_loopback(own_server: Server) -> None:
    with own_server.start("--plaintext").client() as client:
        assert watched(client) == 1
    with own_server.client_as(None) as client, refused("IDENTITY_REQUIRED"):
        client.entries()


def test_tokens_that_are_refused(server: Server, operator: Author) -> None:
    key, ledger, now = operator.signer.key, server.ledger_id(), int(time.time())
    stranger = SIGNERS["p256"]().key
    own = key_id(key)
    good = token(key, ledger)
    refusals = {
        "WRONG_AUDIENCE": [token(key, bytes(32)), token(key, ledger, aud=[]), token(key, ledger, aud=["a", "b"])],
        "TOKEN_EXPIRED": [token(key, ledger, iat=now - 900, exp=now - 31)],
        "TOKEN_NOT_YET_VALID": [token(key, ledger, iat=now + 60, exp=now + 120), token(key, ledger, nbf=now + 3_600)],
        "TOKEN_TOO_LONG_LIVED": [token(key, ledger, exp=now + 3_700), token(key, ledger, iat=0, exp=now + 60)],
        "UNKNOWN_KEY": [token(stranger, ledger)],
        "BAD_SIGNATURE": [
            token(stranger, ledger, {"kid": own}, iss=own),
            good.rpartition(".")[0] + ".",
            good.rpartition(".")[0] + "." + token(key, ledger, jti="other").rpartition(".")[2],
        ],
        "MALFORMED_TOKEN": [
            "",
            "x",
            "a.b.c",
            "..",
            good + ".x",
            token(key, ledger, exp=None),
            token(key, ledger, iat=None),
            token(key, ledger, iss=None),
            token(key, ledger, iss="somebody"),
            token(key, ledger, aud=None),
            token(key, ledger, aud=7),
            token(key, ledger, exp=1e300),
            token(key, ledger, {"kid": "somebody"}),
            token(key, ledger, {"crit": ["b64"]}),
            token(SIGNERS["ed25519"]().key, ledger, {"kid": own}, iss=own),
            token(key, ledger, padding="x" * 4_096),
        ],
    }
    for reason, tokens in refusals.items():
        for text in tokens:
            with server.client_as(Bearer(lambda text=text: text)) as client, refused(reason) as caught:
                client.info()
            assert caught.refusal.code == grpc.StatusCode.UNAUTHENTICATED
    with server.client_as(Bearer(lambda: token(key, ledger, aud=["other", ledger.hex()]))) as client:
        client.info()


def test_a_token_that_expires_ends_its_open_stream(server: Server, operator: Author) -> None:
    now = int(time.time())
    soon = token(operator.signer.key, server.ledger_id(), iat=now - 60, exp=now - 27)
    with server.client_as(Bearer(lambda: soon)) as client, refused("TOKEN_EXPIRED") as caught:
        for _ in client.watch(entries_only=True):
            pass
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 27))
    assert f"good until {end}," in caught.refusal.message, caught.refusal


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearer", "bearer"])
def test_an_authorization_that_is_no_token(nobody: Client, value: str) -> None:
    with refused("MALFORMED_AUTHORIZATION"):
        nobody.ledger.GetLedger(GetLedgerRequest(), timeout=TIMEOUT, metadata=[("authorization", value)])


def test_two_identities_must_be_one(server: Server, registrar: Registrar, operator: Author) -> None:
    other = registrar.register(SIGNERS["ed25519"](), role=OPERATOR)
    ledger = server.ledger_id()
    with server.client_as(client_certificate(operator.signer.key)) as client:
        for signer, expected in ((operator.signer, None), (other.signer, "TWO_IDENTITIES")):
            metadata = [("authorization", f"Bearer {token(signer.key, ledger)}")]
            if expected is None:
                client.ledger.GetLedger(GetLedgerRequest(), timeout=TIMEOUT, metadata=metadata)
            else:
                with refused(expected):
                    client.ledger.GetLedger(GetLedgerRequest(), timeout=TIMEOUT, metadata=metadata)


def test_no_token_is_ever_logged(server: Server, operator: Author) -> None:
    good = token(operator.signer.key, server.ledger_id())
    bad = good[:-8] + "AAAAAAAA"
    for text in (good, bad):
        with server.client_as(Bearer(lambda text=text: text)) as client:
            try:
                watched(client)
            except grpc.RpcError:
                pass
    assert good.rpartition(".")[0] not in server.output()
    assert "AAAAAAAA" not in server.output()


# What each may call


def test_nobody_may_ask_what_is_for_everyone(server: Server, nobody: Client) -> None:
    nobody.info()
    health = health_pb2_grpc.HealthStub(nobody.channel)
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT).status == 1
    reflection = reflection_pb2_grpc.ServerReflectionStub(nobody.channel)
    requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    assert list(reflection.ServerReflectionInfo(requests, timeout=TIMEOUT))
    nobody.checkpoint(server.policy())


def test_the_log_is_for_registered_keys(nobody: Client) -> None:
    for ask in (nobody.entries, lambda: nobody.equivocations(bytes(32))):
        with refused("IDENTITY_REQUIRED") as caught:
            ask()
        assert caught.refusal.code == grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("how", ["certificate", "token"])
def test_the_log_is_not_for_devices(server: Server, author: Author, how: str) -> None:
    identity: ClientCertificate | Bearer = client_certificate(author.signer.key)
    if how == "token":
        identity = Bearer.of(author.signer, server.ledger_id())
    with server.client_as(identity) as client:
        client.info()
        for ask in (client.entries, lambda: client.equivocations(author.key_id)):
            with refused("ROLE_FORBIDS_CALL") as caught:
                ask()
            assert caught.refusal.code == grpc.StatusCode.PERMISSION_DENIED
