"""A node's certificate for the engine is renewed while it runs: new files, SIGHUP, and nothing is lost or sent twice."""

import datetime
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from authors import Author, Ed25519Signer
from events import event_record, sgtin_link
from test_consortium_nodes import client_of, is_final, running, until

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node, Plan  # noqa: E402

ENGINE = Path(__file__).resolve().parents[2] / "ops/lib/engine"


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with running(tmp_path_factory.mktemp("renewal"), Plan.make(1, 1)) as made:
        yield made


@pytest.fixture(scope="module")
def node(consortium: Consortium) -> Node:
    return consortium.nodes[0]


@pytest.fixture(scope="module")
def author(consortium: Consortium, node: Node) -> Author:
    with client_of(node) as client:
        return Author(Ed25519Signer.load(consortium.device(node.id, "gate")), client.info().ledger_id)


def certificate(consortium: Consortium, node: Node) -> tuple[bytes, bytes]:
    """Another certificate of that member, with a key of its own: PEM."""
    authority = consortium.engine.folder / "authority"
    issuer = x509.load_pem_x509_certificate((authority / "cert.pem").read_bytes())
    signer = serialization.load_pem_private_key((authority / "key.pem").read_bytes(), None)
    old = x509.load_pem_x509_certificate(consortium.engine.files(node.id)["certificate"].read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(issuer.subject, old.subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=30))
    for extension in old.extensions:
        if extension.oid == x509.SubjectAlternativeName.oid or extension.oid == x509.ExtendedKeyUsage.oid:
            builder = builder.add_extension(extension.value, extension.critical)
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return builder.sign(signer, hashes.SHA256()).public_bytes(pem), key.private_bytes(pem, *plain)


def digest(pem: bytes) -> str:
    return sha256(x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)).hexdigest()


def connected(consortium: Consortium) -> set[str]:
    """SHA-256 of the certificates with which clients are connected, as the engine's server tells them."""
    about = consortium.engine.ask(consortium.engine.daemons[0], "connz?auth=1")
    return {client["tls_peer_certs"][0]["cert_sha256"] for client in about["connections"]}


def record(node: Node, author: Author, serial: str) -> None:
    batch = author.next_batch([event_record([sgtin_link(serial)])])
    with client_of(node) as client:
        until(lambda: is_final(client, batch), f"{serial} is not final")


def told(node: Node, text: str) -> bool:
    return text in node.daemon.log.read_text()


def test_a_node_takes_a_new_certificate_on_sighup(consortium: Consortium, node: Node, author: Author):
    files = consortium.engine.files(node.id)
    assert connected(consortium) == {digest(files["certificate"].read_bytes())}
    record(node, author, "before")
    pid = node.daemon.pid
    pem, key = certificate(consortium, node)
    files["certificate"].write_bytes(pem)
    files["key"].write_bytes(key)
    node.daemon.signal(signal.SIGHUP)
    until(lambda: connected(consortium) == {digest(pem)}, "the engine does not see the new certificate")
    record(node, author, "after")
    assert node.daemon.pid == pid and told(node, "took the engine's certificates again")


def test_files_that_are_no_use_change_nothing(consortium: Consortium, node: Node, author: Author):
    files = consortium.engine.files(node.id)
    pem = files["certificate"].read_bytes()
    other, _ = certificate(consortium, node)
    for useless in (b"no certificate", other):
        files["certificate"].write_bytes(useless)
        kept = node.daemon.log.read_text().count("kept the engine's certificates that there were")
        node.daemon.signal(signal.SIGHUP)
        until(
            lambda: node.daemon.log.read_text().count("kept the engine's certificates that there were") == kept + 1,
            "it does not say that it kept the old one",
        )
        record(node, author, f"kept-{kept}")
        assert connected(consortium) == {digest(pem)}
    files["certificate"].write_bytes(pem)


def test_a_key_that_others_can_read_is_not_taken(consortium: Consortium, node: Node, author: Author):
    files = consortium.engine.files(node.id)
    files["key"].chmod(0o644)
    node.daemon.signal(signal.SIGHUP)
    until(lambda: told(node, "KEY_FILE_MODE"), "it does not say why it kept the old one")
    record(node, author, "secret")


def test_servers_have_names_and_members_go(tmp_path: Path) -> None:
    """What the engine's operators make for servers elsewhere, and for a member that was voted out."""
    folder = tmp_path / "engine"
    hosts = ["engine-1.example", "192.0.2.7", "engine-3.example"]

    def engine(*words: object) -> None:
        subprocess.run([ENGINE, *map(str, words)], check=True, timeout=60)

    engine("make", folder, "--members", "mill,shop", "--hosts", ",".join(hosts), "--port", 14222)
    for number, host in enumerate(hosts, 1):
        shown = x509.load_pem_x509_certificate((folder / f"servers/s{number}/cert.pem").read_bytes())
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert host in [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    assert [url.split("//")[1].split(":")[0] for url in (folder / "members/mill/servers").read_text().split()] == hosts
    assert "shop" in (folder / "accounts.conf").read_text()
    engine("remove", folder, "shop")
    assert "shop" not in (folder / "accounts.conf").read_text()
    again = subprocess.run([ENGINE, "remove", folder, "shop"], capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "no member" in again.stderr
