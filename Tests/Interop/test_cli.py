"""The two commands, end to end: what a person types, and what a stranger's tools make of the files."""

import base64
import json
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import aics_tlog
import pytest
from cairn.v1 import evidence_pb2

from cairn_client import Client
from events import bad_sgtin_link, sgtin_elements, sgtin_link, sgtin_urn
from evidence import verify_evidence
from merkle import leaf_hash
from notes import Policy
from server import Server, run

SUITES = ("ed25519", "p256", "sm2")


def document(serial: str, number: int = 6) -> dict:
    """A small EPCIS 2.0 document with a user extension."""
    events = [
        {
            "type": "ObjectEvent",
            "eventTime": f"2026-03-0{day + 1}T08:00:00.000+02:00",
            "eventTimeZoneOffset": "+02:00",
            "epcList": [sgtin_urn(serial) if day % 2 else sgtin_link(serial)],
            "action": "OBSERVE",
            "bizStep": "shipping",
            "disposition": "in_transit",
            "readPoint": {"id": "urn:epc:id:sgln:9506000.00001.0"},
            "example:seal": {"colour": "red", "numbers": [1, 2.50]},
        }
        for day in range(number)
    ]
    return {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"example": "https://example.com/"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-10T00:00:00Z",
        "epcisBody": {"eventList": events},
    }


@dataclass
class Desk:
    """A person at a terminal, with a server and a device's key."""

    server: Server
    folder: Path

    def cairn(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command that talks to the server, in the first admin's name."""
        where = ("--server", self.server.address, "--ca", self.server.directory / "tls/cert.pem")
        return run("cairn", *arguments, *where, "--identity", self.server.admin_key)

    def ok(self, *arguments: object) -> str:
        result = self.cairn(*arguments)
        assert result.returncode == 0, f"{arguments}: {result.stderr}\n{result.stdout}"
        return result.stdout

    def key(self, suite: str) -> Path:
        key = self.folder / f"{suite}.pem"
        made = run("cairn", "keygen", key, "--suite", suite)
        assert made.returncode == 0, made.stderr
        return key

    def key_named(self, name: str) -> Path:
        """The same key each time."""
        key = self.folder / f"{name}.pem"
        assert key.exists() or run("cairn", "keygen", key).returncode == 0
        return key

    def register(self, key: Path) -> None:
        admin = self.server.directory / "keys/admin.pem"
        public = f"{key}.pub"
        self.ok(
            "key", "register", "--key", admin, "--public-key", public, "--member", "acme", "--role", "device"
        )

    def write(self, name: str, content: object) -> Path:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def verify(self, file: Path) -> subprocess.CompletedProcess[str]:
        """Offline: no server is named."""
        return run("cairn", "verify", file, "--policy", self.server.directory / "policy")


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAIRN_STATE", str(folder / "state"))
        environment.setenv("CAIRN_IDENTITY", str(server.admin_key))
        yield Desk(server, folder)


@pytest.fixture(scope="module")
def captured(desk: Desk) -> str:
    """The serial of an item whose history a device has captured."""
    key = desk.key("ed25519")
    desk.register(key)
    desk.ok("capture", desk.write("shipment.json", document("CLI")), "--key", key)
    return "CLI"


@pytest.fixture
def evidence(desk: Desk, captured: str, tmp_path: Path) -> Path:
    """An evidence file of one of its events."""
    file = tmp_path / "evidence.cairn"
    desk.ok("prove", sgtin_link(captured), "-o", file)
    return file


@pytest.mark.parametrize("suite", SUITES)
def test_keys_are_made_for_their_owner_only(desk: Desk, tmp_path: Path, suite: str):
    key = tmp_path / "key.pem"
    assert run("cairn", "keygen", key, "--suite", suite).returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_bytes()
    assert b"PRIVATE" not in Path(f"{key}.pub").read_bytes()
    assert run("cairn", "keygen", key, "--suite", suite).returncode > 0
    assert key.read_bytes() == secret


@pytest.mark.parametrize("suite", SUITES)
def test_a_device_of_every_suite_can_capture(desk: Desk, policy: Policy, suite: str, tmp_path: Path):
    key = tmp_path / "device.pem"
    assert run("cairn", "keygen", key, "--suite", suite).returncode == 0
    desk.register(key)
    serial = f"SUITE{suite.upper()}"
    desk.ok("capture", desk.write(f"{suite}.json", document(serial, 2)), "--key", key)
    assert "shipping" in desk.ok("history", sgtin_urn(serial))
    evidence = tmp_path / "evidence.cairn"
    desk.ok("prove", sgtin_urn(serial), "-o", evidence)
    assert desk.verify(evidence).returncode == 0


def test_a_history_can_be_read_and_parsed(desk: Desk, captured: str):
    text = desk.ok("history", sgtin_elements(captured))
    assert text.count("shipping") == 6 and "2026-03-01" in text
    parsed = json.loads(desk.ok("history", sgtin_link(captured), "--json"))
    assert json.dumps(parsed).count("2026-03-0") >= 6


def test_a_declaration_of_error_is_not_taken_for_the_event(desk: Desk, captured: str):
    wrong = document("CLI-WRONG", 1)
    (event,) = wrong["epcisBody"]["eventList"]
    event["eventID"] = "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"
    error = {"declarationTime": "2026-03-02T08:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": ["urn:x:right"]}
    wrong["epcisBody"]["eventList"].append(event | {"errorDeclaration": error})
    desk.ok("capture", desk.write("wrong.json", wrong), "--key", desk.folder / "ed25519.pem")
    original, declaration = desk.ok("events", "--item", sgtin_link("CLI-WRONG")).splitlines()[1:]
    assert "error in shipping" in declaration and "error" not in original
    history = desk.ok("history", sgtin_link("CLI-WRONG"))
    assert history.count("event id  urn:uuid:404d95fc") == 2
    assert history.count("error declared: shipping") == 1 and "corrected by urn:x:right" in history


def test_capturing_again_adds_nothing(desk: Desk, client: Client, captured: str):
    before = len(client.history(sgtin_link(captured)).events)
    desk.cairn("capture", desk.folder / "shipment.json", "--key", desk.folder / "ed25519.pem")
    assert len(client.history(sgtin_link(captured)).events) == before


def test_what_was_captured_is_what_was_written(client: Client, captured: str):
    events = [found.event for found in client.history(sgtin_link(captured)).events]
    assert [event.event_time.text for event in events] == [
        f"2026-03-0{day + 1}T08:00:00.000+02:00" for day in range(6)
    ]
    assert all(event.event_time.offset_minutes == 120 for event in events)
    for event in events:
        (extension,) = event.extensions
        colour, numbers = extension.value.object.extensions
        assert (extension.name, colour.value.text) == ("example:seal", "red")
        assert [value.number for value in numbers.value.list.values] == ["1", "2.5"]


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("broken.json", '{"type": "ObjectEvent",', "broken.json"),
        ("unknown.json", {"type": "PartyEvent", "eventTime": "2026-03-01T00:00:00Z"}, "unknown.json"),
        ("digit.json", document("X", 1) | {"epcisBody": {"eventList": []}}, ""),
    ],
)
def test_a_bad_file_is_named(desk: Desk, captured: str, name: str, content: object, said: str):
    if name == "digit.json":
        bad = document("X", 3)
        bad["epcisBody"]["eventList"][1]["epcList"] = [bad_sgtin_link("X")]
        content, said = bad, "/epcisBody/eventList/1/epcList/0"
    result = desk.cairn("capture", desk.write(name, content), "--key", desk.folder / "ed25519.pem")
    assert result.returncode > 0
    assert said in result.stderr + result.stdout


