"""A node whose checkpoints are cosigned by somebody else's witness, aics-witness."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import aics_tlog
import pytest
from cairn.v1 import ledger_pb2, provenance_service_pb2

from authors import Author, Ed25519Signer
from cairn_client import Client
from events import event_record, sgtin_link
from evidence import EvidenceError, verify_evidence
from notes import NoteError, Policy, split_note
from server import Server, run
from test_metrics import figures, wait_for_line
from witnesses import GrowingLog, ask, tiles_address, wait_until, write_witness_file

FLAGS = ("--tiles", "127.0.0.1:0", "--metrics", "127.0.0.1:0")


class OutsideWitness:
    """aics-witness in a folder of its own."""

    def __init__(self, folder: Path, name: str):
        self.folder = folder
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.vkey = self.command("init", "--name", name).split()[-1]
        assert self.vkey.startswith(f"{name}+"), self.vkey

    def command(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "aics_witness", *arguments, "--config", str(self.folder / "witness.json")]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
        assert result.returncode == 0, (arguments, result.stderr)
        return result.stdout

    def trust(self, server: Server) -> "OutsideWitness":
        ((origin, _),) = server.policy().logs.items()
        vkey = next(line for line in (server.directory / "policy").read_text().splitlines() if line.startswith("log "))
        self.command("add-log", "--origin", origin, "--vkey", vkey.split()[1])
        return self

    def start(self) -> "OutsideWitness":
        command = [sys.executable, "-m", "aics_witness", "serve", "--listen", f"127.0.0.1:{self.port}", "--config"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, str(self.folder / "witness.json")], stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(self.answers, "aics-witness does not answer")
        return self

    def answers(self) -> bool:
        try:
            return ask(f"127.0.0.1:{self.port}", "/healthz").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            process, self.process = self.process, None
            process.kill()
            process.wait()

    @property
    def asked(self) -> dict[str, str]:
        return {"url": f"http://127.0.0.1:{self.port}/", "key": self.vkey}


@pytest.fixture
def outside(own_server: Server, tmp_path: Path) -> Iterator[list[OutsideWitness]]:
    witnesses = [OutsideWitness(tmp_path / name, f"{name}.example/w1") for name in ("north", "south")]
    yield witnesses
    for witness in witnesses:
        witness.stop()


def device(server: Server, client: Client) -> Author:
    return server.registrar(client).register(Ed25519Signer())


def record(client: Client, author: Author, serial: str) -> ledger_pb2.Receipt:
    return client.record(author, [event_record([sgtin_link(serial)])])


def cosigned_size(server: Server, witness: OutsideWitness) -> int:
    return int(figures(server)["cairn_witness_cosigned_size"][(witness.name,)])


def wait_for_size(server: Server, witness: OutsideWitness, size: int) -> None:
    wait_until(lambda: cosigned_size(server, witness) == size, f"{witness.name} does not cosign {size}:\n{server.output()}")


def checkpoint_names(server: Server) -> list[str]:
    note = ask(tiles_address(server), "/checkpoint").body
    return [name for name, _, _ in split_note(note)[1]]


def test_an_outside_witness_joins_the_policy(own_server: Server, outside: list[OutsideWitness], tmp_path: Path):
    north, south = outside
    write_witness_file(own_server, witnesses={"required": 2, "ask": [north.asked, south.asked]})
    for witness in outside:
        witness.trust(own_server).start()
    own_server.start(*FLAGS)
    ((origin, _),) = own_server.policy().logs.items()
    with own_server.client() as client:
        author = device(own_server, client)
        receipt = record(client, author, "W1")
        for witness in outside:
            wait_for_size(own_server, witness, 3)
        text = client.info().policy
        policy = Policy.parse(text)
        assert policy.quorum == "witnesses/outside" and set(policy.witnesses) == {north.name, south.name}
        place = {"position": receipt.position, "record_index": 0}
        evidence = client.evidence(record_position=place)
        proved = verify_evidence(evidence, policy)
        assert len(proved.checkpoint.signers) == 3
        assert client.checkpoint(policy).size == 3
        # The record is as good as before where a witness is away, but what comes now is not yet what the policy takes.
        south.stop()
        later = record(client, author, "W2")
        wait_for_size(own_server, north, 4)
        assert client.checkpoint(policy).size == 3
        assert verify_evidence(client.evidence(record_position=place), policy).checkpoint.size == 3
        young = client.evidence(record_position={"position": later.position, "record_index": 0})
        with pytest.raises((EvidenceError, NoteError)):
            verify_evidence(young, policy)
        wait_for_line(own_server, "WITNESS_AWAY")
        south.start()
        wait_for_size(own_server, south, 4)
        young = client.evidence(record_position={"position": later.position, "record_index": 0})
        verify_evidence(young, policy)
        wait_for_line(own_server, f"witness {south.name} cosigns again")
    note = ask(tiles_address(own_server), "/checkpoint").body
    keys = [aics_tlog.parse_vkey(witness.vkey) for witness in outside]
    log = aics_tlog.parse_vkey(own_server.directory.joinpath("policy").read_text().split()[1])
    result = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), log, keys, 2, expected_origin=origin)
    assert result.ok and result.cosignature_count == 2 and result.size == 4, result.error
    (tmp_path / "policy").write_text(text)
    (tmp_path / "young.cairn").write_bytes(young)
    (tmp_path / "alone").write_text(own_server.directory.joinpath("policy").read_text())
    for file in ("policy", "alone"):
        verified = run("cairn", "verify", tmp_path / "young.cairn", "--policy", tmp_path / file)
        assert verified.returncode == 0, verified.stderr
    ours = run("cairn", "policy", *cli(own_server), "--output", tmp_path / "asked")
    assert ours.returncode == 0 and (tmp_path / "asked").read_text() == text, ours.stderr
    assert own_server.stop() == 0, own_server.output()


def cli(server: Server) -> tuple[object, ...]:
    return ("--server", server.address, "--ca", server.directory / "tls/cert.pem", "--identity", server.admin_key)


def test_a_pack_of_proofs_has_the_cosignatures(own_server: Server, outside: list[OutsideWitness]):
    north = outside[0].trust(own_server).start()
    write_witness_file(own_server, witnesses={"required": 1, "ask": [north.asked]})
    own_server.start(*FLAGS)
    with own_server.client() as client:
        author = device(own_server, client)
        for number in range(4):
            record(client, author, f"P{number}")
        wait_for_size(own_server, north, 6)
        policy = Policy.parse(client.info().policy)
        page = client.provenance.QueryEvents(provenance_service_pb2.QueryEventsRequest(prove=True))
        names = [name for name, _, _ in split_note(page.evidence.checkpoint)[1]]
        assert names[1:] == [north.name]
        policy.verify(page.evidence.checkpoint)
    assert own_server.stop() == 0


def test_cosignatures_outlive_the_node_and_are_checked_again(own_server: Server, outside: list[OutsideWitness]):
    north = outside[0].trust(own_server).start()
    write_witness_file(own_server, witnesses={"required": 1, "ask": [north.asked]})
    own_server.start(*FLAGS)
    with own_server.client() as client:
        record(client, device(own_server, client), "K1")
    wait_for_size(own_server, north, 3)
    assert own_server.stop() == 0
    north.stop()
    own_server.start(*FLAGS)
    assert checkpoint_names(own_server)[1:] == [north.name]
    wait_for_line(own_server, "WITNESS_AWAY")
    assert own_server.stop() == 0
    kept = own_server.directory / "cosigned"
    body, _, last = kept.read_text().rstrip("\n").rpartition("\n")
    kept.write_text(body + "\n" + last[:-6] + "AAAA" + last[-2:] + "\n")
    own_server.start(*FLAGS)
    assert north.name not in checkpoint_names(own_server)
    assert own_server.stop() == 0


def test_a_witness_that_does_not_know_the_log_delays_nothing(own_server: Server, outside: list[OutsideWitness]):
    north, south = outside
    north.start()
    south.trust(own_server).start()
    write_witness_file(own_server, witnesses={"ask": [north.asked, south.asked, dead()]})
    own_server.start(*FLAGS)
    with own_server.client() as client:
        author = device(own_server, client)
        for number in range(3):
            record(client, author, f"D{number}")
        wait_for_size(own_server, south, 5)
        policy = Policy.parse(client.info().policy)
        assert policy.quorum == "none" and len(policy.witnesses) == 3
        assert len(client.checkpoint(policy).signers) == 2
    line = wait_for_line(own_server, "does not witness this log")
    assert " error " in line and north.name in line and "404" in line
    wait_for_line(own_server, "WITNESS_AWAY")
    assert cosigned_size(own_server, north) == 0
    assert own_server.stop() == 0, own_server.output()


def dead() -> dict[str, str]:
    """A witness at a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    key = aics_tlog.cosignature_vkey("dead.example", GrowingLog("x").key.public_key())
    return {"url": f"http://127.0.0.1:{port}", "key": aics_tlog.format_vkey(key)}


