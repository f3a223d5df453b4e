"""A consortium's whole life through the command line: four organisations found a ledger, decide, change and go."""

import base64
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from authors import subject_public_key_info
from events import sgtin_link
from server import Server, run
from test_cli import document

MEMBERS = ("mill", "carrier", "customs", "retailer")
DEADLINE_SECONDS = 60.0


@dataclass
class Consortium:
    """Four members with an admin and a node key each, and the first one's node."""

    folder: Path
    server: Server

    @classmethod
    def found(cls, folder: Path) -> "Consortium":
        members = [argument for member in MEMBERS for argument in ("--member", f"{member}:CH:{member.title()} & Co.")]
        terms = ("--name", "harbour", "--keys-dir", folder / "keys", *members)
        made = run("cairn", "genesis", "new", folder / "genesis.yaml", *terms)
        assert made.returncode == 0, made.stderr
        server = Server(folder / "data")
        node = cls.key_in(folder, "mill", "node")
        init = run("cairnd", "init", server.directory, "--genesis", folder / "genesis.yaml", "--node-key", node)
        assert init.returncode == 0, init.stderr
        return cls(folder, server.start())

    @staticmethod
    def key_in(folder: Path, member: str, role: str) -> Path:
        return folder / "keys" / f"{member}-{role}.pem"

    def admin(self, member: str) -> Path:
        return self.key_in(self.folder, member, "admin")

    def cairn(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        where = ("--server", self.server.address, "--ca", self.server.directory / "tls/cert.pem")
        return run("cairn", *arguments, *where)

    def ok(self, *arguments: object) -> str:
        result = self.cairn(*arguments)
        assert result.returncode == 0, f"{arguments}: {result.stderr}\n{result.stdout}"
        return result.stdout

    def ask(self, *arguments: object) -> dict:
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, reason: str, *arguments: object) -> str:
        """The message of a refusal."""
        result = self.cairn(*arguments)
        assert result.returncode == 1, f"{arguments}: {result.stdout}"
        message = result.stderr.split("error: ", 1)[-1]
        assert message.startswith(f"{reason}: "), result.stderr
        return message

    def propose(self, member: str, *arguments: object) -> str:
        """Proposes as a member's admin; the proposal's id."""
        answer = self.ask(*arguments, "--key", self.admin(member))
        assert answer["proposal"]["proposalId"] == answer["recordId"]
        return answer["recordId"]

    def vote(self, member: str, proposal: str, choice: str = "approve") -> dict:
        return self.ask("vote", proposal[:12], choice, "--key", self.admin(member))["proposal"]

    def decide(self, *arguments: object) -> dict:
        """Proposes and votes until it takes effect."""
        proposal = self.propose(MEMBERS[0], *arguments)
        for member in MEMBERS[1:]:
            state = self.vote(member, proposal)
            if state["state"] != "open":
                return state
        raise AssertionError(f"still open: {state}")

    def state(self, proposal: str) -> dict:
        return self.ask("proposals", proposal)

    def members(self, *arguments: object) -> dict[str, dict]:
        return {member["memberId"]: member for member in self.ask("member", "list", *arguments)["members"]}

    def new_key(self, name: str) -> Path:
        path = self.folder / f"{name}.pem"
        made = run("cairn", "keygen", path)
        assert made.returncode == 0, made.stderr
        return path

    def device(self, member: str, name: str, role: str = "device") -> Path:
        """A key that its member's admin has registered."""
        key = self.new_key(name)
        self.ok("key", "register", "--key", self.admin(member), "--public-key", f"{key}.pub", "--role", role)
        return key

    def capture(self, key: Path, serial: str) -> None:
        file = self.folder / f"{serial}.jsonld"
        file.write_text(json.dumps(document(serial, 3)))
        self.ok("capture", file, "--key", key)


@pytest.fixture
def consortium(tmp_path: Path) -> Iterator[Consortium]:
    consortium = Consortium.found(tmp_path)
    yield consortium
    assert consortium.server.stop() == 0, consortium.server.output()