def test_evidence_of_the_command_line_is_verified_by_a_stranger(desk: Desk, policy: Policy, evidence: Path):
    proved = verify_evidence(evidence.read_bytes(), policy)
    assert proved.record.provenance.event.biz_step == "shipping"
    assert proved.member_id == "acme"
    by_record = evidence.with_name("by-record.cairn")
    desk.ok("prove", proved.record_id.hex(), "-o", by_record)
    assert verify_evidence(by_record.read_bytes(), policy).record == proved.record


def test_the_command_line_says_what_was_proved(desk: Desk, evidence: Path):
    result = desk.verify(evidence)
    assert result.returncode == 0, result.stderr
    assert "acme" in result.stdout and leaf_hash(first_proof(evidence).record).hex() in result.stdout


def first_proof(file: Path) -> evidence_pb2.RecordProof:
    return evidence_pb2.Evidence.FromString(file.read_bytes()).proofs[0]


# What is changed, and the steps of which one must be named.
TAMPERINGS = {
    "record": (lambda e: e.proofs[0].record, {"record"}),
    "record_path": (lambda e: e.proofs[0].record_path[0], {"record"}),
    "entry": (lambda e: e.proofs[0].entry, {"signature", "log", "record", "ledger"}),
    "log_path": (lambda e: e.proofs[0].log_path[-1], {"log"}),
    "author_public_key": (lambda e: e.proofs[0].author_public_key, {"signature"}),
    "checkpoint": (lambda e: e.checkpoint.encode(), {"checkpoint"}),
    "ledger_id": (lambda e: e.ledger_id, {"ledger", "checkpoint"}),
    "registration": (lambda e: e.proofs[1].record, {"record", "key"}),
}


