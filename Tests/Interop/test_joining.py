"""A fifth member is voted in and joins when the engine has forgotten the beginning; a node that was away catches up by itself."""

import os
import signal
import sys
import urllib.request
from pathlib import Path
from typing import Iterator

import pytest
from cairn.v1 import ledger_pb2, peer_service_pb2, peer_service_pb2_grpc

from authors import Author, Ed25519Signer
from cairn_client import Client, refused
from events import event_record, sgtin_link
from identity import Bearer
from nats import EngineOwner
from notes import Policy
from test_consortium_nodes import is_final, until

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import MEMBERS, PORTS, Consortium, Member, Node, Plan, free_port  # noqa: E402
from processes import run as run_program  # noqa: E402

FINAL = ledger_pb2.FINALITY_FINAL
ENGINE = Path(__file__).resolve().parents[2] / "ops/lib/engine"


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    folder = tmp_path_factory.mktemp("joining")
    made = Consortium(folder, Path(os.environ["CAIRN_BIN"]), Plan.make(4, 1))
    try:
        made.up(lambda _: None)
        yield made
    finally:
        for node in made.nodes:
            node.daemon.signal(signal.SIGCONT)
        assert made.down() == []


@pytest.fixture(scope="module")
def author(consortium: Consortium) -> Author:
    node = consortium.nodes[0]
    device = consortium.device(node.id, "gate")
    with client_of(node) as client:
        return Author(Ed25519Signer.load(device), client.info().ledger_id)


def client_of(node: Node) -> Client:
    """A client of that node, in the name of the first member's admin."""
    consortium = node.consortium
    admin = Ed25519Signer.load(consortium.key(consortium.nodes[0].id, "admin"))
    with Client(node.member.address(), node.certificate.read_bytes()) as anyone:
        ledger_id = anyone.info().ledger_id
    return Client(node.member.address(), node.certificate.read_bytes(), Bearer.of(admin, ledger_id))


def write(node: Node, author: Author, batches: int, name: str) -> None:
    """Batches of a few events each, the last of them FINAL."""
    with client_of(node) as client:
        for number in range(batches):
            last = author.next_batch([event_record([sgtin_link(f"{name}-{number}-{event}")]) for event in range(3)])
            until(lambda: is_final(client, last), f"batch {number} of {name} does not become final")


def status_of(node: Node) -> peer_service_pb2.GetNodeStatusResponse:
    with client_of(node) as client:
        stub = peer_service_pb2_grpc.PeerServiceStub(client.channel)
        return stub.GetNodeStatus(peer_service_pb2.GetNodeStatusRequest(), timeout=10)


def same(consortium: Consortium, *nodes: Node) -> bool:
    """Whether these nodes and the first have one log, all of it final."""
    states = [status_of(node) for node in (consortium.nodes[0], *nodes)]
    return len({(state.root, state.log_size) for state in states}) == 1 and all(
        state.certified_size == state.log_size for state in states
    )


def figure(node: Node, name: str) -> str:
    with urllib.request.urlopen(f"http://{node.member.address('metrics')}/metrics", timeout=5) as page:
        lines = page.read().decode().splitlines()
    return next(line.split()[-1] for line in lines if line.startswith(f"{name} "))


def trim(consortium: Consortium) -> None:
    with EngineOwner(consortium.engine.folder) as owner:
        [stream] = owner.streams()
        assert owner.trim(stream) > 1


def vote_in(consortium: Consortium, member: Member) -> None:
    """Adds a member with a node of its own: more than half of the four say yes."""
    for role in ("admin", "node"):
        consortium.cairn("keygen", consortium.key(member.id, role))
    public = {role: f"{consortium.key(member.id, role)}.pub" for role in ("admin", "node")}
    first, *others = consortium.nodes[:3]
    first.cairn(
        *("member", "add", member.id, "--legal-name", member.name, "--country", member.country),
        *("--role", "admin", "--role", "node", "--role", "device", "--role", "operator"),
        *("--admin", public["admin"], "--node", public["node"], "--key", consortium.key(first.id, "admin")),
    )
    [proposal] = [line.split()[0] for line in first.cairn("proposals", "--state", "open").splitlines() if member.id in line]
    for other in others:
        first.cairn("vote", proposal, "approve", "--key", consortium.key(other.id, "admin"))