def genesis(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run("cairn", "genesis", *arguments)


# Founding


def test_everyone_founds_the_same_ledger_from_one_file(consortium: Consortium) -> None:
    file = consortium.folder / "genesis.yaml"
    other = Server(consortium.folder / "other")
    node = consortium.key_in(consortium.folder, "carrier", "node")
    made = run("cairnd", "init", other.directory, "--genesis", file, "--node-key", node)
    assert made.returncode == 0, made.stderr
    assert other.ledger_id() == consortium.server.ledger_id()
    with other.start().client_as(None) as theirs, consortium.server.client_as(None) as ours:
        assert theirs.inclusion(position=0).entry == ours.inclusion(position=0).entry
    assert other.stop() == 0
    assert consortium.ok("genesis", "show", "--yaml") == file.read_text()
    shown = consortium.ask("genesis", "show")
    assert shown["ledgerId"] == consortium.server.ledger_id().hex()
    assert [member["memberId"] for member in shown["members"]] == list(MEMBERS)


def test_a_file_that_was_changed_is_refused(consortium: Consortium) -> None:
    file = consortium.folder / "changed.yaml"
    file.write_text((consortium.folder / "genesis.yaml").read_text().replace('"CH"', '"DE"', 1))
    node = consortium.key_in(consortium.folder, "mill", "node")
    for refused in (
        genesis("verify", file),
        run("cairnd", "init", consortium.folder / "x", "--genesis", file, "--node-key", node),
    ):
        assert refused.returncode == 1 and "INVALID_SIGNATURE" in refused.stderr, refused
    assert not (consortium.folder / "x").exists()


def test_a_node_of_nobody_is_refused(consortium: Consortium) -> None:
    file = consortium.folder / "genesis.yaml"
    refused = run("cairnd", "init", consortium.folder / "x", "--genesis", file, "--node-key", consortium.admin("mill"))
    assert refused.returncode == 1 and "WRONG_LOG_KEY" in refused.stderr, refused


def test_organisations_send_public_halves_only(tmp_path: Path) -> None:
    file = tmp_path / "genesis.yaml"
    assert genesis("new", file, "--name", "harbour").returncode == 0
    for member in ("acme", "umbrella"):
        for role in ("admin", "node"):
            assert run("cairn", "keygen", tmp_path / f"{member}-{role}.pem").returncode == 0
        added = genesis(
            "add", member, "--file", file, "--legal-name", member, "--country", "NO",
            "--admin", tmp_path / f"{member}-admin.pem.pub", "--node", tmp_path / f"{member}-node.pem.pub",
        )  # fmt: skip
        assert added.returncode == 0, added.stderr
    unsigned = genesis("verify", file)
    assert unsigned.returncode == 1 and "NOT_SIGNED" in unsigned.stderr
    stranger = genesis("sign", file, "--key", tmp_path / "acme-node.pem")
    assert stranger.returncode == 1 and "FOUNDER_NOT_ADMIN" in stranger.stderr
    assert genesis("sign", file, "--key", tmp_path / "umbrella-admin.pem").returncode == 0
    assert genesis("verify", file).returncode == 0
    assert "PRIVATE" not in file.read_text()
    again = genesis("new", file, "--name", "harbour")
    assert again.returncode == 1 and "FILE_EXISTS" in again.stderr


# Votes


def test_a_proposal_takes_effect_with_the_vote_that_completes_it(consortium: Consortium) -> None:
    insurer = consortium.new_key("insurer-admin")
    add = ("member", "add", "insurer", "--legal-name", "Insurer", "--country", "CH", "--admin", f"{insurer}.pub")
    proposal = consortium.propose("mill", *add, "--reason", "insures")
    state = consortium.vote("carrier", proposal)
    assert (state["state"], state["approvals"], state["votesNeeded"]) == ("open", 2, 3)
    assert "insurer" not in consortium.members()
    state = consortium.vote("customs", proposal)
    assert (state["state"], state["approvals"]) == ("accepted", 3)
    effective = state["effectivePosition"]
    assert consortium.members()["insurer"]["standing"] == "active"
    assert "insurer" not in consortium.members("--position", effective)
    assert "insurer" in consortium.members("--position", effective + 1)
    assert consortium.ask("member", "list")["voters"] == 5
    # The new member's admin votes like the others.
    second = consortium.propose("mill", "member", "suspend", "customs")
    assert consortium.ask("vote", second[:8], "approve", "--key", insurer)["proposal"]["approvals"] == 2


def test_a_member_s_latest_vote_counts_and_enough_against_reject(consortium: Consortium) -> None:
    proposal = consortium.propose("mill", "member", "suspend", "customs")
    assert consortium.vote("carrier", proposal)["approvals"] == 2
    assert consortium.vote("carrier", proposal, "reject")["approvals"] == 1
    assert consortium.vote("customs", proposal, "reject")["state"] == "rejected"
    assert consortium.members()["customs"]["standing"] == "active"
    consortium.refused("PROPOSAL_CLOSED", "vote", proposal, "approve", "--key", consortium.admin("retailer"))
    consortium.refused("UNKNOWN_PROPOSAL", "vote", proposal[:8], "approve", "--key", consortium.admin("retailer"))


def test_what_is_voted_on_is_shown_first(consortium: Consortium) -> None:
    proposal = consortium.propose("mill", "member", "suspend", "customs", "--reason", "it does not pay")
    shown = consortium.cairn("vote", proposal, "approve", "--key", consortium.admin("carrier"))
    assert "suspend member customs" in shown.stderr and "it does not pay" in shown.stderr
    listed = consortium.ask("proposals", "--state", "open")
    assert [each["proposalId"] for each in listed] == [proposal]
    assert listed[0]["action"] == {"kind": "suspendMember", "memberId": "customs"}
    assert {vote["memberId"] for vote in listed[0]["votes"]} == {"mill", "carrier"}


def test_only_its_member_withdraws_a_proposal(consortium: Consortium) -> None:
    proposal = consortium.propose("mill", "member", "remove", "customs")
    consortium.refused("FOREIGN_PROPOSAL", "withdraw", proposal, "--key", consortium.admin("carrier"))
    consortium.ok("withdraw", proposal, "--key", consortium.admin("mill"))
    assert consortium.state(proposal)["state"] == "withdrawn"
    consortium.refused("PROPOSAL_CLOSED", "vote", proposal, "approve", "--key", consortium.admin("carrier"))


def test_a_proposal_expires(consortium: Consortium) -> None:
    proposal = consortium.propose("mill", "member", "suspend", "customs", "--expires", "2s")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (state := consortium.state(proposal)["state"]) == "open":
        assert time.monotonic() < deadline
    assert state == "expired"
    consortium.refused("PROPOSAL_CLOSED", "vote", proposal, "approve", "--key", consortium.admin("carrier"))
    consortium.refused(
        "EXPIRY_TOO_LATE", "member", "suspend", "customs", "--expires", "91d", "--key", consortium.admin("mill")
    )


def test_thresholds_hold_for_what_comes_after(consortium: Consortium) -> None:
    assert consortium.decide("propose", "thresholds", "--votes", "2")["votesNeeded"] == 2
    proposal = consortium.propose("mill", "member", "suspend", "customs")
    assert consortium.vote("carrier", proposal)["state"] == "accepted"


def test_nobody_locks_everybody_out(consortium: Consortium) -> None:
    key = ("--key", consortium.admin("mill"))
    message = consortium.refused("TOO_FEW_VOTERS", "propose", "thresholds", "--votes", "5", *key)
    assert "4 members" in message and "5 votes" in message
    message = consortium.refused("QUORUM_TOO_SMALL", "propose", "thresholds", "--quorum", "2", *key)
    assert "quorum of 2" in message and "at least 3" in message
    message = consortium.refused("TOO_FEW_NODES", "propose", "thresholds", "--quorum", "5", *key)
    assert "4 members" in message and "5 cosignatures" in message
    consortium.decide("propose", "thresholds", "--votes", "4")
    message = consortium.refused("TOO_FEW_VOTERS", "member", "suspend", "customs", *key)
    assert "3 members" in message and "4 votes" in message


def test_the_last_admin_of_all_stays(tmp_path: Path) -> None:
    server = Server(tmp_path / "alone").init().start()
    alone = Consortium(tmp_path, server)
    admin = server.admin_key
    alone.refused("UNKNOWN_KEY", "key", "show", "0" * 64)
    keys = [json.loads(line) for line in alone.ok("key", "list", "--role", "admin", "--json").splitlines()]
    message = alone.refused("LAST_ADMIN", "key", "revoke", keys[0]["keyId"], "--key", admin)
    assert "no member would be left" in message
    # Alone, a member is its own majority: what needs votes takes effect at once.
    second = alone.new_key("second")
    answer = alone.ask("key", "register", "--public-key", f"{second}.pub", "--role", "admin", "--key", admin)
    assert answer["proposal"]["state"] == "accepted"
    alone.ok("key", "revoke", keys[0]["keyId"], "--key", second)
    assert server.stop() == 0


def test_a_suspended_member_does_nothing_until_it_is_reinstated(consortium: Consortium) -> None:
    device = consortium.device("customs", "lane")
    assert consortium.decide("member", "suspend", "customs")["state"] == "accepted"
    file = consortium.folder / "held.jsonld"
    file.write_text(json.dumps(document("held", 1)))
    consortium.refused("MEMBER_SUSPENDED", "capture", file, "--key", device)
    consortium.refused("MEMBER_SUSPENDED", "member", "suspend", "mill", "--key", consortium.admin("customs"))
    assert consortium.ask("member", "list")["voters"] == 3
    proposal = consortium.propose("mill", "member", "reinstate", "customs")
    assert consortium.vote("carrier", proposal)["state"] == "accepted"
    consortium.ok("capture", file, "--key", device)


def test_a_removed_member_is_gone_for_good(consortium: Consortium) -> None:
    assert consortium.decide("member", "remove", "retailer")["state"] == "accepted"
    assert consortium.members()["retailer"]["standing"] == "removed"
    shown = consortium.ask("member", "show", "retailer")
    assert {key["reason"] for key in shown["keys"]} == {"MEMBER_REMOVED"}
    key = ("--key", consortium.admin("mill"))
    again = ("member", "add", "retailer", "--legal-name", "Again", "--country", "CH")
    assert consortium.cairn(*again, *key).returncode == 1
    assert consortium.cairn("member", "reinstate", "retailer", *key).returncode == 1


def test_roles_bound_what_keys_may_do(consortium: Consortium) -> None:
    operator = consortium.device("customs", "clerk", "operator")
    consortium.decide("member", "roles", "customs", "auditor", "admin", "node")
    consortium.refused("ROLE_FORBIDS_RECORD", "capture", written(consortium, "late"), "--key", operator)
    public = consortium.new_key("second-clerk")
    register = ("key", "register", "--public-key", f"{public}.pub", "--key", consortium.admin("customs"))
    consortium.refused("ROLE_NOT_HELD", *register, "--role", "operator")
    consortium.ok(*register, "--role", "auditor")


# Keys


def test_an_admin_decides_alone_on_its_own_member_s_keys_only(consortium: Consortium) -> None:
    own = consortium.new_key("own")
    register = ("key", "register", "--public-key", f"{own}.pub", "--key", consortium.admin("mill"))
    assert consortium.ask(*register, "--role", "device", "--role", "operator")["proposal"] is None
    for wanted in (("--role", "admin"), ("--role", "device", "--member", "carrier")):
        key = consortium.new_key("-".join(wanted).replace("-", ""))
        register = ("key", "register", "--public-key", f"{key}.pub", "--key", consortium.admin("mill"))
        result = consortium.cairn(*register, *wanted)
        assert result.returncode == 0 and "this is a proposal" in result.stderr, result
        shown = consortium.cairn("key", "show", f"{key}.pub")
        assert shown.returncode == 1 and "UNKNOWN_KEY" in shown.stderr
    assert len(consortium.ask("proposals", "--state", "open")) == 2


def test_a_thousand_devices_are_enrolled_with_one_command(consortium: Consortium) -> None:
    keys = [ed25519.Ed25519PrivateKey.generate() for _ in range(1_000)]
    rows = [f"{base64.b64encode(subject_public_key_info(key.public_key())).decode()},scanner {number}"
            for number, key in enumerate(keys)]  # fmt: skip
    table = consortium.folder / "devices.csv"
    enrol = ("key", "enrol", table, "--key", consortium.admin("mill"))
    table.write_text("\n".join(["public_key,label", *rows[:700], rows[0]]) + "\n")
    assert consortium.ask(*enrol) == {"memberId": "mill", "enrolled": 700, "registeredBefore": 0, "repeated": 1}
    table.write_text("\r\n".join(["\ufeffpublic_key,label", *rows]))
    assert consortium.ask(*enrol) == {"memberId": "mill", "enrolled": 300, "registeredBefore": 700, "repeated": 0}
    size = consortium.ask("status")["logSize"]
    assert consortium.ask(*enrol)["enrolled"] == 0
    assert consortium.ask("status")["logSize"] == size, "a repeated enrolment records nothing"
    assert consortium.members()["mill"]["keysInForce"] == 1_002
    device = consortium.folder / "device.pem"
    device.write_bytes(keys[999].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    device.chmod(0o600)
    consortium.capture(device, "by-enrolled")


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        ("label\nx\n", "MISSING_COLUMN", "public_key"),
        ("public_key,role\nx,y\n", "UNKNOWN_COLUMN", "'role'"),
        ("public_key,label\n\nnonsense!,x\n", "MALFORMED_KEY", "line 3"),
        ("public_key,label\nx\n", "WRONG_COLUMNS", "line 2"),
        ('public_key,label\n"x,y\n', "INVALID_CSV", "line 2"),
        ("public_key,label\n", "NO_KEYS", "public key"),
    ],
)
def test_a_list_with_an_error_enrols_nothing(tmp_path: Path, content: str, reason: str, words: str) -> None:
    """The list is read before anybody is asked: no server is needed to refuse it."""
    table = tmp_path / "devices.csv"
    table.write_text(content)
    assert run("cairn", "keygen", tmp_path / "admin.pem").returncode == 0
    result = run("cairn", "key", "enrol", table, "--key", tmp_path / "admin.pem", "--server", "127.0.0.1:1")
    assert result.returncode == 1 and reason in result.stderr and words in result.stderr, result


