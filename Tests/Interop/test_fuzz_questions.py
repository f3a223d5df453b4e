"""Questions that nobody would ask, over events that nobody would record: answered or refused by field, never a crash.

CAIRN_FUZZ_SEED repeats a run, CAIRN_FUZZ_ROUNDS makes a longer one.
"""

import os
import random

import grpc
import pytest
from cairn.v1 import audit_service_pb2 as audit, consortium_pb2, consortium_service_pb2, event_filter_pb2 as ef
from cairn.v1 import ledger_pb2, ledger_service_pb2 as ledger, master_data_service_pb2, peer_service_pb2
from cairn.v1 import provenance_pb2 as pb, provenance_service_pb2 as provenance, subscription_service_pb2, trace_pb2
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from authors import SIGNERS, record
from cairn_client import Client, Refusal, Registrar, check_refusal
from events import sgtin_link
from hostile import Fuzzer, hostile_events
from server import Server

SEED = int(os.environ.get("CAIRN_FUZZ_SEED", random.randrange(1 << 32)))
ROUNDS = int(os.environ.get("CAIRN_FUZZ_ROUNDS", 10))
PATIENCE = 20.0
SKIPPING = dict(on_error=ledger_pb2.ON_ERROR_SKIP_RECORD)

SERVICES = [
    module.DESCRIPTOR.services_by_name[name]
    for module, name in [
        (provenance, "ProvenanceService"),
        (audit, "AuditService"),
        (ledger, "LedgerService"),
        (consortium_service_pb2, "ConsortiumService"),
        (master_data_service_pb2, "MasterDataService"),
        (subscription_service_pb2, "SubscriptionService"),
        (peer_service_pb2, "PeerService"),
    ]
]
METHODS = {
    f"/{service.full_name}/{method.name}": method
    for service in SERVICES
    for method in service.methods
    if not method.client_streaming
}


@pytest.fixture(scope="module")
def recorded(client: Client, registrar: Registrar) -> list[ledger_pb2.Receipt]:
    """A log with everything hostile in it that the ledger takes."""
    author = registrar.register(SIGNERS["ed25519"]())
    receipts = []
    for item in hostile_events():
        batch = author.batch([record(provenance=pb.ProvenanceRecord(event=item))])
        try:
            receipts.append(client.submit(batch))
        except grpc.RpcError as error:
            judge(error, "Submit", item)
        else:
            author.advance(batch)
    assert len(receipts) > 20
    client.record(author, [record(provenance=pb.ProvenanceRecord(event=item)) for item in hostile_events()], **SKIPPING)
    return receipts


@pytest.fixture(scope="module")
def fuzzer(client: Client, recorded: list[ledger_pb2.Receipt]) -> Fuzzer:
    print(f"CAIRN_FUZZ_SEED={SEED}")
    info = client.info()
    found = client.query(page_size=50)
    blobs = [info.ledger_id] + [each.record_id for each in found] + [each.author_key_id for each in found[:1]]
    blobs += [receipt.header_digest for receipt in recorded[:3]]
    texts = [sgtin_link(name) for name in ("RING0", "PALLET", "MANY7")] + [each.event_hash for each in found[:3]]
    return Fuzzer(SEED, blobs, texts)


def judge(error: grpc.RpcError, method: str, request: object) -> None:
    """A refusal says why, and where what was asked is at fault."""
    refusal = Refusal.of(error)
    said = f"{method}: {refusal}\nseed {SEED}, request {str(request)[:2_000]!r}"
    try:
        check_refusal(refusal)
    except AssertionError:
        raise AssertionError(said) from None
    assert refusal.code not in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED), said
    if refusal.code == grpc.StatusCode.INVALID_ARGUMENT:
        assert refusal.violations, said


def call(client: Client, method: str, data: bytes) -> int:
    """Sends bytes and reads what comes, a bounded part of a stream; how many answers there were."""
    descriptor = METHODS[method]
    reader = GetMessageClass(descriptor.output_type).FromString
    if not descriptor.server_streaming:
        client.channel.unary_unary(method, response_deserializer=reader)(data, timeout=PATIENCE)
        return 1
    stream = client.channel.unary_stream(method, response_deserializer=reader)(data, timeout=PATIENCE)
    count = sum(1 for _ in zip(range(50), stream))
    stream.cancel()
    return count


