"""Where an item came from, where it went, and what its state is, with stock grpcio."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, event_filter_pb2, provenance_pb2 as pb, trace_pb2
from cryptography.hazmat.primitives import serialization

from authors import Ed25519Signer, record
from cairn_client import TIMEOUT, Client, Registrar, refused
from events import MINUTE, bad_sgtin_link, event, lgtin_link, lgtin_urn, sgln_link, sgln_urn
from events import sgtin_elements, sgtin_link, sgtin_urn
from identity import Bearer
from merkle import leaf_hash
from server import Server, run

BASE = 1_770_000_000_000_000
ITEM = trace_pb2.TRACE_NODE_KIND_ITEM
TRANSFORMATION = trace_pb2.TRACE_NODE_KIND_TRANSFORMATION
CONTAINED, TRANSFORMED = trace_pb2.TRACE_EDGE_KIND_CONTAINED, trace_pb2.TRACE_EDGE_KIND_TRANSFORMED
BACK, FORWARD = trace_pb2.TRACE_DIRECTION_BACK, trace_pb2.TRACE_DIRECTION_FORWARD
PUBLIC = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PUBLIC)
MEMBERS = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_MEMBERS)
HIDDEN = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PARTIES, member_ids=["acme"])


def bound(minute: int) -> event_filter_pb2.TimeBound:
    return event_filter_pb2.TimeBound(microseconds=BASE + minute * MINUTE)


def sscc(serial: int) -> str:
    digits = f"39506000{serial:09d}"
    check = -sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))) % 10
    return f"https://id.gs1.org/00/{digits}{check}"


def stated(body: pb.Event, visibility: consortium_pb2.Visibility | None = None) -> bytes:
    fields = {"visibility": visibility} if visibility else {}
    return record(provenance=pb.ProvenanceRecord(event=body), **fields)


def aggregation(minute: int, parent: str, children: list[str], action: int = pb.ACTION_ADD, **fields: object) -> pb.Event:
    defaults = dict(type=pb.EVENT_TYPE_AGGREGATION, action=action, parent_id=parent, biz_step="packing")
    children_list = {"child_epcs": pb.ItemList(items=children)}
    return event(None, at=BASE + minute * MINUTE, **(defaults | children_list | fields))


def transformation(minute: int, inputs: list[str], outputs: list[str], **fields: object) -> pb.Event:
    defaults = dict(
        type=pb.EVENT_TYPE_TRANSFORMATION,
        action=pb.ACTION_UNSPECIFIED,
        biz_step="commissioning",
        disposition="active",
        input_epc_list=pb.ItemList(items=inputs),
        output_epc_list=pb.ItemList(items=outputs),
    )
    return event(None, at=BASE + minute * MINUTE, **(defaults | fields))


def observation(minute: int, items: list[str], **fields: object) -> pb.Event:
    return event(items, at=BASE + minute * MINUTE, **fields)


def time(window: trace_pb2.TimeWindow, end: str) -> int | None:
    return getattr(window, end).microseconds if window.HasField(end) else None


@dataclass
class Trace:
    """An answer put together from its parts, and looked up by what things are called."""

    parts: list[trace_pb2.TraceResponse]
    whole: trace_pb2.TraceResponse = field(default_factory=trace_pb2.TraceResponse)

    def __post_init__(self) -> None:
        for part in self.parts:
            self.whole.MergeFrom(part)
        summary = self.whole.summary
        counts = [len(each) for each in (self.whole.nodes, self.whole.edges, self.whole.stubs, self.whole.events)]
        assert [summary.node_count, summary.edge_count, summary.stub_count, summary.event_count] == counts
        assert summary.consulted_count == len(self.whole.consulted)

    @property
    def ids(self) -> list[str]:
        return [node.id for node in self.whole.nodes if node.kind != TRANSFORMATION]

    def edges(self, kind: int) -> set[tuple[str, str]]:
        """Who is in whom; of transformations, what was made of what."""
        nodes, edges = self.whole.nodes, [edge for edge in self.whole.edges if edge.kind == kind]
        if kind != TRANSFORMED:
            return {(nodes[edge.from_node].id, nodes[edge.to_node].id) for edge in edges}
        return {
            (nodes[into.from_node].id, nodes[out.to_node].id)
            for into in edges
            for out in edges
            if into.to_node == out.from_node
        }

    def spans(self, kind: int, child: str, parent: str) -> list[tuple[int, int | None]]:
        """When a link held."""
        for edge in self.whole.edges:
            ends = (self.whole.nodes[edge.from_node].id, self.whole.nodes[edge.to_node].id)
            if edge.kind == kind and ends == (child, parent):
                return [(time(span.during, "from"), time(span.during, "before")) for span in edge.spans]
        return []

    def stubs(self) -> set[tuple[str, str]]:
        name = trace_pb2.TraceStubReason.Name
        return {
            (self.whole.nodes[stub.node].id, name(stub.reason).removeprefix("TRACE_STUB_REASON_"))
            for stub in self.whole.stubs
        }

    def events(self, item: str) -> list[trace_pb2.TracedEvent]:
        node = next(node for node in self.whole.nodes if node.id == item)
        return [self.whole.events[number] for number in node.events]


def trace(client: Client, item: str, **fields: object) -> Trace:
    request = trace_pb2.TraceRequest(item=item, **fields)
    return Trace(list(client.provenance.Trace(request, timeout=TIMEOUT)))


def state(client: Client, item: str, **fields: object) -> trace_pb2.GetItemResponse:
    return client.provenance.GetItem(trace_pb2.GetItemRequest(item=item, **fields), timeout=TIMEOUT)


def minutes(*values: int | None) -> tuple[int | None, ...]:
    return tuple(None if value is None else BASE + value * MINUTE for value in values)


@pytest.fixture(scope="module")
def nobody(server: Server) -> Iterator[Client]:
    with server.client_as(None) as client:
        yield client


@pytest.fixture(scope="module")
def clerk(server: Server, registrar: Registrar) -> Iterator[Client]:
    """Somebody who reads what is for members."""
    signer = Ed25519Signer()
    registrar.register(signer, "acme", consortium_pb2.ROLE_OPERATOR)
    with server.client_as(Bearer.of(signer, registrar.ledger_id)) as client:
        yield client


class Story:
    """Grapes of two lots become a wine lot and two bottles; they are packed, shipped, unpacked; one is sold on alone."""

    def __init__(self, name: str):
        self.grapes = [lgtin_link(f"{name}-G1"), lgtin_link(f"{name}-G2")]
        self.bottles = [sgtin_link(f"{name}-B1"), sgtin_link(f"{name}-B2")]
        seed = int.from_bytes(name.encode(), "big") % 1_000_000
        self.case, self.pallet = sscc(seed * 10 + 1), sscc(seed * 10 + 2)
        self.name = name

    def events(self) -> list[pb.Event]:
        run_id = f"urn:uuid:run-{self.name}"
        inputs = pb.QuantityList(quantities=[pb.Quantity(epc_class=self.grapes[0], quantity="10.50", uom="KGM")])
        more = pb.QuantityList(quantities=[pb.Quantity(epc_class=self.grapes[1], quantity="0.1", uom="KGM")])
        pressing = dict(type=pb.EVENT_TYPE_TRANSFORMATION, action=None, transformation_id=run_id, biz_step=None)
        return [
            event(None, at=BASE, input_quantity_list=inputs, **pressing),
            event(None, at=BASE + MINUTE, input_quantity_list=more, **pressing),
            event(None, at=BASE + 2 * MINUTE, output_epc_list=pb.ItemList(items=self.bottles), **pressing),
            aggregation(10, self.case, self.bottles),
            aggregation(20, self.pallet, [self.case]),
            observation(
                30,
                [self.pallet],
                biz_step="departing",
                destination_list=pb.DestinationList(
                    destinations=[pb.Destination(type="possessing_party", destination=sgln_urn("00009"))]
                ),
            ),
            observation(40, [self.pallet], biz_step="arriving", read_point=pb.Location(id=sgln_urn("00003"))),
            aggregation(50, self.pallet, [], pb.ACTION_DELETE, biz_step="unpacking", child_epcs=None),
            observation(55, [self.pallet], biz_step="storing"),
            aggregation(60, self.case, [sgtin_urn(f"{self.name}-B1")], pb.ACTION_DELETE, biz_step="unpacking"),
            observation(70, [self.case], biz_step="storing"),
            observation(
                80,
                [sgtin_elements(f"{self.name}-B1")],
                biz_step="retail_selling",
                disposition="retail_sold",
                biz_location=pb.Location(id=sgln_urn("00007")),
            ),
        ]


@pytest.fixture(scope="module")
def story(client: Client, registrar: Registrar) -> Story:
    story = Story("STORY")
    author = registrar.register(Ed25519Signer())
    events = story.events()
    # Two events a batch: the answer is put together across commits, and what came last happened in the middle.
    for start in (0, 2, 6, 8, 10, 4):
        client.record(author, [stated(each) for each in events[start : start + 2]])
    return story


def test_back_to_what_it_was_made_of_and_up_to_what_carried_it(clerk: Client, story: Story) -> None:
    answer = trace(clerk, sgtin_urn("STORY-B1"), direction=BACK, include_events=True)
    assert answer.whole.summary.item == answer.ids[0] == story.bottles[0]
    assert set(answer.ids) == {story.bottles[0], story.case, story.pallet, *story.grapes}
    assert answer.edges(TRANSFORMED) == {(grapes, story.bottles[0]) for grapes in story.grapes}
    assert answer.edges(CONTAINED) == {(story.bottles[0], story.case), (story.case, story.pallet)}
    assert answer.spans(CONTAINED, story.bottles[0], story.case) == [minutes(10, 60)]
    assert answer.spans(CONTAINED, story.case, story.pallet) == [minutes(20, 50)]
    steps = [event.recorded.event.biz_step for event in answer.events(story.pallet)]
    assert steps == ["packing", "departing", "arriving", "unpacking"]
    assert not answer.stubs()
    times = [each.event_time_microseconds for each in answer.whole.events]
    assert times == sorted(times)


def test_forward_from_an_ingredient_to_all_that_was_made_of_it(clerk: Client, story: Story) -> None:
    answer = trace(clerk, lgtin_urn("STORY-G2"), direction=FORWARD)
    assert set(answer.ids) == {story.grapes[1], *story.bottles, story.case, story.pallet}
    assert answer.spans(CONTAINED, story.bottles[1], story.case) == [minutes(10, None)]
    (amount,) = {
        (quantity.number, quantity.uom)
        for edge in answer.whole.edges
        if answer.whole.nodes[edge.from_node].id == story.grapes[1]
        for span in edge.spans
        for quantity in span.quantities
    }
    assert amount == ("0.1", "KGM")


def test_down_into_a_container_but_never_to_what_travels_beside(clerk: Client, story: Story) -> None:
    assert set(trace(clerk, story.pallet, direction=FORWARD).ids) == {story.pallet, story.case, *story.bottles}
    assert story.bottles[1] not in trace(clerk, story.bottles[0]).ids


def test_every_event_has_the_handle_of_its_evidence(clerk: Client, story: Story) -> None:
    answer = trace(clerk, story.bottles[0])
    assert answer.whole.events and len({each.recorded.record_id for each in answer.whole.events}) == 10
    for each in answer.whole.events:
        assert not each.recorded.HasField("event")
        evidence = clerk.evidence(record_id=each.recorded.record_id)
        assert evidence
    whole = trace(clerk, story.bottles[0], include_events=True)
    assert [each.recorded.record_id for each in whole.whole.events] == [
        each.recorded.record_id for each in answer.whole.events
    ]
    history = {each.record_id: each for each in clerk.history(story.bottles[0]).events}
    for each in whole.events(story.bottles[0]):
        assert history[each.recorded.record_id] == each.recorded


def test_as_of_an_event_time_and_a_ledger_time(clerk: Client, story: Story) -> None:
    early = trace(clerk, story.bottles[0], as_of=bound(45))
    assert early.spans(CONTAINED, story.case, story.pallet) == [minutes(20, None)]
    assert early.whole.summary.as_of == bound(45)
    assert set(trace(clerk, story.bottles[0], as_of=bound(5)).ids) == {story.bottles[0], *story.grapes}
    events = trace(clerk, story.bottles[0]).whole.events
    known = sorted({each.recorded.ledger_time_microseconds for each in events})
    first = trace(clerk, story.bottles[0], known_at=event_filter_pb2.TimeBound(microseconds=known[1]))
    assert first.edges(CONTAINED) == {(story.bottles[0], story.case)}
    before = trace(clerk, story.bottles[0], known_at=event_filter_pb2.TimeBound(microseconds=known[0] - 1))
    assert before.stubs() == {(story.bottles[0], "UNKNOWN")} and not before.whole.events


def test_the_state_of_an_item(clerk: Client, story: Story) -> None:
    sold = state(clerk, sgtin_elements("STORY-B1"))
    assert (sold.item, sold.kind) == (story.bottles[0], ITEM)
    assert (sold.place.id, sold.place.is_read_point) == (sgln_link("00007"), False)
    assert sold.disposition.value.endswith("Disp-retail_sold")
    assert not sold.parents and sold.last_member_id == "acme"
    assert sold.last_event.recorded.event.biz_step == "retail_selling"
    assert sold.created_by.event_time_microseconds == BASE + 2 * MINUTE
    riding = state(clerk, story.bottles[0], as_of=bound(45))
    assert [(link.id, link.since.event_time_microseconds) for link in riding.parents] == [(story.case, BASE + 10 * MINUTE)]
    assert riding.last_event.recorded.event.biz_step == "arriving"
    assert riding.possessor.value.endswith(sgln_link("00009").rpartition("/")[2])
    case = state(clerk, story.case, as_of=bound(45))
    assert [link.id for link in case.children] == story.bottles and case.child_count == 2
    assert [link.id for link in case.parents] == [story.pallet]
    (reference,) = {link.since.record_id for link in case.children}
    assert clerk.evidence(record_id=reference)
    early = state(clerk, story.bottles[0], as_of=bound(3))
    assert early.event_count == 1 and not early.parents
    with refused("UNKNOWN_ITEM") as caught:
        state(clerk, story.bottles[0], as_of=bound(-1))
    assert caught.refusal.code == grpc.StatusCode.NOT_FOUND


def test_a_correction_leaves_the_original_listed_and_provable(client: Client, clerk: Client, registrar: Registrar) -> None:
    author = registrar.register(Ed25519Signer())
    bottle, case = sgtin_link("WRONG-B"), sscc(777)
    wrong = aggregation(10, case, [bottle], event_id="urn:uuid:wrong-packing")
    declared = aggregation(
        10,
        case,
        [bottle],
        event_id="urn:uuid:wrong-packing",
        error_declaration=pb.ErrorDeclaration(declaration_time="2026-03-01T00:00:00Z", reason="incorrect_data"),
    )
    first = client.record(author, [stated(observation(1, [bottle])), stated(wrong)])
    assert trace(clerk, bottle).edges(CONTAINED) == {(bottle, case)}
    client.record(author, [stated(declared)])
    answer = trace(clerk, bottle)
    assert not answer.edges(CONTAINED) and answer.ids == [bottle]
    standing = trace_pb2.EventStanding
    assert [each.standing for each in answer.events(bottle)].count(standing.Value("EVENT_STANDING_WITHDRAWN")) == 1
    (withdrawn,) = [each for each in answer.whole.events if each.standing == standing.Value("EVENT_STANDING_WITHDRAWN")]
    assert withdrawn.recorded.position == first.position and clerk.evidence(record_id=withdrawn.recorded.record_id)
    assert any(each.standing == standing.Value("EVENT_STANDING_DECLARATION") for each in answer.whole.events)
    then = event_filter_pb2.TimeBound(microseconds=first.ledger_time_microseconds)
    assert trace(clerk, bottle, known_at=then).edges(CONTAINED) == {(bottle, case)}
    assert state(clerk, bottle, known_at=then).parents and not state(clerk, bottle).parents


def test_a_late_event_changes_the_intervals(client: Client, clerk: Client, registrar: Registrar) -> None:
    author = registrar.register(Ed25519Signer())
    bottle, case = sgtin_link("LATE-B"), sscc(888)
    client.record(author, [stated(aggregation(10, case, [bottle])), stated(observation(30, [case]))])
    assert trace(clerk, bottle).spans(CONTAINED, bottle, case) == [minutes(10, None)]
    assert state(clerk, bottle).event_count == 2
    receipt = client.record(author, [stated(aggregation(20, case, [bottle], pb.ACTION_DELETE))])
    answer = trace(clerk, bottle, minimum_log_size=receipt.log_size)
    assert answer.spans(CONTAINED, bottle, case) == [minutes(10, 20)]
    assert answer.whole.summary.log_size >= receipt.log_size
    assert state(clerk, bottle, minimum_log_size=receipt.log_size).event_count == 2
    for ask in (trace, state):
        with refused("LOG_TOO_SMALL") as caught:
            ask(clerk, bottle, minimum_log_size=receipt.log_size + 1_000)
        assert caught.refusal.code == grpc.StatusCode.FAILED_PRECONDITION and caught.refusal.retry_after


def test_what_is_hidden_is_a_stub_for_whom_reads_some_and_nothing_for_others(
    client: Client, nobody: Client, clerk: Client, registrar: Registrar
) -> None:
    author = registrar.register(Ed25519Signer())
    bottle, case, silent = sgtin_link("HIDE-B"), sscc(999), sgtin_link("HIDE-S")
    records = [
        stated(observation(1, [bottle, silent]), MEMBERS),
        stated(aggregation(10, case, [bottle]), PUBLIC),
        stated(observation(20, [case]), HIDDEN),
        stated(aggregation(15, sscc(1_000), [silent]), HIDDEN),
    ]
    client.record(author, records)
    public = trace(nobody, bottle, include_events=True)
    assert public.ids == [bottle, case] and public.stubs() == {(bottle, "FORBIDDEN"), (case, "FORBIDDEN")}
    assert [each.recorded.record_id for each in public.whole.events] == [leaf_hash(records[1])]
    assert state(nobody, bottle).forbidden_events and state(nobody, bottle).event_count == 1
    assert not trace(clerk, bottle).stubs() and not state(clerk, bottle).forbidden_events
    # Whatever the caller may read nothing of looks like what nobody ever saw.
    unknown = sgtin_link("HIDE-NEVER")
    for fields in ({}, {"direction": BACK}, {"as_of": bound(12)}, {"include_events": True}):
        hidden, never = trace(nobody, silent, **fields), trace(nobody, unknown, **fields)
        never.whole.nodes[0].id, never.whole.summary.item = silent, silent
        assert hidden.whole == never.whole and hidden.stubs() == {(silent, "UNKNOWN")}
    refusals = []
    for item in (silent, unknown):
        with refused("UNKNOWN_ITEM") as caught:
            state(nobody, item)
        refusals.append((caught.refusal.code, caught.refusal.message.replace(item, "ITEM"), caught.refusal.metadata))
    assert refusals[0] == refusals[1]
    # Moving the times of a question does not tell when the hidden events are.
    for minute in (11, 19, 21):
        assert trace(nobody, bottle, as_of=bound(minute)).stubs() == public.stubs()


def test_limits_are_stubs(client: Client, clerk: Client, registrar: Registrar) -> None:
    author = registrar.register(Ed25519Signer())
    chain = [sgtin_link(f"CHAIN-{number}") for number in range(13)]
    client.record(author, [stated(transformation(n, [chain[n]], [chain[n + 1]])) for n in range(12)])
    usual = trace(clerk, chain[0])
    assert usual.ids == chain[:11] and usual.stubs() == {(chain[10], "DEPTH_LIMIT")}
    assert (usual.whole.summary.maximum_depth, usual.whole.summary.maximum_nodes) == (10, 1_000)
    assert trace(clerk, chain[0], maximum_depth=100).ids == chain
    short = trace(clerk, chain[0], maximum_depth=2)
    assert short.ids == chain[:3] and short.stubs() == {(chain[2], "DEPTH_LIMIT")}
    few = trace(clerk, chain[0], maximum_nodes=5)
    assert len(few.whole.nodes) == 5 and {reason for _, reason in few.stubs()} == {"NODE_LIMIT"}


@pytest.mark.parametrize(
    "fields, reason, field",
    [
        ({"item": ""}, "EMPTY_IDENTIFIER", "item"),
        ({"item": bad_sgtin_link("X")}, "INVALID_CHECK_DIGIT", "item"),
        ({"item": "x" * 3_000}, "IDENTIFIER_TOO_LONG", "item"),
        ({"direction": 9}, "UNKNOWN_DIRECTION", "direction"),
        ({"maximum_depth": 101}, "INVALID_DEPTH", "maximum_depth"),
        ({"maximum_nodes": 100_001}, "INVALID_NODE_COUNT", "maximum_nodes"),
        ({"maximum_nodes": 2**32 - 1}, "INVALID_NODE_COUNT", "maximum_nodes"),
        ({"as_of": event_filter_pb2.TimeBound(microseconds=2**63 - 1)}, "TIME_OUT_OF_RANGE", "as_of.microseconds"),
        ({"known_at": event_filter_pb2.TimeBound(microseconds=-(2**63))}, "TIME_OUT_OF_RANGE", "known_at.microseconds"),
    ],
)
def test_what_is_malformed_is_named(nobody: Client, fields: dict[str, object], reason: str, field: str) -> None:
    asks = [trace] if field in ("direction", "maximum_depth", "maximum_nodes") else [trace, state]
    for ask in asks:
        with refused(reason) as caught:
            ask(nobody, **({"item": sgtin_link("ANY")} | fields))
        assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
        assert list(caught.refusal.violations) == [field]


def test_a_large_answer_comes_in_parts(client: Client, clerk: Client, registrar: Registrar) -> None:
    author = registrar.register(Ed25519Signer())
    pallet = sscc(4_242)
    children = [sgtin_link(f"WIDE-{number}") for number in range(3_000)]
    records = [stated(aggregation(0, pallet, children[start : start + 300])) for start in range(0, 3_000, 300)]
    records += [stated(observation(1, [child])) for child in children]
    for start in range(0, len(records), 1_000):
        client.record(author, records[start : start + 1_000])
    answer = trace(clerk, pallet, maximum_nodes=5_000, include_events=True)
    assert sorted(answer.ids) == sorted([pallet, *children]) and not answer.stubs()
    assert len(answer.whole.events) == len(records)
    sizes = [part.ByteSize() for part in answer.parts]
    assert len(sizes) > 4 and 100_000 < min(sizes[:-1]) and max(sizes) < 300_000
    assert [part.HasField("summary") for part in answer.parts] == [True] + [False] * (len(sizes) - 1)
    found = state(clerk, pallet)
    assert (len(found.children), found.child_count) == (1_000, 3_000)


def test_many_events_of_one_name_are_cut_off_and_said_so(client: Client, clerk: Client, registrar: Registrar) -> None:
    author = registrar.register(Ed25519Signer())
    gtin = sgtin_link("BUSY")
    for start in range(0, 10_050, 2_010):
        client.record(author, [stated(observation(start + n, [gtin])) for n in range(2_010)])
    answer = trace(clerk, gtin)
    assert len(answer.whole.events) == 10_000 and answer.stubs() == {(gtin, "EVENT_LIMIT")}
    assert state(clerk, gtin).cut_off


# The command line


def cairn(server: Server, identity: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    where = ("--server", server.address, "--ca", server.directory / "tls/cert.pem", "--identity", identity)
    return run("cairn", *arguments, *where)


@pytest.fixture(scope="module")
def identity(registrar: Registrar, tmp_path_factory: pytest.TempPathFactory) -> Path:
    author = registrar.register(Ed25519Signer(), "acme", consortium_pb2.ROLE_OPERATOR)
    path = tmp_path_factory.mktemp("identity") / "clerk.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(author.signer.key.private_bytes(encoding, form, serialization.NoEncryption()))
    path.chmod(0o600)
    return path


def test_the_tree_is_drawn(server: Server, story: Story, identity: Path) -> None:
    drawn = cairn(server, identity, "trace", sgtin_urn("STORY-B1"))
    assert drawn.returncode == 0, drawn.stderr
    lines = drawn.stdout.splitlines()
    assert lines[0] == story.bottles[0] and "\x1b" not in drawn.stdout
    assert any("made by urn:uuid:run-STORY" in line for line in lines)
    assert any("in (00)" in line and "2026-02-02 02:50–03:40" in line for line in lines), drawn.stdout
    assert all(len(line) <= 100 for line in lines), drawn.stdout
    back = cairn(server, identity, "trace", story.grapes[0], "--back", "--depth", "1")
    assert "made by" not in back.stdout and "gave" not in back.stdout


def test_the_tree_as_data(server: Server, story: Story, identity: Path, tmp_path: Path) -> None:
    printed = cairn(server, identity, "trace", story.bottles[0], "--json", "--dot", tmp_path / "trace.dot")
    assert printed.returncode == 0, printed.stderr
    answer = json.loads(printed.stdout)
    assert answer["nodes"][0]["id"] == story.bottles[0] and answer["events"][0]["event"]["type"]
    graph = (tmp_path / "trace.dot").read_text()
    assert graph.startswith("digraph") and graph.count("->") == len(answer["edges"])
    card = cairn(server, identity, "item", story.bottles[0], "--as-of", "2026-02-02T03:25:00Z")
    assert card.returncode == 0, card.stderr
    assert [line for line in card.stdout.splitlines() if line.startswith("in  ") and "(00)" in line], card.stdout
    data = json.loads(cairn(server, identity, "item", story.bottles[0], "--json").stdout)
    assert data["disposition"]["value"].endswith("retail_sold")
    assert cairn(server, identity, "item", sgtin_link("NEVER")).returncode == 1
    assert cairn(server, identity, "trace", story.bottles[0], "--depth", "0").returncode == 2