def test_a_rotated_key_overlaps_with_its_successor(consortium: Consortium) -> None:
    old, new = consortium.device("mill", "old"), consortium.new_key("new")
    rotate = ("key", "rotate", f"{old}.pub", "--successor", f"{new}.pub", "--key", consortium.admin("mill"))
    assert consortium.ask(*rotate, "--overlap", "1h")["proposal"] is None
    for key in (old, new):
        consortium.capture(key, key.stem)
    shown = consortium.ask("key", "show", f"{new}.pub")["key"]
    assert shown["replaces"] == consortium.ask("key", "show", f"{old}.pub")["key"]["keyId"]
    assert consortium.ask("key", "show", f"{old}.pub")["key"]["notAfter"] is not None
    expiring = consortium.ok("key", "list", "--expiring", "1d", "--json").splitlines()
    assert [json.loads(key)["keyId"] for key in expiring] == [shown["replaces"]]


def test_an_admin_key_is_rotated_by_vote(consortium: Consortium) -> None:
    new = consortium.new_key("mill-admin-2")
    state = consortium.decide("key", "rotate", f"{consortium.admin('mill')}.pub", "--successor", f"{new}.pub")
    assert state["state"] == "accepted"
    assert consortium.ask("key", "show", f"{new}.pub")["key"]["roles"] == ["admin"]
    proposal = consortium.ask("member", "suspend", "customs", "--key", new)["recordId"]
    # Two admin keys of one member have one vote.
    again = consortium.ask("vote", proposal, "approve", "--key", consortium.admin("mill"))
    assert again["proposal"]["approvals"] == 1