def ask(client: Client, method: str, request: Message | bytes) -> int:
    data = request if isinstance(request, bytes) else request.SerializeToString()
    if method.endswith("/WatchLog"):
        data += ledger.WatchLogRequest(stop_at_end=True).SerializeToString()
        if follows(data):
            return 0
    try:
        return call(client, method, data)
    except grpc.RpcError as error:
        judge(error, method, request)
        return 0


def follows(data: bytes) -> bool:
    """Whether damaged bytes ask for a watch without end."""
    try:
        return not ledger.WatchLogRequest.FromString(data).stop_at_end
    except DecodeError:
        return False


def number(*values: str) -> ef.NumberComparison:
    return ef.NumberComparison(comparison=ef.COMPARISON_GREATER_OR_EQUAL, values=values)


def seeds() -> dict[str, list[Message]]:
    """Requests that are answered: what the others are mutations of."""
    rich = ef.EventFilter(
        event_time_from=ef.TimeBound(microseconds=0),
        types=[pb.EVENT_TYPE_OBJECT, pb.EVENT_TYPE_TRANSFORMATION],
        match_any_epcs=["urn:epc:idpat:sgtin:9506000.*.*"],
        quantities=[ef.QuantityCondition(number=number("1"), uom="KGM")],
        biz_transactions=[ef.ReferenceCondition(type="po", values=["urn:x:1"])],
        fields=[ef.FieldCondition(inner=True, name="a:b", number=number("1"))],
        error_declaration=ef.ErrorDeclarationFilter(reasons=["did_not_occur"]),
        sensors=ef.SensorFilter(
            readings=[ef.ReadingCondition(kind=ef.READING_KIND_VALUE, number=number("8"), uom="CEL")], one_report=True
        ),
        attributes=[ef.AttributeCondition(part=ef.DESCRIBED_PART_READ_POINT, names=["city"])],
    )
    few = ef.EventFilter(items=[sgtin_link("A")])
    item = sgtin_link("RING0")
    trace = trace_pb2.TraceRequest(
        item=item,
        direction=trace_pb2.TRACE_DIRECTION_BOTH,
        maximum_depth=9,
        maximum_nodes=500,
        include_events=True,
        prove=True,
    )
    return {
        "/cairn.v1.ProvenanceService/QueryEvents": [
            provenance.QueryEventsRequest(
                filter=each, page_size=5, prove=prove, describe=True, include_event_hashes=True
            )
            for each in (rich, few, ef.EventFilter())
            for prove in (False, True)
        ],
        "/cairn.v1.ProvenanceService/ListItemHistory": [
            provenance.ListItemHistoryRequest(item=item, page_size=2, prove=True, describe=True)
        ],
        "/cairn.v1.ProvenanceService/Trace": [trace, trace_pb2.TraceRequest(item=sgtin_link("PALLET"))],
        "/cairn.v1.ProvenanceService/GetItem": [
            trace_pb2.GetItemRequest(item=each) for each in (item, sgtin_link("PALLET"), sgtin_link("MANY7"))
        ],
        "/cairn.v1.LedgerService/WatchLog": [ledger.WatchLogRequest(filter=each) for each in (rich, few)],
        "/cairn.v1.AuditService/GetConsistencyProof": [audit.GetConsistencyProofRequest(first_size=1, second_size=9)],
        "/cairn.v1.AuditService/GetEvidence": [
            audit.GetEvidenceRequest(record_position=audit.RecordPosition(position=9), tree_size=20)
        ],
    }


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.rpartition("/")[2])
def test_any_question_is_answered_or_refused_by_field(client: Client, server: Server, fuzzer: Fuzzer, method: str):
    kind = GetMessageClass(METHODS[method].input_type)
    known = seeds().get(method, [])
    for request in known:
        assert ask(client, method, request) > 0 or method.endswith("/WatchLog")
    for index in range(ROUNDS):
        ask(client, method, fuzzer.message(kind))
        request = fuzzer.dice.choice(known) if known else fuzzer.message(kind)
        for _ in range(fuzzer.dice.choice([1, 1, 2, 3])):
            request = fuzzer.mutated(request)
        ask(client, method, request)
        ask(client, method, fuzzer.damaged(request.SerializeToString()))
    assert server.process is not None and server.process.poll() is None, server.output()


