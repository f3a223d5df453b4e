"""What places, parties and products are: stated by members, versioned, proved, and shown beside events."""

import csv
import io
import json
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, extension_pb2, master_data_pb2 as pb
from cairn.v1 import master_data_service_pb2 as service_pb, master_data_service_pb2_grpc, provenance_pb2
from cairn.v1 import provenance_service_pb2

from authors import Author, Ed25519Signer, propose, record
from cairn_client import TIMEOUT, Client, Registrar, refused
from events import event_record, gtin14, lgtin_link, now, sgln_link, sgln_urn, sgtin_elements, sgtin_link
from evidence import verify_evidence
from identity import Bearer
from merkle import leaf_hash
from notes import Policy
from server import Server, run

PLACE, PARTY, PRODUCT = (
    pb.MASTER_DATA_KIND_PLACE,
    pb.MASTER_DATA_KIND_PARTY,
    pb.MASTER_DATA_KIND_PRODUCT,
)
OPERATOR, DEVICE, AUDITOR = consortium_pb2.ROLE_OPERATOR, consortium_pb2.ROLE_DEVICE, consortium_pb2.ROLE_AUDITOR
PUBLIC = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PUBLIC)
OWN = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PARTIES, member_ids=["acme"])
SEPTEMBER = 1_756_684_800_000_000
LABEL = b"a picture of olives"
SHIPMENT = Path(__file__).parents[2] / "fixtures/shipment"


def described(subject: str, *names: str, kind: int = PLACE, **fields: object) -> pb.MasterData:
    texts = [pb.LanguageText(text=name, language=language) for name, language in zip(names, ("en", "pt", "de"))]
    return pb.MasterData(subject=subject, kind=kind, names=texts, **fields)


def data_record(data: pb.MasterData, visibility: consortium_pb2.Visibility | None = PUBLIC) -> bytes:
    body = provenance_pb2.ProvenanceRecord(master_data=data)
    return record(provenance=body, **({"visibility": visibility} if visibility else {}))


@dataclass
class Desk:
    """A client, and who records in it."""

    client: Client
    operator: Author

    def __post_init__(self) -> None:
        self.stub = master_data_service_pb2_grpc.MasterDataServiceStub(self.client.channel)

    def say(self, *all_data: pb.MasterData, **fields: object) -> list[bytes]:
        """Records descriptions; their record ids."""
        records = [data_record(data, **fields) for data in all_data]
        self.client.record(self.operator, records)
        return [leaf_hash(each) for each in records]

    def get(self, subject: str, at: int = 0) -> service_pb.GetMasterDataResponse:
        return self.stub.GetMasterData(
            service_pb.GetMasterDataRequest(subject=subject, at_microseconds=at), timeout=TIMEOUT
        )

    def list(self, page_size: int = 0, **fields: object) -> Iterator[pb.MasterDataEntry]:
        request = service_pb.ListMasterDataRequest(page_size=page_size, **fields)
        while True:
            page = self.stub.ListMasterData(request, timeout=TIMEOUT)
            yield from page.entries
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def versions(self, subject: str, page_size: int = 0) -> Iterator[pb.RecordedMasterData]:
        request = service_pb.ListMasterDataVersionsRequest(subject=subject, page_size=page_size)
        while True:
            page = self.stub.ListMasterDataVersions(request, timeout=TIMEOUT)
            yield from page.versions
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@pytest.fixture
def desk(client: Client, registrar: Registrar) -> Desk:
    return Desk(client, registrar.register(Ed25519Signer(), role=OPERATOR))


def test_a_place_is_told_as_it_was_stated(desk: Desk) -> None:
    mill = described(
        sgln_urn("00100"),
        "Serra Alta mill",
        "Lagar da Serra Alta",
        address=pb.PostalAddress(street=["Estrada 12"], city="Beja", postal_code="7800-651", country="PT"),
        location=pb.GeoPoint(latitude="38.01507", longitude="-7.86323"),
        parent=sgln_urn("00099"),
        attributes=[
            extension_pb2.Extension(
                name="cbvmda:contact", value=extension_pb2.ExtensionValue(text="dock@serra-alta.example")
            )
        ],
        images=[pb.Image(media_type="image/jpeg", sha256=sha256(LABEL).digest(), uri="https://x.example/mill.jpg")],
        valid_from_microseconds=SEPTEMBER,
    )
    (record_id,) = desk.say(mill)
    for spelling in (sgln_urn("00100"), sgln_link("00100"), sgln_link("00100").replace("id.gs1.org", "dl.example")):
        answer = desk.get(spelling)
        assert answer.entry.subject == sgln_link("00100")
        assert answer.entry.shown.master_data == mill
        assert answer.entry.shown.record_id == record_id
        assert answer.entry.shown.member_id == "acme"
        assert list(answer.versions) == [answer.entry.shown]
    with refused("UNKNOWN_SUBJECT") as caught:
        desk.get(sgln_urn("00100"), at=SEPTEMBER - 1)
    assert caught.refusal.code == grpc.StatusCode.NOT_FOUND