def test_a_stolen_key_s_records_are_flagged_from_the_theft_on(consortium: Consortium) -> None:
    device, reader = consortium.device("mill", "stolen"), consortium.device("carrier", "reader", "operator")
    consortium.capture(device, "before")
    theft = consortium.ask("key", "show", f"{device}.pub")["ledgerTime"]
    consortium.capture(device, "after")
    revoke = ("key", "revoke", f"{device}.pub", "--key", consortium.admin("mill"), "--reason", "stolen from a lorry")
    consortium.ok(*revoke, "--compromised-since", theft)
    for serial, flagged in (("before", False), ("after", True)):
        events = consortium.ask("history", sgtin_link(serial), "--identity", reader)["events"]
        assert [event["authorCompromised"] for event in events] == [flagged] * 3
    shown = consortium.ask("key", "show", f"{device}.pub")["key"]
    assert (shown["reason"], shown["compromisedSince"]) == ("KEY_REVOKED", theft)
    consortium.refused("KEY_REVOKED", "capture", written(consortium, "too-late"), "--key", device)
    proof = consortium.folder / "after.cairn"
    consortium.ok("prove", sgtin_link("after"), "-o", proof, "--identity", reader)
    verified = run("cairn", "verify", proof, "--policy", consortium.server.directory / "policy", "--json")
    assert verified.returncode == 4, verified.stderr
    assert json.loads(verified.stdout)["records"][0]["authorCompromised"] is True


