"""The verifier itself, on evidence made by hand: it accepts what is right and names what is wrong."""

import pytest
from cairn.v1 import consortium_pb2, evidence_pb2

from authors import SIGNERS, Author, Ed25519Signer, register_key
from events import bad_sgtin_link, check_digit, event_record, gtin14, sgln_link, sgtin_link
from evidence import EvidenceError, verify_evidence
from mini_ledger import MiniLedger
from notes import Policy


class Case:
    """A ledger, one author, and evidence of the third record of five."""

    def __init__(self, suite: str = "ed25519", **registration: object):
        self.ledger = MiniLedger()
        self.author = self.ledger.register(SIGNERS[suite](), **registration)
        self.records = [event_record([sgtin_link(f"S{i}")]) for i in range(5)]
        self.position = self.ledger.append(self.author, self.records)
        self.ledger.append(self.author, [event_record([sgtin_link("later")])])
        self.policy = Policy.parse(self.ledger.policy())
        self.evidence = self.ledger.evidence(self.author, self.position, 2)

    def failing_step(self) -> str:
        with pytest.raises(EvidenceError) as caught:
            verify_evidence(self.evidence.SerializeToString(), self.policy)
        return caught.value.step


@pytest.mark.parametrize("suite", SIGNERS)
def test_evidence_proves_the_record_and_its_author(suite: str):
    case = Case(suite)
    proved = verify_evidence(case.evidence.SerializeToString(), case.policy)
    assert proved.record.SerializeToString() == case.records[2]
    assert (proved.author_key_id, proved.member_id) == (case.author.key_id, "acme")


def test_genesis_and_registrations_can_be_proved_too():
    case = Case()
    for author, position in [(case.ledger.admin, 0), (case.ledger.admin, 1)]:
        evidence = case.ledger.evidence(author, position, 0)
        assert verify_evidence(evidence.SerializeToString(), case.policy).member_id == "acme"


@pytest.mark.parametrize("suite", SIGNERS)
def test_no_changed_byte_is_accepted(suite: str):
    case = Case(suite)
    data = case.evidence.SerializeToString()
    for index in range(len(data)):
        for flip in (0x01, 0x80):
            wrong = data[:index] + bytes([data[index] ^ flip]) + data[index + 1 :]
            with pytest.raises(EvidenceError):
                verify_evidence(wrong, case.policy)


def test_each_step_is_named():
    case = Case()
    case.evidence.version = 2
    assert case.failing_step() == "format"
    case = Case()
    case.policy = Policy.parse(MiniLedger().policy())
    assert case.failing_step() == "checkpoint"
    case = Case()
    case.evidence.proofs[0].record += b"\x00"
    assert case.failing_step() == "record path"
    case = Case()
    case.evidence.proofs[0].author_public_key = Ed25519Signer().public_key
    assert case.failing_step() == "signature"
    case = Case()
    case.evidence.proofs[0].position += 1
    assert case.failing_step() == "log path"


def test_the_key_chain_must_be_whole_and_in_force():
    case = Case()
    del case.evidence.proofs[1]
    assert case.failing_step() == "key chain"
    case = Case()
    del case.evidence.proofs[2]
    assert case.failing_step() == "key chain"
    assert Case(not_after_microseconds=1).failing_step() == "key chain"
    assert Case(not_before_microseconds=4_000_000_000_000_000).failing_step() == "key chain"
    assert Case(role=consortium_pb2.ROLE_UNSPECIFIED).failing_step() == "key chain"


def test_a_key_registered_by_a_device_is_not_registered():
    case = Case()
    intruder = Author(Ed25519Signer(), case.ledger.ledger_id)
    registration = case.ledger.append(case.author, [register_key(intruder.signer, "acme", consortium_pb2.ROLE_OPERATOR)])
    position = case.ledger.append(intruder, [event_record([sgtin_link("X")])])
    device, admin = case.author.signer.public_key, case.ledger.admin.signer.public_key
    case.evidence = evidence_pb2.Evidence(
        version=1,
        ledger_id=case.ledger.ledger_id,
        checkpoint=case.ledger.checkpoint(),
        proofs=[
            case.ledger.proof(position, 0, intruder.signer.public_key),
            case.ledger.proof(registration, 0, device),
            case.ledger.proof(1, 0, admin),
            case.ledger.proof(0, 0, admin),
        ],
    )
    assert case.failing_step() == "key chain"


def test_identifiers_have_the_check_digits_of_the_standard():
    assert gtin14() == "09506000134352"
    assert check_digit("629104150021") == "3"
    assert sgln_link("13437") == "https://id.gs1.org/414/9506000134376"
    assert bad_sgtin_link("1") != sgtin_link("1")