def test_the_version_that_is_valid_counts(desk: Desk) -> None:
    place = sgln_link("00101")
    first, second, late = desk.say(
        described(place, "old name"),
        described(place, "new name", valid_from_microseconds=SEPTEMBER),
        described(place, "old name, spelt right"),
    )
    assert desk.get(place, at=SEPTEMBER - 1).entry.shown.record_id == late
    assert desk.get(place, at=SEPTEMBER).entry.shown.record_id == second
    assert [each.record_id for each in desk.versions(place, page_size=2)] == [first, second, late]


def test_who_describes_first_speaks_until_it_withdraws(own_server: Server) -> None:
    own_server.start()
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        acme = Desk(client, registrar.register(Ed25519Signer(), role=OPERATOR))
        zulu = Desk(client, Author(Ed25519Signer(), registrar.ledger_id))
        terms = consortium_pb2.Member(id="zulu", legal_name="Zulu", country="CH", roles=[OPERATOR])
        key = consortium_pb2.RegisterKey(
            public_key=zulu.operator.signer.public_key, member_id="zulu", roles=[OPERATOR]
        )
        proposal = consortium_pb2.Proposal(
            expires_at_microseconds=now() + 3_600_000_000,
            add_member=consortium_pb2.AddMember(member=terms, keys=[key])
        )
        client.record(registrar.author, [record(consortium=consortium_pb2.ConsortiumRecord(propose=proposal))])
        place = sgln_link("00102")
        acme.say(described(place, "acme's"))
        zulu.say(described(place, "zulu's"))
        answer = acme.get(place)
        assert answer.entry.shown.member_id == "acme" and list(answer.entry.others) == ["zulu"]
        assert [each.member_id for each in answer.versions] == ["acme", "zulu"]
        acme.say(pb.MasterData(subject=place, kind=PLACE, withdrawn=True))
        answer = acme.get(place)
        assert answer.entry.shown.member_id == "zulu" and not answer.entry.others
        acme.say(described(place, "acme's again"))
        answer = acme.get(place)
        assert answer.entry.shown.member_id == "zulu" and list(answer.entry.others) == ["acme"]


def test_subjects_are_listed_once(desk: Desk) -> None:
    places = [sgln_link(f"002{number:02}") for number in range(7)]
    desk.say(*(described(place, "x") for place in places))
    desk.say(*(described(place, "y") for place in reversed(places)))
    desk.say(described(f"https://id.gs1.org/01/{gtin14()}", "oil", kind=PRODUCT))
    for size in (1, 3, 0):
        found = [entry.subject for entry in desk.list(page_size=size, kind=PLACE) if entry.subject in places]
        assert found == places
    products = {entry.subject for entry in desk.list(kind=PRODUCT)}
    assert f"https://id.gs1.org/01/{gtin14()}" in products and not products & set(places)


