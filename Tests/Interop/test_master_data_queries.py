"""Events found by what master data says of their places, parties and goods: HASATTR, EQATTR and WD, by what each caller may know."""

from collections.abc import Callable

import pytest
from cairn.v1 import consortium_pb2, event_filter_pb2 as ef, extension_pb2, master_data_pb2 as pb, provenance_pb2
from cairn.v1 import provenance_service_pb2 as service, trace_pb2

from authors import Author, Ed25519Signer, record
from cairn_client import TIMEOUT, Client, Registrar, refused
from events import PREFIX, check_digit, event_record, sgln_link
from merkle import leaf_hash

OPERATOR = consortium_pb2.ROLE_OPERATOR
PUBLIC = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PUBLIC)
PLACE, PRODUCT = pb.MASTER_DATA_KIND_PLACE, pb.MASTER_DATA_KIND_PRODUCT
SITE, GATE, YARD = sgln_link("00070"), sgln_link("00070", "GATE"), "urn:uuid:3f0d3a5e-7d53-4f3e-9f0e-000000000070"
PORT = "urn:uuid:3f0d3a5e-7d53-4f3e-9f0e-000000000071"
NOWHERE = "urn:uuid:3f0d3a5e-7d53-4f3e-9f0e-000000000072"
GTIN = f"0{PREFIX}13499"
OIL = f"https://id.gs1.org/01/{GTIN}{check_digit(GTIN)}"
PLACES = [SITE, GATE, YARD, PORT, NOWHERE]


def said(subject: str, name: str, kind: int = PLACE, **fields: object) -> pb.MasterData:
    return pb.MasterData(subject=subject, kind=kind, names=[pb.LanguageText(text=name)], **fields)


DESCRIPTIONS = [
    said(
        SITE,
        "Mill",
        parent=PORT,
        address=pb.PostalAddress(city="Beja", country="PT"),
        attributes=[
            extension_pb2.Extension(
                name="urn:epcglobal:cbv:mda#siteType", value=extension_pb2.ExtensionValue(text="mill")
            )
        ],
    ),
    said(GATE, "Gate"),
    said(YARD, "Yard", parent=GATE, address=pb.PostalAddress(city="Porto")),
    said(OIL, "Oil", PRODUCT),
]


def data_record(data: pb.MasterData) -> bytes:
    return record(provenance=provenance_pb2.ProvenanceRecord(master_data=data), visibility=PUBLIC)


def bottle(number: int) -> str:
    return f"{OIL}/21/MDQ{number}"


def at(place: str, number: int) -> bytes:
    quantities = provenance_pb2.QuantityList(
        quantities=[provenance_pb2.Quantity(epc_class=f"{OIL}/10/LOT{number}", quantity="1", uom="LTR")]
    )
    return event_record(
        [bottle(number)], read_point=provenance_pb2.Location(id=place), biz_location=None, quantity_list=quantities
    )


@pytest.fixture
def visits(client: Client, registrar: Registrar) -> dict[str, bytes]:
    """An event at each place, by the place: its record id. The places are described."""
    operator: Author = registrar.register(Ed25519Signer(), role=OPERATOR)
    client.record(operator, [data_record(data) for data in DESCRIPTIONS])
    records = {place: at(place, number) for number, place in enumerate(PLACES)}
    client.record(operator, list(records.values()))
    return {place: leaf_hash(each) for place, each in records.items()}


def closest(place: str, attribute: Callable[[pb.MasterData], str]) -> str:
    """The attribute of the place itself, else of the GLN that it is an extension of."""
    stated = {data.subject: attribute(data) for data in DESCRIPTIONS}
    return stated.get(place) or stated.get(place.split("/254/")[0]) or ""


def inside(place: str, wanted: str) -> bool:
    parents = {data.subject: data.parent for data in DESCRIPTIONS if data.parent} | {GATE: SITE}
    while place and place != wanted:
        place = parents.get(place, "")
    return place == wanted


def found(client: Client, visits: dict[str, bytes], **fields: object) -> list[str]:
    """The places of the events found."""
    items = [bottle(number) for number in range(len(PLACES))]
    events = client.query(items=items, **fields)
    ids = {record_id: place for place, record_id in visits.items()}
    return [ids[event.record_id] for event in events if event.record_id in ids]


def read_point(*names: str, values: tuple[str, ...] = ()) -> list[ef.AttributeCondition]:
    texts = {"texts": ef.FieldTexts(values=values)} if values else {}
    return [ef.AttributeCondition(part=ef.DESCRIBED_PART_READ_POINT, names=names, **texts)]


def test_attributes_are_those_of_the_closest_description(client: Client, visits: dict[str, bytes]) -> None:
    for spelling in ("name", "cbvmda:name", "https://ref.gs1.org/cbv/mda#name"):
        for name in ("Mill", "Gate", "Yard", "Nothing"):
            expected = [place for place in PLACES if closest(place, lambda data: data.names[0].text) == name]
            assert found(client, visits, attributes=read_point(spelling, values=(name,))) == expected
    for city in ("Beja", "Porto", "beja"):
        expected = [place for place in PLACES if closest(place, lambda data: data.address.city) == city]
        assert found(client, visits, attributes=read_point("urn:epcglobal:cbv:mda:city", values=(city,))) == expected
    assert found(client, visits, attributes=read_point("cbvmda:siteType")) == [SITE, GATE]
    assert found(client, visits, attributes=read_point("cbvmda:nothing", "cbvmda:city")) == [SITE, GATE, YARD]


def test_a_lot_is_what_its_product_is(client: Client, visits: dict[str, bytes]) -> None:
    condition = ef.AttributeCondition(
        part=ef.DESCRIBED_PART_EPC_CLASS, names=["name"], texts=ef.FieldTexts(values=["Oil"])
    )
    assert found(client, visits, attributes=[condition]) == PLACES


def test_a_place_is_inside_of_its_parents(client: Client, visits: dict[str, bytes]) -> None:
    for wanted in PLACES:
        expected = [place for place in PLACES if inside(place, wanted)]
        assert found(client, visits, read_points_within=[wanted]) == expected, wanted


def test_conditions_that_cannot_be_met_are_refused(client: Client) -> None:
    for path, condition in {
        "filter.attributes[0].field": ef.AttributeCondition(names=["city"]),
        "filter.attributes[0].names": ef.AttributeCondition(part=ef.DESCRIBED_PART_SOURCE),
    }.items():
        with refused("MISSING_FIELD") as caught:
            client.query(attributes=[condition])
        assert path in caught.refusal.violations


def test_a_trace_says_what_it_names(client: Client, visits: dict[str, bytes]) -> None:
    stub = client.provenance
    for describe in (True, False):
        request = trace_pb2.TraceRequest(item=bottle(1), describe=describe)
        parts = list(stub.Trace(request, timeout=TIMEOUT))
        names = {entry.subject: entry.shown.master_data.names[0].text for part in parts for entry in part.described}
        assert names == ({GATE: "Gate", SITE: "Mill", OIL: "Oil"} if describe else {})
        state = stub.GetItem(trace_pb2.GetItemRequest(item=bottle(1), describe=describe), timeout=TIMEOUT)
        assert {entry.subject for entry in state.described} == set(names)
    history = stub.ListItemHistory(
        service.ListItemHistoryRequest(item=bottle(1), describe=True), timeout=TIMEOUT
    )
    assert {GATE, SITE} <= {entry.subject for entry in history.described}