@pytest.mark.parametrize("part", TAMPERINGS)
def test_a_changed_byte_is_caught_and_the_step_named(desk: Desk, evidence: Path, part: str):
    data = evidence.read_bytes()
    find, steps = TAMPERINGS[part]
    needle = find(evidence_pb2.Evidence.FromString(data))
    at = data.index(needle) + len(needle) // 2
    tampered = evidence.with_name("tampered.cairn")
    tampered.write_bytes(data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :])
    result = desk.verify(tampered)
    said = (result.stdout + result.stderr).splitlines()
    assert result.returncode == 1 and any(line.startswith("error: ") for line in said), said
    failed = [line.split()[1] for line in said if line.startswith("✗")]
    assert len(failed) == 1 and failed[0] in steps, said


def test_evidence_needs_the_right_policy(evidence: Path, own_server: Server):
    assert run("cairn", "verify", evidence, "--policy", own_server.directory / "policy").returncode > 0


def test_a_tlog_proof_is_verified_by_aics_tlog(desk: Desk, client: Client, evidence: Path):
    record = leaf_hash(first_proof(evidence).record).hex()
    proof = evidence.with_name("evidence.tlog-proof")
    desk.ok("prove", record, "-o", proof)
    head, _, checkpoint = proof.read_text().partition("\n\n")
    version, index, *rest = [line for line in head.split("\n") if not line.startswith("extra ")]
    assert version == "c2sp.org/tlog-proof@v1"
    position = int(index.removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in rest]
    key = aics_tlog.parse_vkey(client.info().log_verifier_key)
    result = aics_tlog.verify_checkpoint(aics_tlog.parse_note(checkpoint), key, expected_origin=key.name)
    assert result.ok, result.error
    entry = first_proof(evidence).entry
    assert aics_tlog.verify_leaf_inclusion(entry, position, result.size, path, result.root)


def test_errors_are_for_people(desk: Desk, captured: str):
    for arguments in [
        ("history", bad_sgtin_link("X")),
        ("prove", "00" * 32, "-o", desk.folder / "nothing.cairn"),
        ("prove", "urn:uuid:nobody", "-o", desk.folder / "nothing.cairn"),
    ]:
        result = desk.cairn(*arguments)
        assert result.returncode > 0 and len(result.stderr.strip()) > 10, arguments
        assert "Fatal" not in result.stderr
    assert not (desk.folder / "nothing.cairn").exists()
    nobody = run(
        "cairn", "history", "urn:uuid:x", "--server", "127.0.0.1:1", "--ca", desk.server.directory / "tls/cert.pem"
    )
    assert nobody.returncode > 0 and "127.0.0.1:1" in nobody.stderr


def test_wrong_usage_is_refused_before_anything_is_made(desk: Desk, captured: str):
    result = desk.cairn("subscribe", "hasty", "--in-flight", "1001", "--until-caught-up")
    assert result.returncode == 2 and "--in-flight is 1 to 1000" in result.stderr
    assert "hasty" not in desk.ok("subscriptions", "list")
    result = desk.cairn("events", "--newest", "--where", "orderDirection=ASC")
    assert result.returncode == 2 and "--newest and --where orderDirection=ASC exclude" in result.stderr
    assert desk.ok("events", "--newest", "--where", "orderDirection=DESC")


def test_a_certificate_for_another_host_is_not_trusted(own_server: Server):
    folder = own_server.directory / "tls"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    make += ["-addext", "subjectAltName=DNS:ledger.example", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(make, check=True, capture_output=True)
    own_server.start()
    desk = Desk(own_server, own_server.directory.parent)
    desk.ok("status", "--server-name", "ledger.example")
    for name in (["--server-name", "elsewhere.example"], []):
        result = desk.cairn("status", *name)
        assert result.returncode > 0 and "SERVER_NOT_TRUSTED" in result.stderr, result.stderr
    for name in ("127.0.0.1", "::1", "", "a host", "localhost:1"):
        result = desk.cairn("status", "--server-name", name)
        assert result.returncode == 2 and "--server-name takes a host name" in result.stderr, result.stderr


def test_no_path_leads_somewhere_else(desk: Desk, captured: str, tmp_path: Path):
    """A link laid in wait is not followed by what writes keys, and what the ledger says never becomes a path."""
    victim = tmp_path / "victim"
    for name in ("key.pem", "key.pem.pub", "key.pem.crt"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).symlink_to(victim)
        assert run("cairn", "keygen", folder / "key.pem").returncode != 0
        assert not victim.exists()
    item = "../../../../etc/passwd"
    assert desk.cairn("history", item).returncode != 0
    for where in ("../up", "/etc", "a/b", ".."):
        public = f"{desk.key_named('path')}.pub"
        refused = desk.cairn(
            "key", "register", "--key", desk.server.admin_key, "--public-key", public, "--member", where,
            "--role", "device",
        )
        assert refused.returncode != 0 and "acme" not in refused.stdout
    made = run("cairnd", "init", tmp_path / "node", "--name", "../up")
    assert made.returncode != 0 and not (tmp_path / "node").exists()
