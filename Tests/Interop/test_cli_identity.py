"""Who asks, at the command line: keys, certificates, tokens."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from authors import subject_public_key_info
from identity import ClientCertificate
from server import Server, run

SUITES = ("ed25519", "p256")


def where(server: Server) -> tuple[object, ...]:
    if server.plaintext:
        return ("--server", server.address, "--plaintext")
    return ("--server", server.address, "--ca", server.directory / "tls/cert.pem")


def new_key(folder: Path, suite: str) -> Path:
    key = folder / f"{suite}.pem"
    made = run("cairn", "keygen", key, "--suite", suite)
    assert made.returncode == 0, made.stderr
    return key


def registered_key(server: Server, folder: Path, suite: str, role: str = "operator") -> Path:
    key = new_key(folder, suite)
    result = run(
        "cairn", "key", "register", "--key", server.admin_key, "--public-key", f"{key}.pub", "--member", "acme",
        "--role", role, *where(server),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return key


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def failed(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1, result
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.mark.parametrize("suite", SUITES)
def test_keygen_writes_a_certificate_for_other_programs(server: Server, tmp_path: Path, suite: str) -> None:
    key = registered_key(server, tmp_path, suite)
    path = Path(f"{key}.crt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 825
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate.verify_directly_issued_by(certificate)
    with server.client_as(ClientCertificate(path.read_bytes(), key.read_bytes())) as client:
        assert client.entries()


def test_an_sm2_key_gets_no_certificate(tmp_path: Path) -> None:
    key = new_key(tmp_path, "sm2")
    assert not Path(f"{key}.crt").exists()
    failed(run("cairn", "certificate", key), "UNSUPPORTED_KEY")


def test_keygen_overwrites_no_certificate(tmp_path: Path) -> None:
    path = tmp_path / "key.pem.crt"
    path.write_text("mine")
    failed(run("cairn", "keygen", tmp_path / "key.pem"), "FILE_EXISTS")
    assert path.read_text() == "mine"
    assert not (tmp_path / "key.pem").exists()


def test_a_certificate_is_printed_for_a_key(tmp_path: Path) -> None:
    key = new_key(tmp_path, "ed25519")
    printed = succeeded(run("cairn", "certificate", key, "--days", 7))
    certificate = x509.load_pem_x509_certificate(printed.encode())
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    assert subject_public_key_info(certificate.public_key()) == subject_public_key_info(private.public_key())
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 7
    failed(run("cairn", "certificate", key, "--days", 0), "INVALID_VALIDITY")


@pytest.mark.parametrize("suite", SUITES)
def test_watching_takes_an_identity(
    server: Server, tmp_path: Path, suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = registered_key(server, tmp_path, suite)
    failed(run("cairn", "watch", *where(server)), "IDENTITY_REQUIRED", "certificate", "token")
    everything = succeeded(run("cairn", "watch", "--identity", key, *where(server)))
    token = succeeded(run("cairn", "token", "--key", key, "--minutes", 5, *where(server))).strip()
    assert succeeded(run("cairn", "watch", "--token", token, *where(server))) == everything
    monkeypatch.setenv("CAIRN_TOKEN", token)
    assert succeeded(run("cairn", "watch", *where(server))) == everything
    monkeypatch.setenv("CAIRN_TOKEN", "")
    monkeypatch.setenv("CAIRN_IDENTITY", str(key))
    assert succeeded(run("cairn", "watch", *where(server))) == everything


def test_where_there_is_no_tls_a_key_makes_tokens(own_server: Server, tmp_path: Path) -> None:
    own_server.start("--plaintext")
    key = registered_key(own_server, tmp_path, "ed25519")
    succeeded(run("cairn", "watch", "--identity", key, *where(own_server)))
    failed(run("cairn", "watch", *where(own_server)), "IDENTITY_REQUIRED")


def test_a_token_is_made_offline(server: Server, tmp_path: Path) -> None:
    key = registered_key(server, tmp_path, "p256")
    arguments = ("--key", key, "--ledger", server.ledger_id().hex(), "--server", "127.0.0.1:1")
    token = succeeded(run("cairn", "token", *arguments)).strip()
    succeeded(run("cairn", "watch", "--token", token, *where(server)))
    failed(run("cairn", "token", *arguments, "--minutes", 61), "INVALID_LIFETIME")
    failed(run("cairn", "token", "--key", new_key(tmp_path, "sm2"), *arguments[2:]), "UNSUPPORTED_KEY")


def test_a_device_does_not_watch(server: Server, tmp_path: Path) -> None:
    key = registered_key(server, tmp_path, "p256", role="device")
    failed(run("cairn", "watch", "--identity", key, *where(server)), "ROLE_FORBIDS_CALL")


def test_an_unregistered_identity_is_named(server: Server, tmp_path: Path) -> None:
    key = new_key(tmp_path, "ed25519")
    failed(run("cairn", "status", "--identity", key, *where(server)), "UNKNOWN_KEY", "not registered")


def test_one_identity_at_a_time(server: Server, tmp_path: Path) -> None:
    result = run("cairn", "status", "--identity", tmp_path / "x", "--token", "y", *where(server))
    assert result.returncode == 2
    assert "exclude" in result.stderr


def test_a_token_that_is_none_is_not_sent(server: Server) -> None:
    failed(run("cairn", "status", "--token", "two words", *where(server)), "MALFORMED_TOKEN")
    failed(run("cairn", "status", "--token", "x", *where(server)), "MALFORMED_TOKEN")