def test_any_stream_is_answered_or_refused(client: Client, server: Server, fuzzer: Fuzzer):
    for method, kind, answer in [
        ("/cairn.v1.LedgerService/SubmitStream", ledger.SubmitStreamRequest, ledger.SubmitStreamResponse),
        (
            "/cairn.v1.SubscriptionService/Receive",
            subscription_service_pb2.ReceiveRequest,
            subscription_service_pb2.ReceiveResponse,
        ),
    ]:
        send = client.channel.stream_stream(method, response_deserializer=answer.FromString)
        for _ in range(ROUNDS):
            sent = [fuzzer.message(kind).SerializeToString() for _ in range(3)]
            sent[-1] = fuzzer.damaged(sent[-1])
            try:
                list(zip(range(20), send(iter(sent), timeout=PATIENCE)))
            except grpc.RpcError as error:
                judge(error, method, sent)
    assert server.process is not None and server.process.poll() is None, server.output()


def test_signed_nonsense_is_recorded_skipped_or_refused(
    client: Client, server: Server, registrar: Registrar, fuzzer: Fuzzer
):
    """What a device may sign: half of it stays in the log as skipped, where nothing may stumble over it."""
    author = registrar.register(SIGNERS["ed25519"]())
    events = hostile_events()
    for index in range(ROUNDS * 10):
        bodies: list[dict[str, object]] = []
        for _ in range(fuzzer.dice.choice([1, 1, 5])):
            twice = fuzzer.mutated(fuzzer.mutated(fuzzer.dice.choice(events)))
            statement = fuzzer.dice.choice([pb.ProvenanceRecord(event=twice), fuzzer.message(pb.ProvenanceRecord)])
            bodies.append({"provenance": statement})
            bodies.append({"consortium": fuzzer.message(consortium_pb2.ConsortiumRecord)})
        records = [record(**body) for body in bodies[: fuzzer.dice.choice([1, 2, len(bodies)])]]
        if fuzzer.dice.random() < 0.1:
            records[-1] = fuzzer.damaged(records[-1])
        batch = author.batch(records, **(SKIPPING if index % 2 else {}))
        try:
            client.submit(batch)
        except grpc.RpcError as error:
            judge(error, "Submit", batch)
        else:
            author.advance(batch)
    assert author.sequence > ROUNDS
    unknown = "ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0"
    assert not client.query(event_hashes=[unknown]), "every record's hashes are computed for this"
    assert server.process is not None and server.process.poll() is None, server.output()


def test_what_was_recorded_can_be_asked_for(
    client: Client, server: Server, recorded: list[ledger_pb2.Receipt], fuzzer: Fuzzer
):
    """Every item of every hostile event has a history, a state and a trace, and the ledger is whole."""
    asked: set[str] = set()
    for found in client.query():
        body = found.event
        lists = (body.epc_list, body.child_epcs, body.input_epc_list, body.output_epc_list)
        asked.update(item for each in lists for item in each.items[:1])
        amounts = (body.quantity_list, body.input_quantity_list, body.output_quantity_list)
        asked.update(
            [body.parent_id] * bool(body.parent_id), *([q.epc_class for q in each.quantities] for each in amounts)
        )
    assert len(asked) > 10
    for item in sorted(asked):
        assert client.history(item).events
        client.provenance.GetItem(trace_pb2.GetItemRequest(item=item), timeout=PATIENCE)
        list(client.provenance.Trace(trace_pb2.TraceRequest(item=item, maximum_depth=10), timeout=PATIENCE))
    assert server.stop() == 0
    for done in (server.check(), server.rebuild(), server.check()):
        assert done.returncode == 0, done.stdout + done.stderr
