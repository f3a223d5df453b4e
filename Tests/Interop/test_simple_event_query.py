"""SimpleEventQuery, every family of parameters, over the example documents: stock grpcio against what a look at each event says."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Callable, Iterable, Iterator

import grpc
import pytest
from cairn.v1 import event_filter_pb2 as ef, extension_pb2, ledger_pb2, provenance_pb2 as pb
from cairn.v1 import provenance_service_pb2 as service, recorded_event_pb2

from cairn_client import TIMEOUT, Client, refused
from server import Server, run

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DOCUMENTS = [
    FIXTURES / "epcis/documents" / f"{name}.jsonld"
    for name in (
        "object_event_all_fields aggregation_event association_event transaction_event transformation_event "
        "sensor_reports error_declaration"
    ).split()
] + sorted((FIXTURES / "shipment").glob("*.jsonld"))

EQ, GT, GE, LT, LE = (
    ef.COMPARISON_EQUAL,
    ef.COMPARISON_GREATER,
    ef.COMPARISON_GREATER_OR_EQUAL,
    ef.COMPARISON_LESS,
    ef.COMPARISON_LESS_OR_EQUAL,
)


def number(comparison: int, *values: str) -> ef.NumberComparison:
    return ef.NumberComparison(comparison=comparison, values=values)


def bound(text: str) -> ef.TimeBound:
    return ef.TimeBound(microseconds=round(datetime.fromisoformat(text).timestamp()) * 1_000_000)


@pytest.fixture(scope="module")
def events(client: Client, server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[recorded_event_pb2.RecordedEvent]:
    """All events of the documents, as they are in the ledger."""
    folder = tmp_path_factory.mktemp("capture")
    where = ("--server", server.address, "--ca", server.directory / "tls/cert.pem", "--identity", server.admin_key)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAIRN_STATE", str(folder / "state"))
        key, admin = folder / "device.pem", server.directory / "keys/admin.pem"
        assert run("cairn", "keygen", key).returncode == 0
        register = ("key", "register", "--key", admin, "--public-key", f"{key}.pub", "--member", "acme", "--role", "device")
        registered = run("cairn", *register, *where)
        assert registered.returncode == 0, registered.stderr
        captured = run("cairn", "capture", *DOCUMENTS, "--key", key, *where)
        assert captured.returncode == 0, captured.stderr
    events = client.query()
    assert len(events) > 40
    return events


def quantities(event: pb.Event) -> list[pb.Quantity]:
    lists = (event.quantity_list, event.child_quantity_list, event.input_quantity_list, event.output_quantity_list)
    return [quantity for listed in lists for quantity in listed.quantities]


def reports(event: pb.Event) -> list[pb.SensorReport]:
    return [report for element in event.sensor_element_list.elements for report in element.reports]


def metadata(event: pb.Event) -> list[pb.SensorMetadata]:
    return [element.metadata for element in event.sensor_element_list.elements]


def extensions(listed: Iterable[extension_pb2.Extension], name: str) -> list[extension_pb2.ExtensionValue]:
    return [extension.value for extension in listed if extension.name == name]


def inner(values: Iterable[extension_pb2.ExtensionValue]) -> Iterator[extension_pb2.Extension]:
    """Every extension anywhere inside of the values."""
    for value in values:
        if value.HasField("list"):
            yield from inner(value.list.values)
        for extension in value.object.extensions:
            yield extension
            yield from inner([extension.value])


def values(event: pb.Event, kind: str, uom: str) -> list[Decimal]:
    return [Decimal(getattr(report, kind)) for report in reports(event) if getattr(report, kind) and report.uom == uom]


Matches = Callable[[pb.Event], bool]
CASES: dict[str, tuple[dict[str, object], Matches]] = {
    "persistent disposition set": (
        dict(persistent_dispositions_set=["cbv:Disp-completeness_verified"]),
        lambda e: "completeness_verified" in e.persistent_disposition.set.values,
    ),
    "persistent disposition unset": (
        dict(persistent_dispositions_unset=["completeness_verified", "completeness_inferred"]),
        lambda e: bool(e.persistent_disposition.unset.values),
    ),
    "within a read point": (
        dict(read_points_within=["urn:epc:id:sgln:9521321.00010.0"]),
        lambda e: e.read_point.id.startswith(("https://id.gs1.org/414/9521321000100", "urn:epc:id:sgln:9521321.00010.")),
    ),
    "within a business location": (
        dict(biz_locations_within=["https://id.gs1.org/414/0614141008889"]),
        lambda e: e.biz_location.id.startswith("urn:epc:id:sgln:0614141.00888."),
    ),
    "transformation": (
        dict(transformation_ids=["https://id.gs1.org/253/9521321000018RUN1"]),
        lambda e: e.transformation_id == "https://id.gs1.org/253/9521321000018RUN1",
    ),
    "epc": (
        dict(match_epcs=["https://id.gs1.org/01/00614141073467/21/2017", "urn:epc:id:sgtin:0614141.107346.2017"]),
        lambda e: "urn:epc:id:sgtin:0614141.107346.2017" in e.epc_list.items,
    ),
    "epc by pattern": (
        dict(match_epcs=["urn:epc:idpat:sgtin:0614141.*.*"]),
        lambda e: any(i.startswith("urn:epc:id:sgtin:0614141.") for i in [*e.epc_list.items, *e.child_epcs.items]),
    ),
    "parent": (
        dict(match_parent_ids=["urn:epc:idpat:sscc:0614141.*", "urn:epc:idpat:grai:9521321.00020.*"]),
        lambda e: e.parent_id.startswith(("urn:epc:id:sscc:0614141.", "https://id.gs1.org/8003/0952132100020")),
    ),
    "input epc": (
        dict(match_input_epcs=["urn:epc:idpat:sgtin:4012345.011122.*"]),
        lambda e: any(i.startswith("urn:epc:id:sgtin:4012345.011122.") for i in e.input_epc_list.items),
    ),
    "output epc": (
        dict(match_output_epcs=["urn:epc:id:sgtin:9521321.000001.A1"]),
        lambda e: "https://id.gs1.org/01/09521321000018/21/A1" in e.output_epc_list.items,
    ),
    "any epc": (
        dict(match_any_epcs=["urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sgtin:4012345.011122.25"]),
        lambda e: e.parent_id == "urn:epc:id:sscc:0614141.1234567890" or bool(e.input_epc_list.items),
    ),
    "class": (
        dict(match_epc_classes=["https://id.gs1.org/01/04012345123456/10/998877"]),
        lambda e: any(q.epc_class == "urn:epc:class:lgtin:4012345.012345.998877" for q in e.quantity_list.quantities),
    ),
    "class by pattern": (
        dict(match_any_epc_classes=["urn:epc:class:lgtin:9521321.000010.*"]),
        lambda e: any(
            q.epc_class.startswith(("urn:epc:class:lgtin:9521321.000010.", "https://id.gs1.org/01/09521321000100/10/"))
            for q in quantities(e)
        ),
    ),
    "input class": (
        dict(match_input_epc_classes=["urn:epc:class:lgtin:9521321.000010.H3"]),
        lambda e: any(q.epc_class.endswith(".H3") for q in e.input_quantity_list.quantities),
    ),
    "output class": (
        dict(match_output_epc_classes=["https://id.gs1.org/01/09521321000124/10/T-3"]),
        lambda e: any(q.epc_class.endswith("/10/T-3") for q in e.output_quantity_list.quantities),
    ),
    "quantity": (
        dict(quantities=[ef.QuantityCondition(number=number(EQ, "2.00e2", "3"))]),
        lambda e: any(q.quantity and Decimal(q.quantity) in (200, 3) for q in quantities(e)),
    ),
    "quantity with a unit": (
        dict(quantities=[ef.QuantityCondition(number=number(GT, "199.99999999999999999999"), uom="KGM")]),
        lambda e: any(q.uom == "KGM" and Decimal(q.quantity) >= 200 for q in quantities(e)),
    ),
    "business transaction": (
        dict(biz_transactions=[ef.ReferenceCondition(type="po", values=["urn:epcglobal:cbv:bt:0614141073467:1152"])]),
        lambda e: any(t.biz_transaction.endswith(":1152") for t in e.biz_transaction_list.biz_transactions),
    ),
    "business transaction of any type": (
        dict(
            biz_transactions=[
                ef.ReferenceCondition(values=["https://farm.example/job/12", "urn:epc:id:gdti:9521321.00001.INV9"])
            ]
        ),
        lambda e: any(
            t.biz_transaction.endswith(("job/12", "INV9")) for t in e.biz_transaction_list.biz_transactions
        ),
    ),
    "source": (
        dict(sources=[ef.ReferenceCondition(type="possessing_party", values=["urn:epc:id:pgln:0614141.07346"])]),
        lambda e: any(s.source == "urn:epc:id:pgln:0614141.07346" for s in e.source_list.sources),
    ),
    "destination": (
        dict(destinations=[ef.ReferenceCondition(type="urn:epcglobal:cbv:sdt:location", values=["urn:epc:id:sgln:4012345.00000.0"])]),
        lambda e: any(d.destination.endswith("414/4012345000009") for d in e.destination_list.destinations),
    ),
    "extension as written": (
        dict(fields=[ef.FieldCondition(name="wh:operator", texts=ef.FieldTexts(values=["Maria"]))]),
        lambda e: any(v.text == "Maria" for v in extensions(e.extensions, "wh:operator")),
    ),
    "extension by its URI": (
        dict(fields=[ef.FieldCondition(name="https://warehouse.example/operator", texts=ef.FieldTexts(values=["Maria"]))]),
        lambda e: bool(extensions(e.extensions, "wh:operator")),
    ),
    "extension that exists": (
        dict(fields=[ef.FieldCondition(name="farm:press")]),
        lambda e: bool(extensions(e.extensions, "farm:press")),
    ),
    "inner extension": (
        dict(fields=[ef.FieldCondition(name="e", inner=True, number=number(EQ, "12345678901234567890"))]),
        lambda e: any(x.name == "e" for x in inner(x.value for x in e.extensions)),
    ),
    "ilmd": (
        dict(
            fields=[
                ef.FieldCondition(
                    part=ef.FIELD_PART_ILMD, name="cbvmda:lotNumber", texts=ef.FieldTexts(values=["LOT-7"])
                )
            ]
        ),
        lambda e: any(v.text == "LOT-7" for v in extensions(e.ilmd.extensions, "cbvmda:lotNumber")),
    ),
    "typed value": (
        dict(
            fields=[
                ef.FieldCondition(part=ef.FIELD_PART_ILMD, name="mill:temperature", number=number(EQ, "24.50"))
            ]
        ),
        lambda e: bool(extensions(e.ilmd.extensions, "mill:temperature")),
    ),
    "inner ilmd": (
        dict(
            fields=[
                ef.FieldCondition(part=ef.FIELD_PART_ILMD, inner=True, name="farm:acidity", number=number(LE, "0.3"))
            ]
        ),
        lambda e: any(x.name == "farm:acidity" for x in inner(x.value for x in e.ilmd.extensions)),
    ),
    "read point extension": (
        dict(
            fields=[
                ef.FieldCondition(
                    part=ef.FIELD_PART_READ_POINT, inner=True, name="https://cold.example/ns#number", number=number(EQ, "4")
                )
            ]
        ),
        lambda e: bool(extensions(e.read_point.extensions, "cold:room")),
    ),
    "business location extension": (
        dict(fields=[ef.FieldCondition(part=ef.FIELD_PART_BIZ_LOCATION, name="farm:parcel")]),
        lambda e: bool(extensions(e.biz_location.extensions, "farm:parcel")),
    ),
    "sensor extensions": (
        dict(
            fields=[
                ef.FieldCondition(
                    part=ef.FIELD_PART_SENSOR_METADATA, name="cold:firmware", texts=ef.FieldTexts(values=["4.2.1"])
                ),
                ef.FieldCondition(part=ef.FIELD_PART_SENSOR_ELEMENT, name="cold:position"),
                ef.FieldCondition(
                    part=ef.FIELD_PART_SENSOR_REPORT, name="cold:calibrated", texts=ef.FieldTexts(values=["true"])
                ),
            ]
        ),
        lambda e: any(extensions(m.extensions, "cold:firmware") for m in metadata(e)),
    ),
    "list in a sensor report": (
        dict(
            fields=[
                ef.FieldCondition(part=ef.FIELD_PART_SENSOR_REPORT, name="x:seals", texts=ef.FieldTexts(values=["2"]))
            ]
        ),
        lambda e: any(extensions(r.extensions, "x:seals") for r in reports(e)),
    ),
    "error declaration": (dict(error_declaration=ef.ErrorDeclarationFilter()), lambda e: e.HasField("error_declaration")),
    "error reason": (
        dict(error_declaration=ef.ErrorDeclarationFilter(reasons=["urn:epcglobal:cbv:er:did_not_occur"])),
        lambda e: e.error_declaration.reason == "did_not_occur",
    ),
    "corrective event": (
        dict(
            error_declaration=ef.ErrorDeclarationFilter(
                corrective_event_ids=["urn:uuid:c4f2c5b0-7a0d-4c4f-8df5-2f6f7c1a0002"],
                time_from=bound("2026-01-08T06:00:00+00:00"),
                time_before=bound("2026-01-08T06:00:01+00:00"),
            )
        ),
        lambda e: "urn:uuid:c4f2c5b0-7a0d-4c4f-8df5-2f6f7c1a0002" in e.error_declaration.corrective_event_ids.values,
    ),
    "sensor data": (dict(sensors=ef.SensorFilter()), lambda e: bool(reports(e))),
    "measurement type": (
        dict(sensors=ef.SensorFilter(types=["https://gs1.org/voc/Temperature"])),
        lambda e: any(r.type.endswith("Temperature") for r in reports(e)),
    ),
    "reading": (
        dict(
            sensors=ef.SensorFilter(
                readings=[ef.ReadingCondition(kind=ef.READING_KIND_VALUE, number=number(LE, "-18.5"), uom="CEL")]
            )
        ),
        lambda e: any(value <= Decimal("-18.5") for value in values(e, "value", "CEL")),
    ),
    "maximum of a reading": (
        dict(
            sensors=ef.SensorFilter(
                readings=[ef.ReadingCondition(kind=ef.READING_KIND_MAX_VALUE, number=number(LT, "-17"), uom="CEL")]
            )
        ),
        lambda e: any(value < -17 for value in values(e, "max_value", "CEL")),
    ),
    "percentile rank": (
        dict(sensors=ef.SensorFilter(readings=[ef.ReadingCondition(kind=ef.READING_KIND_PERC_RANK, number=number(EQ, "50"))])),
        lambda e: any(r.perc_rank == "50" for r in reports(e)),
    ),
    "times of readings": (
        dict(
            sensors=ef.SensorFilter(
                time_from=bound("2026-01-07T06:55:00+00:00"), time_before=bound("2026-01-07T06:55:01+00:00")
            )
        ),
        lambda e: any(r.time == "2026-01-07T06:55:00Z" for r in reports(e)),
    ),
    "start and end": (
        dict(
            sensors=ef.SensorFilter(
                start_time_from=bound("2026-03-01T08:00:00+00:00"), end_time_before=bound("2026-03-01T08:29:01+00:00")
            )
        ),
        lambda e: any(m.start_time == "2026-03-01T08:00:00Z" for m in metadata(e)),
    ),
    "device": (
        dict(sensors=ef.SensorFilter(device_ids=["urn:epc:id:giai:9521321.SENSOR1"])),
        lambda e: any(m.device_id.endswith("9521321SENSOR1") for m in [*metadata(e), *reports(e)]),
    ),
    "what was measured and how": (
        dict(
            sensors=ef.SensorFilter(
                data_processing_methods=["https://cold.example/method/mean"],
                microorganisms=["https://www.ncbi.nlm.nih.gov/taxonomy/562"],
                chemical_substances=["https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N"],
                biz_rules=["https://cold.example/rules/3"],
            )
        ),
        lambda e: any(r.microorganism.endswith("/562") for r in reports(e)),
    ),
    "other values": (
        dict(sensors=ef.SensorFilter(hex_binary_values=["F0f0", "00FF"], one_report=True)),
        lambda e: any(r.hex_binary_value for r in reports(e)),
    ),
    "text value": (
        dict(sensors=ef.SensorFilter(string_values=["intact"])),
        lambda e: any(r.string_value.value == "intact" for r in reports(e)),
    ),
    "truth value": (
        dict(sensors=ef.SensorFilter(boolean_value=pb.BooleanValue(value=False))),
        lambda e: any(r.HasField("boolean_value") and not r.boolean_value.value for r in reports(e)),
    ),
    "uri value": (
        dict(sensors=ef.SensorFilter(uri_values=["https://cold.example/v/1"])),
        lambda e: any(r.uri_value for r in reports(e)),
    ),
}


def ids(events: list[recorded_event_pb2.RecordedEvent]) -> list[bytes]:
    return [event.record_id for event in events]


@pytest.mark.parametrize("case", CASES)
def test_a_parameter_finds_what_a_look_at_each_event_finds(
    client: Client, events: list[recorded_event_pb2.RecordedEvent], case: str
):
    conditions, matches = CASES[case]
    expected = [recorded.record_id for recorded in events if matches(recorded.event)]
    assert 0 < len(expected) < len(events)
    assert ids(client.query(**conditions)) == expected
    assert ids(client.query(page_size=1, **conditions)) == expected


@pytest.mark.parametrize("case", CASES)
def test_watchers_speak_the_same_language(client: Client, events: list[recorded_event_pb2.RecordedEvent], case: str):
    conditions, matches = CASES[case]
    wanted = ef.EventFilter(**conditions)
    found = [
        ledger_pb2.Record.FromString(watched.record).provenance.event
        for item in client.watch(filter=wanted, stop_at_end=True)
        for watched in item.records
    ]
    assert found == [recorded.event for recorded in events if matches(recorded.event)]


def ask(client: Client, **fields: object) -> list[recorded_event_pb2.RecordedEvent]:
    request = service.QueryEventsRequest(**fields)
    found: list[recorded_event_pb2.RecordedEvent] = []
    while True:
        page = client.provenance.QueryEvents(request, timeout=TIMEOUT)
        found.extend(page.events)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


@pytest.mark.parametrize("page_size", [1, 7, 1000])
@pytest.mark.parametrize("descending", [False, True])
def test_events_come_in_the_order_asked_for(
    client: Client, events: list[recorded_event_pb2.RecordedEvent], page_size: int, descending: bool
):
    direction = service.ORDER_DIRECTION_DESCENDING if descending else service.ORDER_DIRECTION_ASCENDING
    step = -1 if descending else 1
    found = ask(client, page_size=page_size, order_direction=direction)
    assert ids(found) == ids(events)[::step]
    found = ask(client, page_size=page_size, order_by=service.EVENT_ORDER_EVENT_TIME, order_direction=direction)
    by_time = sorted(events, key=lambda e: (e.event.event_time.microseconds, e.position, e.record_index))
    assert ids(found) == ids(by_time)[::step]
    limited = ask(
        client,
        page_size=page_size,
        order_by=service.EVENT_ORDER_EVENT_TIME,
        order_direction=direction,
        event_count_limit=9,
    )
    assert ids(limited) == ids(by_time)[::step][:9]


def test_a_question_may_be_too_large(client: Client, events: list[recorded_event_pb2.RecordedEvent]):
    assert len(ask(client, max_event_count=len(events))) == len(events)
    with refused("QUERY_TOO_LARGE") as caught:
        ask(client, max_event_count=len(events) - 1)
    assert caught.refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED


REFUSALS: dict[str, tuple[str, str, dict[str, object]]] = {
    "pattern": ("INVALID_PATTERN", "match_epcs[1]", dict(match_epcs=["urn:x:1", "urn:epc:idpat:sgtin:*.112345.*"])),
    "short pattern": ("INVALID_PATTERN", "match_any_epcs[0]", dict(match_any_epcs=["urn:epc:idpat:sgtin:0614141.*"])),
    "prefix": ("INVALID_COMPANY_PREFIX", "match_epcs[0]", dict(match_epcs=["urn:epc:idpat:sgtin:061.*.*"])),
    "check digit": ("INVALID_CHECK_DIGIT", "match_epc_classes[0]", dict(match_epc_classes=["(01)09506000134353"])),
    "place": ("NOT_A_URI", "read_points_within[0]", dict(read_points_within=["Hamburg"])),
    "disposition": (
        "UNKNOWN_VOCABULARY",
        "persistent_dispositions_set[0]",
        dict(persistent_dispositions_set=["fine"]),
    ),
    "event id": ("NOT_A_URI", "event_ids[0]", dict(event_ids=[""])),
    "no comparison": (
        "UNKNOWN_COMPARISON",
        "quantities[0].number.comparison",
        dict(quantities=[ef.QuantityCondition(number=ef.NumberComparison(values=["1"]))]),
    ),
    "no number": (
        "INVALID_NUMBER",
        "quantities[0].number.values[0]",
        dict(quantities=[ef.QuantityCondition(number=number(GE, "1,5"))]),
    ),
    "huge exponent": (
        "INVALID_NUMBER",
        "quantities[0].number.values[0]",
        dict(quantities=[ef.QuantityCondition(number=number(GE, "1e99999999999999999999"))]),
    ),
    "two numbers": (
        "INVALID_VALUES",
        "quantities[0].number.values",
        dict(quantities=[ef.QuantityCondition(number=number(GE, "1", "2"))]),
    ),
    "unit": (
        "INVALID_UNIT",
        "quantities[0].uom",
        dict(quantities=[ef.QuantityCondition(number=number(GE, "1"), uom="kg")]),
    ),
    "type": (
        "UNKNOWN_VOCABULARY",
        "sources[0].type",
        dict(sources=[ef.ReferenceCondition(type="friend", values=["urn:x:1"])]),
    ),
    "no values": ("MISSING_FIELD", "biz_transactions[0].values", dict(biz_transactions=[ef.ReferenceCondition(type="po")])),
    "no name": ("MISSING_FIELD", "fields[0].name", dict(fields=[ef.FieldCondition(texts=ef.FieldTexts(values=["a"]))])),
    "part": ("UNKNOWN_FIELD_PART", "fields[0].part", dict(fields=[ef.FieldCondition(part=99, name="a:b")])),
    "too many": ("TOO_MANY_VALUES", "fields", dict(fields=[ef.FieldCondition(name="a:b")] * 17)),
    "reason": (
        "UNKNOWN_VOCABULARY",
        "error_declaration.reasons[0]",
        dict(error_declaration=ef.ErrorDeclarationFilter(reasons=["whim"])),
    ),
    "range": (
        "EMPTY_TIME_RANGE",
        "sensors.time_before",
        dict(sensors=ef.SensorFilter(time_from=ef.TimeBound(microseconds=2), time_before=ef.TimeBound(microseconds=1))),
    ),
    "kind of reading": (
        "UNKNOWN_READING_KIND",
        "sensors.readings[0].kind",
        dict(sensors=ef.SensorFilter(readings=[ef.ReadingCondition(number=number(EQ, "1"))])),
    ),
    "rank with a unit": (
        "MISPLACED_FIELD",
        "sensors.readings[0].uom",
        dict(
            sensors=ef.SensorFilter(
                readings=[ef.ReadingCondition(kind=ef.READING_KIND_PERC_RANK, number=number(EQ, "1"), uom="CEL")]
            )
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_wrong_is_refused_by_field(client: Client, case: str):
    reason, field, conditions = REFUSALS[case]
    with refused(reason) as caught:
        client.query(**conditions)
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert list(caught.refusal.violations) == [f"filter.{field}"]
    with refused(reason) as caught:
        list(client.watch(filter=ef.EventFilter(**conditions), stop_at_end=True))
    assert list(caught.refusal.violations) == [f"filter.{field}"]


TYPED: list[tuple[list[str], str]] = [
    (["EQ_bizStep=commissioning", "EQ_ILMD_cbvmda:lotNumber=LOT-7"], "ilmd"),
    (["MATCH_epc=urn:epc:idpat:sgtin:0614141.*.*"], "epc by pattern"),
    (["EQ_bizTransaction_po=urn:epcglobal:cbv:bt:0614141073467:1152"], "business transaction"),
    (["GT_quantity_KGM=199.99999999999999999999"], "quantity with a unit"),
    (["LE_value_CEL=-18.5"], "reading"),
    (["EXISTS_errorDeclaration"], "error declaration"),
    (["WD_readPoint=urn:epc:id:sgln:9521321.00010.0"], "within a read point"),
]


@pytest.mark.parametrize("conditions, case", TYPED, ids=lambda value: value[0] if isinstance(value, list) else value)
def test_the_commands_take_the_standards_own_words(
    server: Server, events: list[recorded_event_pb2.RecordedEvent], conditions: list[str], case: str
):
    where = ("--server", server.address, "--ca", server.directory / "tls/cert.pem", "--identity", server.admin_key)
    options = [word for condition in conditions for word in ("--where", condition)]
    matches = CASES[case][1]
    expected = [recorded.record_id.hex() for recorded in events if matches(recorded.event)]
    listed = run("cairn", "events", "--json", *options, *where)
    assert listed.returncode == 0, listed.stderr
    assert [json.loads(line)["recordId"] for line in listed.stdout.splitlines()] == expected
    newest = run("cairn", "events", "--json", "--newest", *options, *where)
    assert [json.loads(line)["recordId"] for line in newest.stdout.splitlines()] == expected[::-1]
    watched = run("cairn", "watch", "--json", *options, *where)
    assert [json.loads(line)["recordId"] for line in watched.stdout.splitlines()] == expected


@pytest.mark.parametrize(
    "condition, reason",
    [
        ("EQ_colour=red", "UNKNOWN_PARAMETER"),
        ("HASATTR_bizStep=x", "UNSUPPORTED_PARAMETER"),
        ("EQ_bizStep=washing", "UNKNOWN_VOCABULARY"),
        ("GE_eventTime=yesterday", "INVALID_TIME"),
    ],
)
def test_what_the_standard_does_not_know_is_refused_before_anybody_is_asked(condition: str, reason: str):
    result = run("cairn", "events", "--where", condition, "--server", "127.0.0.1:1", "--plaintext")
    assert result.returncode != 0
    assert reason in result.stderr
