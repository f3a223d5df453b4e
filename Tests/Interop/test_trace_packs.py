"""Traces with proofs: what was answered follows from the proved events, and anything else is refused."""

import json
from pathlib import Path
from typing import Callable

import pytest
from cairn.v1 import consortium_pb2, provenance_pb2, proved_answer_pb2, trace_pb2

from authors import SIGNERS, record
from cairn_client import TIMEOUT, Client
from evidence import EvidenceError
from events import MINUTE, event, sgtin_link
from notes import Policy
from packs import verify_answer, verify_pack
from server import Server, run

BASE = 1_750_000_000_000_000
ADD, DELETE, OBSERVE = provenance_pb2.ACTION_ADD, provenance_pb2.ACTION_DELETE, provenance_pb2.ACTION_OBSERVE
PUBLIC = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PUBLIC)
FLOUR, BREAD, CASE, PALLET = (sgtin_link(name) for name in ("FLOUR", "BREAD", "CASE", "PALLET"))


def at(minute: int, **fields: object) -> bytes:
    made = event(at=BASE + minute * MINUTE, **fields)
    return record(provenance=provenance_pb2.ProvenanceRecord(event=made), visibility=PUBLIC)


def packed(minute: int, action: int, parent: str, child: str) -> bytes:
    made = provenance_pb2.Event(
        type=provenance_pb2.EVENT_TYPE_AGGREGATION,
        event_time=provenance_pb2.EventTime(microseconds=BASE + minute * MINUTE),
        action=action,
        parent_id=parent,
        child_epcs=provenance_pb2.ItemList(items=[child]),
    )
    return record(provenance=provenance_pb2.ProvenanceRecord(event=made), visibility=PUBLIC)


def baked(minute: int) -> bytes:
    made = provenance_pb2.Event(
        type=provenance_pb2.EVENT_TYPE_TRANSFORMATION,
        event_time=provenance_pb2.EventTime(microseconds=BASE + minute * MINUTE),
        input_epc_list=provenance_pb2.ItemList(items=[FLOUR]),
        output_epc_list=provenance_pb2.ItemList(items=[BREAD]),
    )
    return record(provenance=provenance_pb2.ProvenanceRecord(event=made), visibility=PUBLIC)


@pytest.fixture(scope="module")
def story(server: Server, client: Client) -> Server:
    """Flour becomes bread, bread goes into a case, the case onto a pallet; then all comes apart."""
    registrar = server.registrar(client)
    mill, bakery = (registrar.register(SIGNERS[suite]()) for suite in ("ed25519", "p256"))
    client.record(mill, [at(0, items=[FLOUR]), at(1, items=[sgtin_link("NOISE")])])
    client.record(bakery, [at(9, items=[sgtin_link("NOISE")]), baked(10), packed(20, ADD, CASE, BREAD)])
    client.record(bakery, [packed(30, ADD, PALLET, CASE), at(40, items=[PALLET]), packed(50, DELETE, PALLET, CASE)])
    client.record(mill, [at(60, items=[PALLET]), packed(70, DELETE, CASE, BREAD), at(80, items=[CASE])])
    return server


def ask(server: Server, **fields: object) -> trace_pb2.TraceResponse:
    whole = trace_pb2.TraceResponse()
    with server.client_as(None) as nobody:
        for part in nobody.provenance.Trace(trace_pb2.TraceRequest(prove=True, **fields), timeout=TIMEOUT):
            whole.MergeFrom(part)
    return whole


def test_a_trace_comes_with_the_proofs_of_all_that_it_rests_on(story: Server, policy: Policy):
    whole = ask(story, item=BREAD, include_events=True)
    proved = verify_pack(whole.evidence.SerializeToString(), policy)
    told = {found.recorded.record_id: found.recorded.event for found in [*whole.events, *whole.consulted]}
    assert {found.record_id: found.record.provenance.event for found in proved.events} == told
    assert proved.checkpoint.size == whole.summary.log_size
    assert {node.id for node in whole.nodes} >= {FLOUR, BREAD, CASE, PALLET}
    assert not ask(story, item=sgtin_link("NOBODY")).HasField("evidence")


def prove(server: Server, file: Path, *arguments: object) -> None:
    where = ("--server", server.address, "--ca", server.directory / "tls/cert.pem")
    made = run("cairn", "trace", BREAD, "--prove", file, *arguments, *where)
    assert made.returncode == 0, made.stderr


def verify(server: Server, file: Path, *arguments: object):
    return run("cairn", "verify", file, "--policy", server.directory / "policy", *arguments)


def test_the_command_line_follows_the_proved_events_again(story: Server, policy: Policy, tmp_path: Path):
    file = tmp_path / "bread.cairn-pack"
    prove(story, file, "--json")
    answer, proved = verify_answer(file.read_bytes(), policy)
    assert answer.WhichOneof("question") == "trace" and len(proved.events) == 7
    told = verify(story, file)
    assert told.returncode == 0, told.stderr
    words = " ".join(told.stdout.split())
    assert "followed again from the proved events alone" in words and "not proved" in words
    shown = json.loads(verify(story, file, "--json").stdout)
    assert {node["id"] for node in shown["question"]["trace"]["nodes"]} >= {FLOUR, BREAD, CASE, PALLET}
    by_id = run("cairn", "verify", file, "--genesis", story.ledger_id().hex())
    assert by_id.returncode == 0, by_id.stderr


Spoil = Callable[[proved_answer_pb2.ProvedAnswer], object]

SPOILED: dict[str, tuple[str, Spoil]] = {
    "a thing less": ("TRACE", lambda a: a.traced.nodes.pop()),
    "a link less": ("TRACE", lambda a: a.traced.edges.pop()),
    "an interval": ("TRACE", lambda a: a.traced.edges[0].spans[0].during.Clear()),
    "an event less": ("TRACE", lambda a: a.traced.events.pop()),
    "an event's standing": (
        "TRACE",
        lambda a: setattr(a.traced.events[0], "standing", trace_pb2.EVENT_STANDING_WITHDRAWN),
    ),
    "the question's depth": ("TRACE", lambda a: setattr(a.trace, "maximum_depth", 1)),
    "the question's item": ("TRACE", lambda a: setattr(a.trace, "item", CASE)),
    "the question's direction": ("TRACE", lambda a: setattr(a.trace, "direction", trace_pb2.TRACE_DIRECTION_FORWARD)),
    "another kind of question": ("ANSWER", lambda a: setattr(a.history, "item", BREAD)),
    "no proofs": ("LEDGER", lambda a: a.ClearField("evidence")),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_trace_that_does_not_follow_is_refused(story: Server, tmp_path: Path, name: str):
    wanted, spoil = SPOILED[name]
    file = tmp_path / "bread.cairn-pack"
    prove(story, file)
    answer = proved_answer_pb2.ProvedAnswer.FromString(file.read_bytes())
    spoil(answer)
    file.write_bytes(answer.SerializeToString())
    told = verify(story, file, "--json")
    assert told.returncode != 0
    assert json.loads(told.stdout)["step"] == wanted, told.stdout
    if name == "no proofs":
        with pytest.raises(EvidenceError):
            verify_answer(file.read_bytes(), story.policy())
