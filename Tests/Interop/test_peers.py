"""A member's node fetches the ledger from another's: everything verified, killed and gone on with, lied to."""

import signal
import socket
import subprocess
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Callable, Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, peer_service_pb2, peer_service_pb2_grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authors import Author, Ed25519Signer, record
from cairn_client import Client, refused
from events import event_record, sgtin_link
from identity import Bearer
from notes import Policy
from server import Server, program, run


class NodeKey:
    """A key that the members let sign as a node, and its file."""

    def __init__(self, path: Path):
        self.private = Ed25519PrivateKey.generate()
        self.signer = Ed25519Signer(self.private)
        self.path = path
        path.write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        path.chmod(0o600)


def vote_in(server: Server, client: Client, key: NodeKey) -> None:
    """The one member decides alone: its proposal is its vote."""
    registration = consortium_pb2.RegisterKey(
        public_key=key.signer.public_key, member_id="acme", roles=[consortium_pb2.ROLE_NODE]
    )
    expires = int((time.time() + 3_600) * 1e6)
    proposal = consortium_pb2.Proposal(register_key=registration, expires_at_microseconds=expires)
    admin = server.registrar(client).author
    client.record(admin, [record(consortium=consortium_pb2.ConsortiumRecord(propose=proposal))])


def write(client: Client, author: Author, number: int, events: int = 3) -> None:
    batches = [
        author.next_batch([event_record([sgtin_link(f"P{index}-{event}")]) for event in range(events)])
        for index in range(number)
    ]
    assert all(answer.receipt.position for answer in client.stream(batches))


class Ledger:
    """A served ledger of some batches, and a node key that was voted in."""

    def __init__(self, server: Server, folder: Path, batches: int):
        self.server = server
        self.key = NodeKey(folder / "node.pem")
        server.start()
        with server.client() as client:
            self.author = server.registrar(client).register(Ed25519Signer())
            vote_in(server, client, self.key)
            write(client, self.author, batches)

    @property
    def certificate(self) -> Path:
        return self.server.directory / "tls/cert.pem"

    def command(self, directory: Path, *peers: str, ca: Path | None = None) -> list[str]:
        addresses = peers or (self.server.address,)
        return [
            program("cairnd"), "join", str(directory), "--genesis", str(self.server.directory / "genesis.yaml"),
            "--node-key", str(self.key.path), "--ca", str(ca or self.certificate),
            *(part for address in addresses for part in ("--peer", address)),
        ]  # fmt: skip

    def join(self, directory: Path, *peers: str, ca: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = self.command(directory, *peers, ca=ca)
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, stdin=subprocess.DEVNULL)


@pytest.fixture
def ledger(own_server: Server, tmp_path: Path) -> Ledger:
    return Ledger(own_server, tmp_path, batches=60)


def root(directory: Path) -> str:
    checked = run("cairnd", "check", directory)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return checked.stdout.splitlines()[-1]


def test_a_joined_node_has_the_same_ledger_and_serves_it(ledger: Ledger, tmp_path: Path):
    joined = ledger.join(tmp_path / "joined")
    assert joined.returncode == 0, joined.stderr
    assert "signed by acme" in joined.stdout
    with ledger.server.client() as client:
        size = client.info().log_size
    assert ledger.server.stop() == 0
    assert root(tmp_path / "joined") == root(ledger.server.directory)
    other = Server(tmp_path / "joined").start()
    try:
        identity = Bearer.of(Ed25519Signer.load(ledger.server.admin_key), ledger.server.ledger_id())
        with other.client_as(identity) as client:
            assert client.info().log_size == size
            assert client.checkpoint(other.policy()).size == size
            assert client.history(sgtin_link("P7-1")).events
    finally:
        assert other.stop() == 0, other.output()


def test_what_came_later_is_fetched_by_joining_again(ledger: Ledger, tmp_path: Path):
    assert ledger.join(tmp_path / "joined").returncode == 0
    with ledger.server.client() as client:
        write(client, ledger.author, 5)
    again = ledger.join(tmp_path / "joined")
    assert again.returncode == 0, again.stderr
    assert ledger.server.stop() == 0
    assert root(tmp_path / "joined") == root(ledger.server.directory)


