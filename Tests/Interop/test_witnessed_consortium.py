"""A consortium of which one node has its checkpoints cosigned by somebody else's witness, aics-witness."""

import json
import os
import sys
from pathlib import Path
from typing import Iterator

import aics_tlog
import pytest
from cairn.v1 import ledger_pb2

from authors import Author, Ed25519Signer
from evidence import EvidenceError, verify_evidence
from notes import Policy, split_note
from server import run
from test_consortium_nodes import client_of, submit, until
from test_witnessed import OutsideWitness
from witnesses import ask

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node, Plan  # noqa: E402


class Witnessed:
    """Four members' nodes; the first asks a witness, whose cosignature its policy requires."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "consortium").mkdir()
        self.consortium = Consortium(folder / "consortium", Path(os.environ["CAIRN_BIN"]), Plan.make(4, 1))
        self.witness = OutsideWitness(folder / "witness", "north.example/w1")
        self.consortium.found()
        for node in self.consortium.nodes:
            node.make()
        self.log_key = aics_tlog.parse_vkey(self.own_log_line.split()[1])
        self.witness.command("add-log", "--origin", self.log_key.name, "--vkey", self.own_log_line.split()[1])
        asked = {"witnesses": {"required": 1, "ask": [self.witness.asked]}}
        (self.node.directory / "witness.yaml").write_text(json.dumps(asked))
        self.witness.start()
        self.consortium.up(lambda _: None)

    @property
    def node(self) -> Node:
        return self.consortium.nodes[0]

    @property
    def own_log_line(self) -> str:
        """The policy's line with this node's own key."""
        (line,) = [line for line in (self.node.directory / "policy").read_text().splitlines() if line.startswith("log ")]
        return line

    def down(self) -> None:
        left = self.consortium.down()
        self.witness.stop()
        assert left == []


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witnessed]:
    made = Witnessed(tmp_path_factory.mktemp("witnessed"))
    try:
        yield made
    finally:
        made.down()


def verifies(data: bytes, policy: Policy) -> bool:
    try:
        verify_evidence(data, policy)
        return True
    except (EvidenceError, ValueError):
        return False


def test_evidence_has_the_members_quorum_and_the_witness(witnessed: Witnessed, tmp_path: Path):
    node, witness = witnessed.node, witnessed.witness
    device = Ed25519Signer.load(witnessed.consortium.device(node.id, "gate"))
    with client_of(node) as client:
        author = Author(device, client.info().ledger_id)
        receipt = submit(client, author, 1)
        assert receipt.finality == ledger_pb2.FINALITY_FINAL
        text = client.info().policy
        policy = Policy.parse(text)
        assert witness.name in policy.witnesses and policy.quorum == "witnesses/all"
        place = {"position": receipt.position, "record_index": 0}
        until(lambda: verifies(client.evidence(record_position=place), policy), "no evidence with the witness in it")
        evidence = client.evidence(record_position=place)
        names = {name for name, _, _ in split_note(ask(node.member.address("tiles"), "/checkpoint").body)[1]}
    assert witness.name in names
    members = [member for member in policy.witnesses if member != witness.name]
    assert len(members) == 4 and len(names & {f"{witnessed.log_key.name}/{member}" for member in members}) >= 3

    (tmp_path / "policy").write_text(text)
    (tmp_path / "one.cairn").write_bytes(evidence)
    verified = run("cairn", "verify", tmp_path / "one.cairn", "--policy", tmp_path / "policy")
    assert verified.returncode == 0, verified.stderr
    # Without the witness's line the same evidence is refused: it is what the policy rests on.
    assert witness.name.encode() in evidence
    (tmp_path / "changed.cairn").write_bytes(evidence.replace(witness.name.encode(), b"south.example/w1"))
    refused = run("cairn", "verify", tmp_path / "changed.cairn", "--policy", tmp_path / "policy")
    assert refused.returncode != 0


def test_a_third_party_verifies_the_checkpoint(witnessed: Witnessed):
    node = witnessed.node

    def verified():
        note = aics_tlog.parse_note(ask(node.member.address("tiles"), "/checkpoint").body)
        with client_of(node) as client:
            policy = Policy.parse(client.info().policy)
        lines = (line.split() for line in policy_lines(node))
        cosigners = [aics_tlog.parse_vkey(words[2]) for words in lines if words[0] == "witness"]
        assert len(cosigners) == len(policy.witnesses)
        return aics_tlog.verify_checkpoint(note, witnessed.log_key, cosigners, 4, expected_origin=witnessed.log_key.name)

    until(lambda: verified().ok, "aics-tlog does not take the checkpoint")
    result = verified()
    assert result.cosignature_count >= 4 and result.size > 1


def policy_lines(node: Node) -> list[str]:
    with client_of(node) as client:
        return client.info().policy.splitlines()
