"""Four members' nodes and three engine servers: one log, final by cosignatures, whatever stops in between."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

import grpc
import pytest
from cairn.v1 import ledger_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from authors import Author, Ed25519Signer
from cairn_client import Client, refused
from events import event_record, sgtin_link
from identity import Bearer
from nats import EngineOwner
from notes import NoteError, Policy
from server import run

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import REPOSITORY, Consortium, Node, Plan  # noqa: E402
from processes import Daemon  # noqa: E402

FINAL = ledger_pb2.FINALITY_FINAL
# So long that only what never comes fails, on a busy machine too.
PATIENCE_SECONDS = 90.0


@contextmanager
def running(folder: Path, plan: Plan) -> Iterator[Consortium]:
    """A consortium with those nodes and engine servers, from its founding to its end."""
    made = Consortium(folder, Path(os.environ["CAIRN_BIN"]), plan)
    plan.save(folder / "plan.json")
    try:
        made.up(lambda _: None)
        yield made
    finally:
        assert made.down() == []


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with running(tmp_path_factory.mktemp("consortium"), Plan.make(4, 3)) as made:
        yield made


@pytest.fixture(scope="module")
def author(consortium: Consortium) -> Author:
    """A device of the first member, whose admin registered it there."""
    node = consortium.nodes[0]
    device = consortium.device(node.id, "gate")
    with client_of(node) as client:
        return Author(Ed25519Signer.load(device), client.info().ledger_id)


def client_of(node: Node) -> Client:
    """A client of that node, in the name of its member's admin."""
    admin = Ed25519Signer.load(node.consortium.key(node.id, "admin"))
    with Client(node.member.address(), node.certificate.read_bytes()) as anyone:
        ledger_id = anyone.info().ledger_id
    return Client(node.member.address(), node.certificate.read_bytes(), Bearer.of(admin, ledger_id))


def until(what: Callable[[], object], why: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.1)


def submit(client: Client, author: Author, number: int, wait_for: int = FINAL) -> ledger_pb2.Receipt:
    batch = author.next_batch([event_record([sgtin_link(f"consortium-{number}")])])
    return client.submit(batch, wait_for=wait_for)


def is_recorded(client: Client, batch: ledger_pb2.Batch, finality: int = ledger_pb2.FINALITY_ANCHORED) -> bool:
    """Whether the batch has at least that finality; while the engine's servers elect a leader it is refused and sent again."""
    try:
        return client.submit(batch, wait_for=finality).finality >= finality
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNAVAILABLE, error
        return False


def is_final(client: Client, batch: ledger_pb2.Batch) -> bool:
    return is_recorded(client, batch, FINAL)


def certified(node: Node) -> int:
    """Entries under the node's latest checkpoint, if its own policy takes that."""
    with client_of(node) as client:
        policy = Policy.parse(client.info().policy)
        assert policy.quorum != "none"
        try:
            return client.checkpoint(policy).size
        except NoteError:
            return 0


def logs_of(consortium: Consortium) -> list[list[bytes]]:
    logs = []
    for node in consortium.nodes:
        with client_of(node) as client:
            logs.append(client.entries())
    return logs


def health_of(node: Node, service: str) -> int:
    with client_of(node) as client:
        stub = health_pb2_grpc.HealthStub(client.channel)
        return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10).status


def test_every_node_takes_batches_and_has_the_same_log(consortium: Consortium, author: Author) -> None:
    for number in range(8):
        with client_of(consortium.nodes[number % 4]) as client:
            receipt = submit(client, author, number)
            assert receipt.finality == FINAL, receipt
    size = receipt.position + 1
    for node in consortium.nodes:
        until(lambda: certified(node) >= size, f"{node.id} has no certificate over {size} entries")
    logs = logs_of(consortium)
    assert len(logs[0]) >= size and all(log == logs[0] for log in logs)


def test_the_policy_of_one_node_takes_the_checkpoints_of_another(consortium: Consortium, author: Author) -> None:
    with client_of(consortium.nodes[0]) as first, client_of(consortium.nodes[3]) as last:
        receipt = submit(first, author, 100)
        until(lambda: certified(consortium.nodes[3]) > receipt.position, "not certified at the last node")
        assert last.checkpoint(Policy.parse(first.info().policy)).size > receipt.position


