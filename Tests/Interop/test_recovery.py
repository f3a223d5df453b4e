"""The engine is lost or put back to an older state, and four members go on: every step of Recovery.md, with real processes."""

import base64
import shutil
import sqlite3
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Iterator

import pytest
from cairn.v1 import ledger_pb2, peer_service_pb2, peer_service_pb2_grpc
from grpc_health.v1 import health_pb2

from authors import Author, Ed25519Signer
from cairn_client import refused
from events import event_record, sgtin_link
from merkle import prefix_roots
from nats import EngineOwner
from recovery import Consortium, Engine, Node, close, killed_often, log_in, open_and_serve, open_epoch, serve, stop
from server import run
from test_consortium_nodes import Plan, certified, client_of, health_of, is_final, is_recorded, logs_of, running, until
from test_joining import join

ANCHORED, FINAL = ledger_pb2.FINALITY_ANCHORED, ledger_pb2.FINALITY_FINAL
LOST, ROLLED_BACK = peer_service_pb2.ENGINE_STATE_LOST, peer_service_pb2.ENGINE_STATE_ROLLED_BACK


@dataclass
class Book:
    """What was submitted, and the receipts that said FINAL."""

    author: Author
    other: Author
    final: dict[bytes, ledger_pb2.Receipt] = field(default_factory=dict)
    waiting: list[ledger_pb2.Batch] = field(default_factory=list)

    def batch(self, author: Author | None = None) -> ledger_pb2.Batch:
        number = len(self.final) + len(self.waiting)
        return (author or self.author).next_batch([event_record([sgtin_link(f"recovery-{number}")])])

    def make_final(self, node: Node) -> None:
        batch = self.batch()
        with client_of(node) as client:
            until(lambda: is_final(client, batch), f"{node.id}: nothing becomes final")
            self.final[sha256(batch.header).digest()] = client.submit(batch, wait_for=FINAL)

    def anchor(self, node: Node, author: Author | None = None) -> ledger_pb2.Receipt:
        """Recorded where no quorum is there to make it final."""
        batch = self.batch(author)
        with client_of(node) as client:
            until(lambda: is_recorded(client, batch), f"{node.id}: nothing is recorded")
            receipt = client.submit(batch, wait_for=ANCHORED)
        assert receipt.finality == ANCHORED
        self.waiting.append(batch)
        return receipt

    def judge(self, nodes: list[Node]) -> None:
        """Everything is final on every node, what was final before in its place, and the logs are one."""
        for batch in self.waiting:
            for node in nodes:
                with client_of(node) as client:
                    until(lambda: is_final(client, batch), f"{node.id}: what was taken out is not final again")
                    self.final.setdefault(sha256(batch.header).digest(), client.submit(batch, wait_for=FINAL))
        self.waiting.clear()
        size = max(receipt.position for receipt in self.final.values()) + 1
        for node in nodes:
            until(lambda: certified(node) >= size, f"{node.id} has no certificate over {size} entries")
        logs = logs_of(nodes[0].consortium) if len(nodes) == 4 else []
        assert all(log[:size] == logs[0][:size] for log in logs)
        for node in nodes:
            with client_of(node) as client:
                for digest, receipt in self.final.items():
                    again = client.receipt(header_digest=digest)
                    assert (again.position, again.finality) == (receipt.position, FINAL)
                    assert again.ledger_time_microseconds == receipt.ledger_time_microseconds

    def goes_on(self, nodes: list[Node], *by: Node) -> None:
        """Everything is final on the nodes, and so is what some of them record now."""
        self.judge(nodes)
        for node in by:
            self.make_final(node)
        self.judge(nodes)


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with running(tmp_path_factory.mktemp("recovery"), Plan.make(4, 3)) as made:
        yield made


@pytest.fixture(scope="module")
def engine(consortium: Consortium) -> Engine:
    return Engine(consortium)


@pytest.fixture(scope="module")
def book(consortium: Consortium) -> Book:
    node = consortium.nodes[0]
    devices = [consortium.device(node.id, name) for name in ("gate", "dock")]
    with client_of(node) as client:
        ledger_id = client.info().ledger_id
    return Book(*(Author(Ed25519Signer.load(device), ledger_id) for device in devices))


def status_of(node: Node) -> peer_service_pb2.GetNodeStatusResponse:
    with client_of(node) as client:
        stub = peer_service_pb2_grpc.PeerServiceStub(client.channel)
        return stub.GetNodeStatus(peer_service_pb2.GetNodeStatusRequest(), timeout=30)


def log_size(node: Node) -> int:
    with client_of(node) as client:
        return client.info().log_size


