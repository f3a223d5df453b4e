"""QueryEvents with every filter, and histories in every spelling, over events that nobody adds to."""

from dataclasses import dataclass
from typing import Callable

import grpc
import pytest
from cairn.v1 import event_filter_pb2, provenance_pb2 as pb, provenance_service_pb2

from authors import SIGNERS, Author, record
from cairn_client import Client, Registrar, refused
from events import MINUTE, bad_sgtin_link, event, lgtin_link, lgtin_urn, sgln_link, sgln_urn
from events import sgtin_elements, sgtin_link, sgtin_urn
from merkle import leaf_hash

BASE = 1_750_000_000_000_000
TimeBound = event_filter_pb2.TimeBound
STEPS = ["shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "receiving"]


@dataclass(frozen=True)
class Recorded:
    """An event as it was sent and where it went."""

    event: pb.Event
    record_id: bytes
    position: int
    ledger_time: int
    author: Author


@dataclass(frozen=True)
class Population:
    """All the events of this module's ledger, and who wrote them."""

    events: list[Recorded]
    authors: list[Author]

    def ids(self, matches: Callable[[Recorded], bool]) -> list[bytes]:
        return [recorded.record_id for recorded in self.events if matches(recorded)]


def make_event(index: int) -> pb.Event:
    """Sixty events of all kinds, about items and places that recur."""
    at, serial = BASE + index * MINUTE, f"Q{index % 10}"
    place = pb.Location(id=sgln_urn(f"0000{index % 4}"))
    where = dict(at=at, event_id=f"urn:uuid:event:{index}", read_point=place, biz_location=None)
    kind = index % 6
    if kind == 0:
        return event([sgtin_urn(serial)], action=pb.ACTION_ADD, biz_step=STEPS[index % 4], **where)
    if kind == 1:
        parent = dict(type=pb.EVENT_TYPE_AGGREGATION, parent_id="urn:uuid:pallet", action=pb.ACTION_ADD)
        children = pb.ItemList(items=[sgtin_link(serial)])
        return event(child_epcs=children, biz_step="packing", **(where | parent))
    if kind == 2:
        papers = pb.BizTransactionList(biz_transactions=[pb.BizTransaction(type="po", biz_transaction="urn:uuid:po")])
        return event(
            [sgtin_elements(serial)],
            type=pb.EVENT_TYPE_TRANSACTION,
            biz_transaction_list=papers,
            disposition=None,
            **where,
        )
    if kind == 3:
        return event(
            type=pb.EVENT_TYPE_TRANSFORMATION,
            action=None,
            input_epc_list=pb.ItemList(items=[sgtin_urn(serial)]),
            output_quantity_list=pb.QuantityList(quantities=[quantity("L1")]),
            biz_step="commissioning",
            disposition="active",
            **where,
        )
    if kind == 4:
        lots = pb.QuantityList(quantities=[quantity("L2")])
        return event(quantity_list=lots, action=pb.ACTION_DELETE, **(where | dict(biz_location=place)))
    children = pb.ItemList(items=["urn:uuid:sensor"])
    return event(type=pb.EVENT_TYPE_ASSOCIATION, parent_id=sgtin_urn(serial), child_epcs=children, **where)


def quantity(lot: str) -> pb.Quantity:
    return pb.Quantity(epc_class=lgtin_urn(lot), quantity="12.5", uom="KGM")


@pytest.fixture(scope="module")
def population(client: Client, registrar: Registrar) -> Population:
    authors = [registrar.register(SIGNERS[suite]()) for suite in ("ed25519", "p256")]
    recorded: list[Recorded] = []
    for number in range(12):
        author = authors[number % 2]
        events = [make_event(number * 5 + index) for index in range(5)]
        records = [event_record_of(item) for item in events]
        receipt = client.record(author, records)
        for item, data in zip(events, records, strict=True):
            place = (leaf_hash(data), receipt.position, receipt.ledger_time_microseconds)
            recorded.append(Recorded(item, *place, author))
    return Population(recorded, authors)


def event_record_of(item: pb.Event) -> bytes:
    return record(provenance=pb.ProvenanceRecord(event=item))


def about(*items: str) -> Callable[[Recorded], bool]:
    """Whether an event speaks of one of the items, anywhere."""

    def matches(recorded: Recorded) -> bool:
        e = recorded.event
        mentioned = {e.parent_id}
        for listed in (e.epc_list, e.child_epcs, e.input_epc_list, e.output_epc_list):
            mentioned.update(listed.items)
        for quantities in (e.quantity_list, e.child_quantity_list, e.input_quantity_list, e.output_quantity_list):
            mentioned.update(quantity.epc_class for quantity in quantities.quantities)
        return bool(mentioned & set(items))

    return matches


def spellings(serial: str) -> list[str]:
    return [sgtin_link(serial), sgtin_urn(serial), sgtin_elements(serial)]


def at_place(number: int, *, read: bool = True, business: bool = True) -> Callable[[Recorded], bool]:
    place = sgln_urn(f"0000{number}")

    def matches(recorded: Recorded) -> bool:
        e = recorded.event
        return (read and e.read_point.id == place) or (business and e.biz_location.id == place)

    return matches


def step_is(*names: str) -> Callable[[Recorded], bool]:
    return lambda recorded: any(recorded.event.biz_step.endswith(name) for name in names)


Filter = tuple[dict[str, object], Callable[[Recorded], bool]]
FILTERS: dict[str, Filter] = {
    "everything": ({}, lambda _: True),
    "from": (
        dict(event_time_from=TimeBound(microseconds=BASE + 30 * MINUTE)),
        lambda r: r.event.event_time.microseconds >= BASE + 30 * MINUTE,
    ),
    "before": (
        dict(event_time_before=TimeBound(microseconds=BASE + 30 * MINUTE)),
        lambda r: r.event.event_time.microseconds < BASE + 30 * MINUTE,
    ),
    "between": (
        dict(
            event_time_from=TimeBound(microseconds=BASE + 10 * MINUTE),
            event_time_before=TimeBound(microseconds=BASE + 10 * MINUTE + 1),
        ),
        lambda r: r.event.event_time.microseconds == BASE + 10 * MINUTE,
    ),
    "types": (
        dict(types=[pb.EVENT_TYPE_TRANSFORMATION, pb.EVENT_TYPE_ASSOCIATION]),
        lambda r: r.event.type in (pb.EVENT_TYPE_TRANSFORMATION, pb.EVENT_TYPE_ASSOCIATION),
    ),
    "actions": (dict(actions=[pb.ACTION_ADD]), lambda r: r.event.action == pb.ACTION_ADD),
    "step as a word": (dict(biz_steps=["shipping"]), step_is("shipping")),
    "step as a URN": (dict(biz_steps=["urn:epcglobal:cbv:bizstep:shipping"]), step_is("shipping")),
    "step as a URL": (dict(biz_steps=["https://ref.gs1.org/cbv/BizStep-shipping"]), step_is("shipping")),
    "step as a CURIE": (dict(biz_steps=["cbv:BizStep-shipping"]), step_is("shipping")),
    "steps": (dict(biz_steps=["packing", "receiving"]), step_is("packing", "receiving")),
    "disposition": (dict(dispositions=["active"]), lambda r: r.event.disposition == "active"),
    "disposition as a URN": (
        dict(dispositions=["urn:epcglobal:cbv:disp:in_transit"]),
        lambda r: r.event.disposition == "in_transit",
    ),
    "item as a link": (dict(items=[sgtin_link("Q3")]), about(*spellings("Q3"))),
    "item as a URN": (dict(items=[sgtin_urn("Q4")]), about(*spellings("Q4"))),
    "item as elements": (dict(items=[sgtin_elements("Q5")]), about(*spellings("Q5"))),
    "items": (dict(items=[sgtin_urn("Q1"), sgtin_link("Q2")]), about(*spellings("Q1"), *spellings("Q2"))),
    "parent": (dict(items=["urn:uuid:pallet"]), about("urn:uuid:pallet")),
    "child": (dict(items=["urn:uuid:sensor"]), about("urn:uuid:sensor")),
    "output lot": (dict(items=[lgtin_link("L1")]), about(lgtin_urn("L1"))),
    "lot": (dict(items=[lgtin_urn("L2")]), about(lgtin_urn("L2"))),
    "place": (dict(places=[sgln_urn("00002")]), at_place(2)),
    "place as a link": (dict(places=[sgln_link("00002")]), at_place(2)),
    "read point": (dict(read_points=[sgln_urn("00002")]), at_place(2, business=False)),
    "business location": (dict(biz_locations=[sgln_link("00002")]), at_place(2, read=False)),
    "event id": (dict(event_ids=["urn:uuid:event:17"]), lambda r: r.event.event_id == "urn:uuid:event:17"),
    "two conditions": (
        dict(items=[sgtin_urn("Q0")], actions=[pb.ACTION_ADD]),
        lambda r: about(*spellings("Q0"))(r) and r.event.action == pb.ACTION_ADD,
    ),
    "nothing": (dict(items=["urn:uuid:nobody"]), lambda _: False),
}


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_finds_what_it_should_in_ledger_order(client: Client, population: Population, case: str):
    conditions, matches = FILTERS[case]
    expected = population.ids(matches)
    assert bool(expected) == (case != "nothing")
    assert [found.record_id for found in client.query(page_size=7, **conditions)] == expected
    assert [found.record_id for found in client.query(**conditions)] == expected


def test_events_are_found_by_author(client: Client, population: Population):
    for author in population.authors:
        expected = population.ids(lambda recorded: recorded.author is author)
        assert [found.record_id for found in client.query(page_size=4, author_key_ids=[author.key_id])] == expected
    both = client.query(author_key_ids=[author.key_id for author in population.authors])
    assert len(both) == len(population.events)


def test_events_are_found_by_ledger_time(client: Client, population: Population):
    times = sorted({recorded.ledger_time for recorded in population.events})
    begin, end = times[len(times) // 3], times[2 * len(times) // 3]
    bounds = dict(ledger_time_from=TimeBound(microseconds=begin), ledger_time_before=TimeBound(microseconds=end))
    found = [item.record_id for item in client.query(page_size=4, **bounds)]
    assert found == population.ids(lambda recorded: begin <= recorded.ledger_time < end)


def test_an_answer_says_where_each_event_stands(client: Client, population: Population):
    for found, sent in zip(client.query(), population.events, strict=True):
        assert found.event == sent.event
        assert (found.position, found.ledger_time_microseconds) == (sent.position, sent.ledger_time)
        assert (found.author_key_id, found.member_id) == (sent.author.key_id, "acme")


def test_a_bad_question_is_refused(client: Client):
    def ask(**fields: object) -> None:
        client.provenance.QueryEvents(provenance_service_pb2.QueryEventsRequest(**fields), timeout=30)

    EventFilter = event_filter_pb2.EventFilter
    for fields in [
        dict(page_token="nonsense"),
        dict(page_token="A" * 10_000),
        dict(filter=EventFilter(author_key_ids=[b"short"])),
        dict(filter=EventFilter(items=[bad_sgtin_link("X")])),
        dict(filter=EventFilter(items=["urn:uuid:x"] * 65)),
        dict(filter=EventFilter(biz_steps=["x" * 2_049])),
        dict(filter=EventFilter(event_time_from=TimeBound(microseconds=-(1 << 63)))),
    ]:
        with refused() as caught:
            ask(**fields)
        assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT, fields
    with refused() as caught:
        ask(minimum_log_size=1 << 40)
    assert caught.refusal.code == grpc.StatusCode.FAILED_PRECONDITION


def test_a_page_token_belongs_to_its_question(client: Client, population: Population):
    page = next(client.query_pages(page_size=5))
    request = provenance_service_pb2.QueryEventsRequest(
        filter=event_filter_pb2.EventFilter(actions=[pb.ACTION_ADD]), page_token=page.next_page_token
    )
    with refused() as caught:
        client.provenance.QueryEvents(request, timeout=30)
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT


def test_a_history_is_the_same_in_every_spelling(client: Client, population: Population):
    expected = sorted(
        (recorded for recorded in population.events if about(*spellings("Q6"))(recorded)),
        key=lambda recorded: recorded.event.event_time.microseconds,
    )
    assert len(expected) > 3
    for spelling in spellings("Q6"):
        history = client.history(spelling)
        assert history.item == sgtin_link("Q6")
        assert [found.record_id for found in history.events] == [recorded.record_id for recorded in expected]


def test_a_link_of_any_domain_names_the_item(client: Client, population: Population):
    elsewhere = sgtin_link("Q6").replace("https://id.gs1.org", "https://brand.example/products")
    assert client.history(elsewhere).events == client.history(sgtin_link("Q6")).events