def test_a_killed_node_catches_up(consortium: Consortium, author: Author) -> None:
    victim = consortium.nodes[2]
    victim.daemon.kill()
    with client_of(consortium.nodes[1]) as client:
        receipt = submit(client, author, 200)
    assert receipt.finality == FINAL
    until(lambda: victim.daemon.pid is None, "the killed node still runs")
    victim.start()
    victim.wait_until_it_serves()
    until(lambda: certified(victim) > receipt.position, "the killed node has not caught up")
    logs = logs_of(consortium)
    assert all(log == logs[0] for log in logs)


def side_by_side(consortium: Consortium) -> tuple[int, list[dict[str, object]]]:
    """`cairn status` of all nodes: its exit status, and what it says of each."""
    addresses = [word for node in consortium.nodes for word in ("--node", node.member.address())]
    result = run("cairn", "status", "--json", "--ca", consortium.certificates, *addresses)
    return result.returncode, json.loads(result.stdout)


def overview(consortium: Consortium) -> int:
    """The exit status of `ops/consortium status`."""
    command = [REPOSITORY / "ops/consortium", "status", "--dir", consortium.folder]
    return subprocess.run(command, capture_output=True, timeout=120).returncode


def figures(node: Node) -> list[str]:
    with urllib.request.urlopen(f"http://{node.member.address('metrics')}/metrics", timeout=5) as page:
        return page.read().decode().splitlines()


def test_a_stream_whose_terms_were_changed_is_not_used(consortium: Consortium, author: Author) -> None:
    node, other = consortium.nodes[3], consortium.nodes[1]
    with EngineOwner(consortium.engine.folder) as owner:
        [stream] = owner.streams()
        agreed = owner.ask(f"STREAM.INFO.{stream}")["config"]
        owner.ask(f"STREAM.UPDATE.{stream}", agreed | {"discard": "old"})
        assert node.daemon.stop()
        node.start()
        node.wait_until_it_serves()
        try:
            until(lambda: "ENGINE_TERMS" in str(side_by_side(consortium)), "it does not say what is wrong")
            status, nodes = side_by_side(consortium)
            assert status == 1 and "discard" in nodes[3]["engineMessage"], nodes
            assert not node.takes_batches() and other.takes_batches()
            assert overview(consortium) == 1
        finally:
            owner.ask(f"STREAM.UPDATE.{stream}", agreed)
    assert node.daemon.stop()
    node.start()
    node.wait_until_it_serves()
    until(node.takes_batches, "it does not follow the stream that is as agreed again")


@pytest.mark.parametrize(("dead", "end"), [(2, Daemon.kill), (3, Daemon.stop)])
def test_without_the_engine_nodes_read_and_say_so(
    consortium: Consortium, author: Author, dead: int, end: Callable[[Daemon], object]
) -> None:
    """Two of three servers are no majority: the third one, which nodes are still connected to, is no engine."""
    node = consortium.nodes[0]
    ledger = "cairn.v1.LedgerService"
    until(lambda: overview(consortium) == 0, "not all is well before")
    before = logs_of(consortium)
    for daemon in consortium.engine.daemons[:dead]:
        end(daemon)
    try:
        for each in consortium.nodes:
            until(lambda: health_of(each, ledger) == health_pb2.HealthCheckResponse.NOT_SERVING, f"{each.id} still serves")
        assert health_of(node, "cairn.v1.AuditService") == health_pb2.HealthCheckResponse.SERVING
        assert {"cairn_serving 0", "cairn_engine_connected 0"} <= set(figures(node))
        status, nodes = side_by_side(consortium)
        assert status == 1 and all(each["engine"] == "away" and each["engineMessage"] for each in nodes), nodes
        assert overview(consortium) == 1
        with client_of(node) as client:
            with refused("ENGINE_AWAY") as away:
                client.submit(author.batch([event_record([sgtin_link("away")])]))
            assert away.refusal.code == grpc.StatusCode.UNAVAILABLE and away.refusal.retry_after
            assert client.entries() == before[0]
    finally:
        consortium.engine.start()
        consortium.engine.wait_until_it_serves()
    for each in consortium.nodes:
        until(lambda: health_of(each, ledger) == health_pb2.HealthCheckResponse.SERVING, f"{each.id} does not serve")
    batch = author.next_batch([event_record([sgtin_link(f"back-{dead}")])])
    with client_of(node) as client:
        until(lambda: is_final(client, batch), "nothing becomes final any more")