def kill(*nodes: Node) -> None:
    for node in nodes:
        node.daemon.kill()


def says(node: Node, state: int, reason: str, book: Book) -> None:
    """The node has noticed, refuses batches with the reason, and answers questions."""
    until(lambda: reason in status_of(node).engine_message, f"{node.id} does not say {reason}")
    assert status_of(node).engine_state == state
    assert health_of(node, "cairn.v1.LedgerService") == health_pb2.HealthCheckResponse.NOT_SERVING
    with client_of(node) as client:
        with refused(reason):
            client.submit(book.author.batch([event_record([sgtin_link("too late")])]))
        for digest, receipt in book.final.items():
            if receipt.position < certified(node):
                assert client.receipt(header_digest=digest).finality == FINAL


def test_all_that_was_recorded_outlives_the_engine(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    first, second, third, fourth = consortium.nodes
    for node in (first, second, fourth):
        book.make_final(node)
    final = {digest: receipt.position for digest, receipt in book.final.items()}
    until(lambda: all(certified(node) > max(final.values()) for node in consortium.nodes), "not final everywhere")
    # Two members have more than the others, and one has more than all the others.
    kill(third, fourth)
    known_to_two = [book.anchor(first) for _ in range(3)]
    until(lambda: log_size(second) > known_to_two[-1].position, "the second node does not follow")
    kill(second)
    known_to_one = [book.anchor(first) for _ in range(2)]
    engine.lose()
    serve([second, third, fourth])
    for node in consortium.nodes:
        says(node, LOST, "ENGINE_LOST", book)
    assert log_size(fourth) < log_size(second) < log_size(first)

    stop(consortium.nodes)
    statements = close(consortium.nodes, tmp_path)
    assert [path.read_text() for path in close(consortium.nodes[:1], tmp_path / "again")] == [statements[0].read_text()]
    refuses_to_serve = run("cairnd", "serve", first.directory, "--listen", "127.0.0.1:0")
    assert refuses_to_serve.returncode == 1 and "EPOCH_CLOSED" in refuses_to_serve.stderr
    refuses_what_was_tampered_with(first, statements, tmp_path)
    too_few = open_epoch(first, statements[:2])
    assert too_few.returncode == 1 and "QUORUM_NOT_MET" in too_few.stderr

    short = open_epoch(fourth, statements)
    assert short.returncode == 1 and "BASE_NOT_REACHED" in short.stderr, short.stderr
    longest, longer = (receipts[-1].position + 1 for receipts in (known_to_one, known_to_two))
    assert f"{first.id} has {log_in(statements[0])}, {second.id} has {log_in(statements[1])}" in short.stderr
    assert [int(log_in(path).split(":")[0]) for path in statements[:2]] == [longest, longer]
    # One operator uses another set than the others: its node reads that in the stream, and the right set puts it right.
    other_set = open_epoch(first, [statements[0], *statements[2:]])
    assert f"epoch 2 goes on from {longest} entries" in other_set.stdout, other_set.stderr
    assert open_epoch(second, statements).returncode == 0
    serve([second])
    until(second.takes_batches, "the new epoch is not followed by who opened it")
    serve([first])
    until(lambda: "WRONG_OPENING" in status_of(first).engine_message, "another base than the stream's was followed")
    stop([second, first])

    assert killed_often(["recover", "open", first.directory, *statements], [0.02 * count for count in range(1, 16)])
    opened = open_epoch(first, statements)
    assert opened.returncode == 0, opened.stderr
    assert f"epoch 2 goes on from {longer} entries" in opened.stdout
    assert "waiting to be published again: 2" in opened.stdout
    assert open_epoch(first, statements).returncode == 0
    unbegun = run("cairnd", "recover", "close", first.directory)
    assert unbegun.returncode == 1 and "EPOCH_NOT_BEGUN" in unbegun.stderr
    serve([first])
    with client_of(first) as client:
        assert all(client.receipt(header_digest=digest).position == position for digest, position in final.items())
    # What the others lack comes from the one that serves, however often the command is killed.
    killed_often(["recover", "open", fourth.directory, *statements], [0.05 * count for count in range(1, 12)])
    open_and_serve([third, fourth], statements)
    serve([second])

    book.goes_on(consortium.nodes, *consortium.nodes)
    for node in consortium.nodes:
        assert status_of(node).epoch == 2
    log = logs_of(consortium)[0]
    roots = list(prefix_roots(log))
    for node in consortium.nodes:
        status = status_of(node)
        assert roots[status.log_size] == status.root


def refuses_what_was_tampered_with(node: Node, statements: list[Path], folder: Path) -> None:
    text = statements[2].read_text()
    mark, content = text.splitlines()[-1].split()
    signed = base64.b64decode(content)
    # A number that was signed, the signature, and no statement at all.
    for place, reason in ((60, "INVALID_SIGNATURE"), (-20, "INVALID_SIGNATURE"), (None, "MALFORMED_STATEMENT")):
        changed = bytearray(signed)
        if place is not None:
            changed[place] ^= 1
        line = f"{mark} {base64.b64encode(changed).decode()}" if place is not None else f"{mark} ???"
        false = folder / "tampered.statement"
        false.write_text(text.replace(f"{mark} {content}", line))
        said = open_epoch(node, [*statements[:2], false, statements[3]])
        assert said.returncode == 1 and str(false) in said.stderr and reason in said.stderr, said.stderr


def test_an_engine_that_was_put_back_is_left_behind(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    engine.copy()
    for node in consortium.nodes:
        book.make_final(node)
    size = log_size(consortium.nodes[0])
    engine.put_back()
    for node in consortium.nodes:
        says(node, ROLLED_BACK, "ENGINE_ROLLED_BACK", book)
    stop(consortium.nodes)
    statements = close(consortium.nodes, tmp_path)
    open_and_serve(consortium.nodes, statements)
    book.judge(consortium.nodes)
    for node in consortium.nodes:
        assert status_of(node).epoch == 3 and log_size(node) >= size
        book.make_final(node)
    book.judge(consortium.nodes)


def test_who_was_absent_comes_back_with_what_it_had(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    *present, absent = consortium.nodes
    kill(*present)
    # Another device: the members who are there go on with the first one meanwhile.
    book.anchor(absent, book.other)
    kill(absent)
    engine.lose()
    serve(present)
    for node in present:
        says(node, LOST, "ENGINE_LOST", book)
    stop(present)
    statements = close(present, tmp_path)
    open_and_serve(present, statements)
    alone = book.waiting.pop()
    for node in present:
        book.make_final(node)
    book.judge(present)

    serve([absent])
    says(absent, peer_service_pb2.ENGINE_STATE_CONNECTED, "EPOCH_OVER", book)
    stop([absent])
    early = open_epoch(absent, statements)
    assert early.returncode == 1 and "EPOCH_NOT_CLOSED" in early.stderr
    close([absent], tmp_path / "late")
    opened = open_epoch(absent, statements)
    assert opened.returncode == 0, opened.stderr
    assert "waiting to be published again: 1" in opened.stdout
    serve([absent])
    book.waiting.append(alone)
    book.goes_on(consortium.nodes, absent)


def test_who_followed_an_engine_that_was_put_back_changes_to_what_is_final(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    *others, late = consortium.nodes
    kill(late)
    engine.copy()
    for node in others:
        book.make_final(node)
    kill(*others)
    engine.put_back()
    serve([late])
    # It knows nothing of what is final meanwhile, and gives the same places to something else.
    book.anchor(late, book.other)
    alone = book.waiting[-1]
    serve(others)
    for node in others:
        says(node, ROLLED_BACK, "ENGINE_ROLLED_BACK", book)
    stop(consortium.nodes)
    statements = close(consortium.nodes, tmp_path)
    early = open_epoch(late, statements)
    assert early.returncode == 1 and "BASE_NOT_REACHED" in early.stderr, early.stderr
    open_and_serve(others, statements)
    assert killed_often(["recover", "open", late.directory, *statements], [0.1 * count for count in range(1, 8)])
    changed = open_epoch(late, statements)
    assert changed.returncode == 0, changed.stderr
    assert "waiting to be published again: 1" in changed.stdout, changed.stdout
    serve([late])
    assert book.waiting == [alone]
    book.goes_on(consortium.nodes, late)


def test_two_against_two_the_members_choose(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    first, second, third, fourth = consortium.nodes
    kill(third, fourth)
    engine.copy()
    for pair, author in (((first, second), book.author), ((third, fourth), book.other)):
        if pair[0] is third:
            kill(first, second)
            engine.put_back()
            serve(pair)
        receipts = [book.anchor(pair[0], author) for _ in range(2)]
        until(lambda: log_size(pair[1]) > receipts[-1].position, f"{pair[1].id} does not follow")
    stop([third, fourth])
    statements = close(consortium.nodes, tmp_path)
    ours, theirs = log_in(statements[0]), log_in(statements[2])
    assert ours != theirs

    unknown = open_epoch(first, statements, "--base", "7:00000000")
    assert unknown.returncode == 1 and "UNKNOWN_LOG" in unknown.stderr and theirs in unknown.stderr, unknown.stderr
    missing = open_epoch(first, statements, "--base", theirs)
    assert missing.returncode == 1 and "BASE_NOT_REACHED" in missing.stderr, missing.stderr
    open_and_serve([third, fourth, first, second], statements, "--base", theirs)
    book.goes_on(consortium.nodes, first)


def test_an_engine_is_lost_again_before_a_node_has_read_anything(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    *others, late = consortium.nodes
    epoch = status_of(late).epoch
    engine.lose()
    for node in consortium.nodes:
        says(node, LOST, "ENGINE_LOST", book)
    stop(consortium.nodes)
    statements = close(consortium.nodes, tmp_path)
    open_and_serve(others, statements)
    for node in others:
        book.make_final(node)
    assert open_epoch(late, statements).returncode == 0
    engine.lose()
    for node in others:
        says(node, LOST, "ENGINE_LOST", book)
    stop(others)
    surprising = run("cairnd", "recover", "close", late.directory)
    assert surprising.returncode == 1 and "EPOCH_NOT_BEGUN" in surprising.stderr
    again = [*close(others, tmp_path / "again"), *close([late], tmp_path / "again", "--unbegun")]
    open_and_serve(consortium.nodes, again)
    book.goes_on(consortium.nodes, *consortium.nodes)
    for node in consortium.nodes:
        assert status_of(node).epoch == epoch + 2


def test_a_lost_data_directory_is_made_anew_in_a_later_epoch(
    consortium: Consortium, engine: Engine, book: Book, tmp_path: Path
) -> None:
    first, *others, lost = consortium.nodes
    stop([lost])
    shutil.rmtree(lost.directory)
    engine.lose()
    for node in (first, *others):
        says(node, LOST, "ENGINE_LOST", book)
    stop([first, *others])
    open_and_serve([first, *others], close([first, *others], tmp_path))
    for node in (first, *others):
        book.make_final(node)
    said = join(lost, first, *others)
    assert f"epoch {status_of(first).epoch}" in said, said
    lost.configure()
    serve([lost])
    until(lost.takes_batches, f"the new directory's node does not follow: {lost.daemon.last_words()}")
    # Without the first its cosignature is needed.
    stop([first])
    for node in (lost, *others):
        book.make_final(node)
    serve([first])
    book.judge(consortium.nodes)


def test_an_epoch_that_goes_on_is_not_left(consortium: Consortium, book: Book, tmp_path: Path) -> None:
    *others, alone = consortium.nodes
    stop([alone])
    until(lambda: all(status_of(node).engine_message == "" for node in others), "the others do not follow")
    refused_to = run("cairnd", "recover", "close", alone.directory)
    assert refused_to.returncode == 1 and "EPOCH_IN_USE" in refused_to.stderr, refused_to.stderr
    assert all(node.id in refused_to.stderr for node in others)
    serve([alone])
    until(alone.takes_batches, "a refused command kept the node from following")

    # An older data directory comes back; the members are in a later epoch, and so is what this node signed.
    stop([alone])
    older = tmp_path / "older"
    shutil.copytree(alone.directory, older)
    with sqlite3.connect(older / "ledger.db") as database:
        database.execute("UPDATE engine SET epoch = epoch - 1")
    database.close()
    kept = alone.directory.rename(tmp_path / "kept")
    older.rename(alone.directory)
    too_old = run("cairnd", "recover", "close", alone.directory, "--agreed")
    assert too_old.returncode == 1 and "EPOCH_OVER" in too_old.stderr, too_old.stderr
    shutil.rmtree(alone.directory)
    kept.rename(alone.directory)
    serve([alone])
    book.goes_on(consortium.nodes, alone)


def test_a_stream_that_forgot_what_nobody_read(consortium: Consortium, book: Book, tmp_path: Path) -> None:
    """Every node is off for longer than the stream keeps its messages."""
    epoch = status_of(consortium.nodes[0]).epoch
    stop(consortium.nodes)
    with EngineOwner(consortium.engine.folder) as owner:
        for stream in owner.streams():
            if stream.endswith(f"_{epoch}"):
                owner.trim(stream)
    serve(consortium.nodes)
    for node in consortium.nodes:
        until(lambda: status_of(node).catching_up, f"{node.id} does not say that it has to catch up")
    stop(consortium.nodes)
    statements = close(consortium.nodes, tmp_path)
    # Sent by mail, with the line ends of another system.
    statements[0].write_text(statements[0].read_text().replace("\n", "\r\n"))
    open_and_serve(consortium.nodes, statements)
    book.goes_on(consortium.nodes, *consortium.nodes)
