"""A member that signs two logs: the others certify nothing more, say so in every answer, and go on taking batches."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Iterator
from urllib.request import urlopen

import pytest
from cairn.v1 import audit_service_pb2, ledger_pb2, peer_service_pb2, peer_service_pb2_grpc

from authors import Author, Ed25519Signer
from cairn_client import TIMEOUT, Client
from notes import parse_checkpoint, split_note
from server import run
from test_check_consortium import sign_another_log
from test_consortium_nodes import certified, client_of, running, submit, until

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node, Plan  # noqa: E402


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with running(tmp_path_factory.mktemp("two-logs"), Plan.make(4, 1)) as made:
        yield made


def divergences(client: Client) -> list[peer_service_pb2.Divergence]:
    peer = peer_service_pb2_grpc.PeerServiceStub(client.channel)
    return list(peer.ListDivergences(peer_service_pb2.ListDivergencesRequest(), timeout=TIMEOUT).divergences)


def stopped_reason(client: Client) -> str:
    peer = peer_service_pb2_grpc.PeerServiceStub(client.channel)
    return peer.GetNodeStatus(peer_service_pb2.GetNodeStatusRequest(), timeout=TIMEOUT).stopped_reason


def mark_on_answers(client: Client) -> str | None:
    """What the node says about itself beside a checkpoint."""
    _, call = client.audit.GetCheckpoint.with_call(audit_service_pb2.GetCheckpointRequest(), timeout=TIMEOUT)
    return dict(call.initial_metadata()).get("cairn-stopped")


def mark_on_checkpoint(node: Node) -> str | None:
    page = urlopen(f"http://{node.member.address('tiles')}/checkpoint", timeout=10)
    assert page.status == 200
    return page.headers.get("cairn-stopped")


def status(node: Node) -> tuple[int, str]:
    told = run("cairn", "status", "--node", node.member.address(), "--ca", node.certificate)
    return told.returncode, told.stdout + told.stderr


def key_id(consortium: Consortium, node: Node) -> str:
    return sha256(Ed25519Signer.load(consortium.key(node.id, "node")).public_key).hexdigest()


def restart(node: Node) -> None:
    assert node.daemon.stop()
    node.start()
    node.wait_until_it_serves()


def test_a_member_that_signs_two_logs_stops_finality_and_nothing_else(consortium: Consortium):
    first, *_, liar = consortium.nodes
    honest = consortium.nodes[:-1]
    device = Ed25519Signer.load(consortium.device(first.id, "gate"))
    with client_of(first) as client:
        author = Author(device, client.info().ledger_id)
        final = submit(client, author, 0)
        assert final.finality == ledger_pb2.FINALITY_FINAL
        assert mark_on_answers(client) is None and mark_on_checkpoint(first) is None
    for node in honest:
        until(lambda: certified(node) > final.position, f"{node.id} has no certificate")
    sign_another_log(consortium, liar, final.position + 1)
    for node in honest:
        with client_of(node) as client:
            until(lambda: divergences(client), f"{node.id} has not seen it")
            assert f"member {liar.id} signed another log" in stopped_reason(client)
            assert mark_on_answers(client) == mark_on_checkpoint(node) == "DIVERGED"
            (found,) = divergences(client)
            verify_both(found, final.position + 1)
        code, text = status(node)
        assert code == 1 and "DIVERGED" in text and f"member {liar.id}" in text, text
    with client_of(first) as client:
        receipt = submit(client, author, 1)
        assert receipt.finality == ledger_pb2.FINALITY_ANCHORED
        assert is_whole(client, author)
        page = figures(first)
        assert page["cairn_serving"] == 1 and page["cairn_divergences"] == 1 and page["cairn_cosigning"] == 0


def is_whole(client: Client, author: Author) -> bool:
    return len(client.entries()) > author.sequence - 1


def verify_both(found: peer_service_pb2.Divergence, size: int) -> None:
    """The evidence: two notes over one size with different roots, each with a signature line."""
    mine, others = (split_note(note) for note in (found.own_note, found.other_note))
    (origin, own_size, own_root), (other_origin, other_size, other_root) = map(parse_checkpoint, (mine[0], others[0]))
    assert origin == other_origin and own_size == other_size == found.size == size and own_root != other_root
    assert mine[1] and others[1]


def figures(node: Node) -> dict[str, float]:
    page = urlopen(f"http://{node.member.address('metrics')}/metrics", timeout=10).read().decode()
    lines = (line.split() for line in page.splitlines() if not line.startswith("#") and "{" not in line)
    return {words[0]: float(words[1]) for words in lines}


def test_a_restart_does_not_make_it_forgotten(consortium: Consortium):
    node = consortium.nodes[1]
    restart(node)
    with client_of(node) as client:
        until(lambda: "DIVERGED" in stopped_reason(client), "it has forgotten")
        assert mark_on_answers(client) == "DIVERGED"
    assert figures(node)["cairn_divergences"] == 1


def test_after_the_operators_have_looked_everything_becomes_final(consortium: Consortium):
    first, *_, liar = consortium.nodes
    for node in consortium.nodes:
        file = node.directory / "consortium.yaml"
        file.write_text(file.read_text() + f"dismissed: [{key_id(consortium, liar)}]\n")
        restart(node)
    with client_of(first) as client:
        until(lambda: certified(first) == client.info().log_size, "what was recorded meanwhile is not final")
        assert stopped_reason(client) == "" and mark_on_answers(client) is None and mark_on_checkpoint(first) is None
    code, text = status(first)
    assert code == 0, text