REFUSED = {
    "no subject": (described("", "x"), "subject"),
    "wrong check digit": (described(sgln_link("00300")[:-1] + "x", "x"), "subject"),
    "an item": (described(sgtin_link("A"), "x", kind=PRODUCT), "subject"),
    "no kind": (described(sgln_link("00300"), "x", kind=0), "kind"),
    "no name": (described(sgln_link("00300")), "names"),
    "no such country": (
        described(sgln_link("00300"), "x", address=pb.PostalAddress(country="UK")),
        "address.country",
    ),
    "too far north": (
        described(sgln_link("00300"), "x", location=pb.GeoPoint(latitude="90.000001", longitude="0")),
        "location.latitude",
    ),
    "too many digits": (
        described(sgln_link("00300"), "x", location=pb.GeoPoint(latitude="1.0000001", longitude="0")),
        "location.latitude",
    ),
    "another's GLN": (described(sgln_link("00300"), "x", gln=sgln_link("00301")[-13:]), "gln"),
    "its own parent": (described(sgln_link("00300"), "x", parent=sgln_urn("00300")), "parent"),
    "short hash": (
        described(sgln_link("00300"), "x", images=[pb.Image(media_type="image/png", sha256=bytes(31))]),
        "images[0].sha256",
    ),
    "withdrawn and named": (described(sgln_link("00300"), "x", withdrawn=True), "names"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_by_its_field(desk: Desk, name: str) -> None:
    data, field = REFUSED[name]
    with refused() as caught:
        desk.say(data)
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert f"records[0].provenance.master_data.{field}" in caught.refusal.violations


def test_a_device_describes_nothing(client: Client, author: Author) -> None:
    with refused("ROLE_FORBIDS_RECORD") as caught:
        client.record(author, [data_record(described(sgln_link("00301"), "mine"))])
    assert caught.refusal.code == grpc.StatusCode.PERMISSION_DENIED


def test_what_is_hidden_is_as_if_it_were_not_there(desk: Desk, server: Server, registrar: Registrar) -> None:
    hidden, shared = sgln_link("00302"), sgln_link("00303")
    desk.say(described(hidden, "secret"), described(shared, "secret too"), visibility=OWN)
    (public_id,) = desk.say(described(shared, "for all"))
    with server.client_as(None) as nobody:
        stranger = Desk(nobody, desk.operator)
        with refused("UNKNOWN_SUBJECT") as caught:
            stranger.get(hidden)
        with refused("UNKNOWN_SUBJECT") as unknown:
            stranger.get(sgln_link("00304"))
        assert caught.refusal.message.replace(hidden, "") == unknown.refusal.message.replace(sgln_link("00304"), "")
        assert stranger.get(shared).entry.shown.record_id == public_id
        assert [each.record_id for each in stranger.versions(shared)] == [public_id]
        assert list(stranger.versions(hidden)) == []
        assert hidden not in {entry.subject for entry in stranger.list()}
    signer = Ed25519Signer()
    registrar.register(signer, role=AUDITOR)
    with server.client_as(Bearer.of(signer, registrar.ledger_id)) as client:
        assert Desk(client, desk.operator).get(hidden).entry.shown.master_data.names[0].text == "secret"


def test_answers_say_what_their_events_name(desk: Desk, author: Author) -> None:
    product, lot = f"https://id.gs1.org/01/{gtin14()}", lgtin_link("LOT-9")
    party, site, door = "https://party.example/9", sgln_link("00310"), sgln_link("00310", "DOOR")
    desk.say(
        described(product, "oil", kind=PRODUCT),
        described(party, "nine", kind=PARTY),
        described(site, "site"),
        described(door, "door"),
        described(sgln_link("00311"), "never named"),
    )
    shipped = event_record(
        [sgtin_elements("DESCRIBED")],
        quantity_list=provenance_pb2.QuantityList(quantities=[provenance_pb2.Quantity(epc_class=lot)]),
        read_point=provenance_pb2.Location(id=sgln_urn("00310", "DOOR")),
        biz_location=provenance_pb2.Location(id=sgln_urn("00319")),
        source_list=provenance_pb2.SourceList(
            sources=[provenance_pb2.Source(type="owning_party", source=party)]
        ),
    )
    desk.client.record(author, [shipped])
    answer = desk.client.history(sgtin_link("DESCRIBED"), describe=True)
    assert [entry.subject for entry in answer.described] == [door, site, party, product]
    assert [entry.shown.master_data.names[0].text for entry in answer.described] == ["door", "site", "nine", "oil"]
    assert not desk.client.history(sgtin_link("DESCRIBED")).described
    request = provenance_service_pb2.QueryEventsRequest(describe=True)
    request.filter.items.append(lot)
    assert list(desk.client.provenance.QueryEvents(request, timeout=TIMEOUT).described) == list(answer.described)


def test_a_description_is_proved_as_any_record(desk: Desk, policy: Policy) -> None:
    (record_id,) = desk.say(described(sgln_link("00312"), "proved"))
    proved = verify_evidence(desk.client.evidence(record_id=record_id), policy)
    assert proved.record_id == record_id and proved.member_id == "acme"
    assert proved.record.provenance.master_data.names[0].text == "proved"


def test_it_is_all_there_after_a_crash_and_a_rebuild_but_what_was_erased(own_server: Server) -> None:
    own_server.start()
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        desk = Desk(client, registrar.register(Ed25519Signer(), role=OPERATOR))
        ids = desk.say(*(described(sgln_link(f"004{number:02}"), f"place {number}") for number in range(20)))
        shown = desk.get(sgln_link("00403")).entry.shown
        assert shown.record_id == ids[3]
        redaction = consortium_pb2.Redaction(
            record_id=ids[3], position=shown.position, record_index=shown.record_index
        )
        client.record(registrar.author, [propose(redact=redaction)])
        before = list(desk.list())
        assert ids[3] not in {entry.shown.record_id for entry in before}
    own_server.kill()
    for command in ("check", "rebuild", "check"):
        done = run("cairnd", command, own_server.directory)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{done.stdout}"
    own_server.start()
    with own_server.client() as client:
        assert list(Desk(client, desk.operator).list()) == before and len(before) == 19
    assert own_server.stop() == 0


# The command line


@dataclass
class Office:
    """Somebody at a terminal."""

    server: Server
    folder: Path

    def cairn(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        where = ("--server", self.server.address, "--ca", self.server.directory / "tls/cert.pem")
        return run("cairn", *arguments, *where, "--identity", self.folder / "clerk.pem")

    def ok(self, *arguments: object) -> str:
        result = self.cairn(*arguments)
        assert result.returncode == 0, f"{arguments}: {result.stderr}\n{result.stdout}"
        return result.stdout

    def key(self, name: str, registrar: Registrar, role: int) -> None:
        key = self.folder / f"{name}.pem"
        assert run("cairn", "keygen", key).returncode == 0
        registrar.register(Ed25519Signer.load(key), role=role)


@pytest.fixture(scope="module")
def office(server: Server, registrar: Registrar, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAIRN_STATE", str(folder / "state"))
        office = Office(server, folder)
        office.key("clerk", registrar, OPERATOR)
        office.key("scanner", registrar, DEVICE)
        yield office


def table(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, sorted({column for row in rows for column in row}))
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(text.getvalue())
    return path


def test_a_table_is_added_once_shown_proved_and_withdrawn(office: Office) -> None:
    place = sgln_link("00500")
    row = dict(subject=place, kind="place", name="Press hall", city="Beja", country="PT", latitude="38.0150749")
    file = table(office.folder, "places.csv", row | dict(longitude="-7.86323"))
    key = ("--key", office.folder / "clerk.pem")
    assert json.loads(office.ok("masterdata", "add", file, *key, "--json"))["events"] == 1
    assert json.loads(office.ok("masterdata", "add", file, *key, "--json"))["events"] == 0
    (shown,) = json.loads(office.ok("masterdata", "show", sgln_urn("00500"), "--json"))
    assert shown["memberId"] == "acme"
    assert shown["masterData"]["location"] == {"latitude": "38.015075", "longitude": "-7.86323"}
    text = office.ok("masterdata", "show", place)
    assert text.startswith("place: Press hall, Beja PT\n") and "38.015075, -7.86323" in text
    assert any(line.startswith(place) for line in office.ok("masterdata", "list", "--kind", "place").splitlines())

    evidence = office.folder / "place.cairn"
    office.ok("prove", place, "-o", evidence)
    verified = run("cairn", "verify", evidence, "--policy", office.server.directory / "policy")
    assert verified.returncode == 0 and verified.stdout.startswith("place: Press hall, Beja PT\n")
    assert "  address      Beja, PT\n" in verified.stdout

    office.ok("masterdata", "withdraw", place, *key)
    gone = office.cairn("masterdata", "show", place)
    assert gone.returncode == 1 and "UNKNOWN_SUBJECT" in gone.stderr
    versions = json.loads(office.ok("masterdata", "show", place, "--versions", "--json"))
    assert [version["masterData"].get("withdrawn", False) for version in versions] == [False, True]


def test_what_was_withdrawn_is_described_again_with_a_later_time(office: Office) -> None:
    place = sgln_link("00503")
    key = ("--key", office.folder / "clerk.pem")

    def add(name: str, valid_from: str = "") -> None:
        row = dict(subject=place, kind="place", name=name, valid_from=valid_from)
        office.ok("masterdata", "add", table(office.folder, f"{name}.csv", row), *key)

    def name(*at: str) -> str:
        return office.cairn("masterdata", "show", place, *at).stdout.partition("\n")[0]

    add("now")
    add("planned", "2099-01-01T00:00:00Z")
    hint = office.ok("masterdata", "withdraw", place, *key).splitlines()[-1]
    assert hint.startswith("to describe it again: cairn masterdata add FILE --valid-from TIME, later than 20")
    add("older than the withdrawal")
    assert name() == "" and name("--at", "2099-06-01") == "place: planned"
    office.ok("masterdata", "withdraw", place, *key, "--valid-from", "2099-01-01T00:00:00Z")
    assert name("--at", "2099-06-01") == ""
    add("again", datetime.now(timezone.utc).isoformat())
    assert name() == "place: again" and name("--at", "2099-06-01") == ""


def test_a_trace_names_the_places_of_the_shipment(office: Office) -> None:
    said = sorted((SHIPMENT / "masterdata").glob("*.jsonld"))
    office.ok("masterdata", "add", *said, "--key", office.folder / "clerk.pem")
    office.ok("capture", *sorted(SHIPMENT.glob("*.jsonld")), "--key", office.folder / "scanner.pem")
    bottle = "(01)09521321000018(21)B0041"
    drawing = office.ok("trace", bottle)
    assert "Serra Alta mill" in drawing and "Olive" in drawing
    assert json.loads(office.ok("trace", bottle, "--json"))["described"]
    assert "Serra Alta mill" in office.ok("trace", "https://id.gs1.org/414/9521321000100/254/LINE-2", "--dot", "-")


def test_a_file_with_errors_is_refused_as_a_whole(office: Office) -> None:
    good = dict(subject=sgln_link("00501"), kind="place", name="x")
    file = table(office.folder, "bad.csv", good, good | dict(subject="(414)1"), good | dict(kind="thing"))
    result = office.cairn("masterdata", "add", file, "--key", office.folder / "clerk.pem")
    assert result.returncode == 1
    assert "bad.csv: line 3: " in result.stderr and "bad.csv: line 4: UNKNOWN_KIND: " in result.stderr
    assert "2 of 3 descriptions have errors; nothing of this file is sent\n" in result.stderr
    assert office.cairn("masterdata", "show", sgln_link("00501")).returncode == 1


def test_a_scanner_may_not_add(office: Office) -> None:
    file = table(office.folder, "mine.csv", dict(subject=sgln_link("00502"), kind="place", name="mine"))
    result = office.cairn("masterdata", "add", file, "--key", office.folder / "scanner.pem")
    assert result.returncode == 1 and "ROLE_FORBIDS_RECORD" in result.stderr


def test_the_history_has_names_and_distances(office: Office, author: Author, client: Client) -> None:
    vocabulary = [
        {
            "type": "urn:epcglobal:epcis:vtype:Location",
            "vocabularyElementList": [
                {
                    "id": sgln_urn(code),
                    "attributes": [
                        {"id": "urn:epcglobal:cbv:mda#name", "attribute": name},
                        {"id": "cbvmda:city", "attribute": city},
                        {"id": "cbvmda:latitude", "attribute": latitude},
                        {"id": "cbvmda:longitude", "attribute": longitude},
                    ],
                }
                for code, name, city, latitude, longitude in (
                    ("00510", "Mill", "Beja", 38.01507, -7.86323),
                    ("00511", "Market", "Zürich", 47.38672, 8.52594),
                )
            ],
        }
    ]
    file = office.folder / "route.jsonld"
    document = {"type": "EPCISDocument", "epcisHeader": {"epcisMasterData": {"vocabularyList": vocabulary}}}
    file.write_text(json.dumps(document | {"epcisBody": {"eventList": []}}))
    office.ok("masterdata", "add", file, "--key", office.folder / "clerk.pem")
    records = [
        event_record([sgtin_link("TRAVELLER")], at=SEPTEMBER + hour, read_point=provenance_pb2.Location(id=place))
        for hour, place in enumerate((sgln_urn("00510", "DOCK"), sgln_urn("00511", "TILL")))
    ]
    client.record(author, records)
    text = office.ok("history", sgtin_link("TRAVELLER"))
    assert f"read at   Mill, Beja · {sgln_urn('00510', 'DOCK')}" in text
    assert "moved     1,691 km from Mill, Beja" in text
    assert text.rstrip().endswith("1,691 km over 1 leg, as the crow flies")
    answer = json.loads(office.ok("history", sgtin_link("TRAVELLER"), "--json"))
    assert {entry["subject"] for entry in answer["described"]} >= {sgln_link("00510"), sgln_link("00511")}
    assert "Mill, Beja" in office.ok("events", "--item", sgtin_link("TRAVELLER"))
    assert "place: Market, Zürich" in office.ok("watch")