def test_a_killed_join_goes_on(ledger: Ledger, tmp_path: Path):
    with ledger.server.client() as client:
        write(client, ledger.author, 3_000, events=1)
    database = tmp_path / "joined/ledger.db-wal"
    process = subprocess.Popen(ledger.command(tmp_path / "joined"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None and not (database.exists() and database.stat().st_size > 400_000):
        time.sleep(0.001)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert killed, "it was done before it could be killed"
    refused_start = run("cairnd", "serve", tmp_path / "joined", "--listen", "127.0.0.1:0")
    assert refused_start.returncode == 1 and "CATCH_UP_UNFINISHED" in refused_start.stderr
    unfinished = run("cairnd", "check", tmp_path / "joined")
    assert unfinished.returncode == 1 and "not proven yet" in unfinished.stderr
    joined = ledger.join(tmp_path / "joined")
    assert joined.returncode == 0, joined.stderr
    assert ledger.server.stop() == 0
    assert root(tmp_path / "joined") == root(ledger.server.directory)


def test_full_copies_are_for_node_keys(ledger: Ledger, tmp_path: Path):
    stranger = NodeKey(tmp_path / "stranger.pem")
    known, ledger.key = ledger.key, stranger
    joined = ledger.join(tmp_path / "joined")
    assert joined.returncode == 1 and "UNKNOWN_KEY" in joined.stderr, joined.stderr
    ledger.key = known
    request = peer_service_pb2.ListBatchesRequest()
    with ledger.server.client() as admin, refused("ROLE_FORBIDS_CALL"):
        list(peer_service_pb2_grpc.PeerServiceStub(admin.channel).ListBatches(request, timeout=30))
    with ledger.server.client_as(None) as nobody, refused("IDENTITY_REQUIRED"):
        list(peer_service_pb2_grpc.PeerServiceStub(nobody.channel).ListBatches(request, timeout=30))


def test_anyone_may_ask_how_a_node_is(ledger: Ledger):
    with ledger.server.client_as(None) as nobody:
        peer = peer_service_pb2_grpc.PeerServiceStub(nobody.channel)
        status = peer.GetNodeStatus(peer_service_pb2.GetNodeStatusRequest(), timeout=30)
        assert status.ledger_id == ledger.server.ledger_id()
        assert status.member_id == "acme"
        assert status.certified_size == status.log_size == nobody.info().log_size
        assert status.engine_state == peer_service_pb2.ENGINE_STATE_NONE
        verified = ledger.server.policy().verify(status.certified_note)
        assert (verified.size, verified.root) == (status.log_size, status.root)
        assert not peer.ListDivergences(peer_service_pb2.ListDivergencesRequest(), timeout=30).divergences


# Peers that lie

Change = Callable[[peer_service_pb2.ListBatchesResponse], Iterator[peer_service_pb2.ListBatchesResponse]]
Message = peer_service_pb2.ListBatchesResponse


class LyingPeer(peer_service_pb2_grpc.PeerServiceServicer):
    """Between a node and its peer: passes on what it asks for, and changes it."""

    def __init__(self, ledger: Ledger, change: Change):
        self.change = change
        server = ledger.server
        identity = Bearer.of(ledger.key.signer, server.ledger_id())
        self.client = server.client_as(identity)
        self.peer = peer_service_pb2_grpc.PeerServiceStub(self.client.channel)
        self.ended = threading.Event()
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        peer_service_pb2_grpc.add_PeerServiceServicer_to_server(self, self.server)
        credentials = grpc.ssl_server_credentials(
            [((server.directory / "tls/key.pem").read_bytes(), ledger.certificate.read_bytes())]
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        assert self.server.add_secure_port(self.address, credentials)
        self.server.start()

    def GetNodeStatus(self, request, context):
        return self.peer.GetNodeStatus(request, timeout=30)

    def ListBatches(self, request, context):
        for message in self.peer.ListBatches(request, timeout=60):
            yield from self.change(message)

    def close(self) -> None:
        self.ended.set()
        self.server.stop(0).wait()
        self.client.close()


def flip(message: Message) -> Iterator[Message]:
    changed = bytearray(message.parts[20].records[0])
    changed[-1] ^= 1
    message.parts[20].records[0] = bytes(changed)
    yield message


def skip(message: Message) -> Iterator[Message]:
    del message.parts[20]
    yield message


def swap(message: Message) -> Iterator[Message]:
    twentieth = peer_service_pb2.BatchPart.FromString(message.parts[20].SerializeToString())
    message.parts[20].CopyFrom(message.parts[21])
    message.parts[21].CopyFrom(twentieth)
    yield message


def flood(message: Message) -> Iterator[Message]:
    position = message.parts[20].position
    message.parts[20].more = True
    del message.parts[21:]
    yield message
    index = len(message.parts[20].records)
    while True:
        yield Message(
            parts=[
                peer_service_pb2.BatchPart(position=position, first_index=index, records=[bytes(60_000)] * 10, more=True)
            ]
        )
        index += 10


def end(message: Message) -> Iterator[Message]:
    del message.parts[20:]
    yield message


LIES = [(flip, "RECORDS_ROOT_MISMATCH"), (skip, "ENTRY_OUT_OF_ORDER"), (swap, "ENTRY_OUT_OF_ORDER"),
        (flood, "BATCH_SIZE"), (end, "ENTRY_MISSING")]  # fmt: skip


@pytest.mark.parametrize("lie, reason", LIES, ids=[lie.__name__ for lie, _ in LIES])
def test_a_lying_peer_is_named_and_left_for_another(ledger: Ledger, tmp_path: Path, lie: Change, reason: str):
    liar = LyingPeer(ledger, lie)
    try:
        alone = ledger.join(tmp_path / "alone", liar.address)
        assert alone.returncode == 1 and "NO_PEER" in alone.stderr and reason in alone.stderr, alone.stderr
        joined = ledger.join(tmp_path / "joined", liar.address, ledger.server.address)
    finally:
        liar.close()
    assert joined.returncode == 0, joined.stderr
    assert f"peer {liar.address} is left: {reason}" in joined.stderr
    assert ledger.server.stop() == 0
    assert root(tmp_path / "joined") == root(ledger.server.directory)


def test_a_peer_that_is_not_there_is_passed_over(ledger: Ledger, tmp_path: Path):
    joined = ledger.join(tmp_path / "joined", "127.0.0.1:1", ledger.server.address)
    assert joined.returncode == 0, joined.stderr
    assert "127.0.0.1:1 is left: SERVER_UNREACHABLE" in joined.stderr


def test_the_checkpoint_of_the_joined_node_is_its_own(ledger: Ledger, tmp_path: Path):
    assert ledger.join(tmp_path / "joined").returncode == 0
    theirs = Policy.parse((tmp_path / "joined/policy").read_text())
    assert theirs.logs.keys() == ledger.server.policy().logs.keys()