def test_a_witness_that_is_ahead_is_an_error(own_server: Server, outside: list[OutsideWitness]):
    """The log's key signs elsewhere, or the log went back: somebody must look."""
    north = outside[0].trust(own_server).start()
    write_witness_file(own_server, witnesses={"ask": [north.asked]})
    ((origin, _),) = own_server.policy().logs.items()
    elsewhere = GrowingLog(origin, key=Ed25519Signer.load(own_server.directory / "keys/log.pem").key)
    answer = ask(f"127.0.0.1:{north.port}", "/add-checkpoint", elsewhere.body(0, 50))
    assert answer.status == 200, answer
    own_server.start(*FLAGS)
    line = wait_for_line(own_server, "WITNESS_AHEAD")
    assert " error " in line and "50 entries" in line
    assert own_server.stop() == 0


def test_two_nodes_witness_each_other(tmp_path: Path):
    servers = [Server(tmp_path / name).init(name) for name in ("one", "two")]
    first, second = servers
    log_keys = {}
    for server in servers:
        ((origin, _),) = server.policy().logs.items()
        log_keys[server] = {"origin": origin, "keys": [(server.directory / "policy").read_text().split()[1]]}
    try:
        write_witness_file(second, logs=[log_keys[first]])
        second.start(*FLAGS)
        address = tiles_address(second)
        vkey = ask(address, "/witness").body.strip()
        asked = [{"url": f"http://{address}", "key": vkey}]
        write_witness_file(first, witnesses={"required": 1, "ask": asked})
        first.start(*FLAGS)
        with first.client() as client:
            author = device(first, client)
            for number in range(5):
                record(client, author, f"T{number}")
            wait_until(
                lambda: int(figures(first)["cairn_witness_cosigned_size"][(vkey.split("+")[0],)]) == 7, first.output()
            )
            policy = Policy.parse(client.info().policy)
            checkpoint = client.checkpoint(policy)
            assert checkpoint.size == 7 and len(checkpoint.signers) == 2
        assert figures(second)["cairn_witnessed_size"][(log_keys[first]["origin"],)] == 7
        assert [server.stop() for server in servers] == [0, 0]
    finally:
        for server in servers:
            server.kill()