def test_a_paused_key_goes_on_when_it_is_resumed(consortium: Consortium) -> None:
    device = consortium.device("carrier", "odd")
    consortium.decide("propose", "pause", f"{device}.pub")
    file = written(consortium, "paused")
    consortium.refused("KEY_PAUSED", "capture", file, "--key", device)
    consortium.decide("propose", "resume", f"{device}.pub")
    consortium.ok("capture", file, "--key", device)


def test_a_record_is_erased_by_vote(consortium: Consortium) -> None:
    device, reader = consortium.device("mill", "press"), consortium.device("mill", "reader", "operator")
    consortium.capture(device, "private")
    who = ("--identity", reader)
    events = consortium.ask("history", sgtin_link("private"), *who)["events"]
    record = events[0]["recordId"]
    state = consortium.decide("propose", "redact", record, "--reason", "a name", *who)
    assert state["state"] == "accepted"
    left = consortium.ask("history", sgtin_link("private"), *who)["events"]
    assert [event["recordId"] for event in left] == [event["recordId"] for event in events[1:]]
    assert consortium.cairn("prove", record, *who).returncode == 1
    consortium.ok("prove", events[1]["recordId"], "-o", consortium.folder / "other.cairn", *who)
    assert consortium.server.stop() == 0
    checked = consortium.server.check()
    assert checked.returncode == 0, checked.stderr


def test_who_am_i(consortium: Consortium) -> None:
    reader = consortium.device("carrier", "reader", "operator")
    who = consortium.ask("whoami", "--identity", reader)
    assert who["method"] == "certificate"
    assert (who["member"]["memberId"], who["key"]["effectiveRoles"]) == ("carrier", ["operator"])
    assert consortium.ask("whoami") == {"method": "none", "key": None, "member": None}


def written(consortium: Consortium, serial: str) -> Path:
    file = consortium.folder / f"{serial}.jsonld"
    file.write_text(json.dumps(document(serial, 1)))
    return file