def join(node: Node, *peers: Node) -> str:
    consortium = node.consortium
    return consortium.cairnd(
        *("join", node.directory, "--genesis", consortium.genesis, "--node-key", consortium.key(node.id, "node")),
        *(word for peer in peers for word in ("--peer", peer.member.address())),
        *(word for peer in peers for word in ("--ca", peer.certificate)),
    )


def test_a_new_member_joins_and_a_node_that_was_away_comes_back(consortium: Consortium, author: Author) -> None:
    nodes = list(consortium.nodes)
    away = nodes[3]
    write(nodes[0], author, 12, "before")

    # The engine's operators make a fifth member an account, and it is voted in: from then on four of five make FINAL.
    name, country, legal_name = MEMBERS[4]
    taken = {(node.member.host, port) for node in nodes for port in node.member.ports.values()}
    ports = {of: free_port("127.0.0.1", first + 50, taken) for of, first in PORTS.items()}
    member = Member(name, country, legal_name, "127.0.0.1", ports)
    run_program(ENGINE, "add", consortium.engine.folder, member.id)
    for daemon in consortium.engine.daemons:
        assert daemon.stop()
    consortium.engine.start()
    consortium.engine.wait_until_it_serves()
    for node in nodes:
        until(node.takes_batches, f"{node.id} does not follow the engine again")
    vote_in(consortium, member)
    until(lambda: same(consortium, *nodes), "the vote does not become final")

    # What was there before is forgotten by the engine; the fifth joins from three of the others, while the fourth is away.
    trim(consortium)
    write(nodes[1], author, 5, "after")
    assert away.daemon.stop()
    with client_of(nodes[0]) as client:
        waiting = author.next_batch([event_record([sgtin_link("waits-for-the-fifth")])])
        assert client.submit(waiting).finality != FINAL
    new = Node(consortium, member)
    said = join(new, *nodes[:3])
    assert "follows CAIRN_" in said and "epoch 1" in said, said
    assert Policy.parse((new.directory / "policy").read_text()).quorum == "quorum"
    consortium.nodes.append(new)
    new.signed.mkdir(parents=True, mode=0o700)
    new.configure()
    new.start()
    new.wait_until_it_serves()
    until(new.takes_batches, f"the new node does not follow: {new.daemon.last_words()}")
    with client_of(nodes[0]) as client:
        until(lambda: is_final(client, waiting), "the fifth node's cosignature does not come")
        checkpoint = client.checkpoint(Policy.parse(client.info().policy))
    assert any(key.name.endswith(f"/{new.id}") for key in checkpoint.signers), checkpoint
    write(new, author, 4, "new")
    until(lambda: same(consortium, *nodes[:3], new), "the new node has another log")
    trim(consortium)
    write(nodes[0], author, 4, "away")

    # The one that was away finds nobody to ask at first: it reads, says how it is, and takes nothing.
    old_size = away_size(away)
    others = [node for node in consortium.nodes if node is not away]
    for node in others:
        node.daemon.signal(signal.SIGSTOP)
    away.start()
    away.wait_until_it_serves()
    until(lambda: status_of(away).catching_up, f"it does not catch up: {away.daemon.last_words()}")
    assert status_of(away).engine_state == peer_service_pb2.ENGINE_STATE_TRIMMED
    assert figure(away, "cairn_catching_up") == "1" and figure(away, "cairn_serving") == "0"
    with client_of(away) as client:
        assert len(client.entries()) == old_size
        with refused("CATCHING_UP"):
            client.submit(author.batch([event_record([sgtin_link("too-early")])]))
    for node in others:
        node.daemon.signal(signal.SIGCONT)
    until(away.takes_batches, f"it does not follow again: {away.daemon.last_words()}")
    write(away, author, 3, "back")
    until(lambda: same(consortium, *consortium.nodes[1:]), "not one log")
    assert "caught up" in away.daemon.log.read_text()

    # It cosigns again: of five nodes one may be missing.
    assert nodes[2].daemon.stop()
    write(nodes[0], author, 2, "without")


def away_size(node: Node) -> int:
    """Entries of a stopped node, as it checks them."""
    checked = node.consortium.cairnd("check", node.directory)
    return int(checked.splitlines()[-1].split("ok: ")[1].split()[0])
