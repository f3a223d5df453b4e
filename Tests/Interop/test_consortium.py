"""ConsortiumService: who could do what at each position, with evidence that a verifier of our own follows to genesis."""

import os
import time
from hashlib import sha256
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2 as pb
from cairn.v1 import consortium_service_pb2 as service
from cairn.v1 import provenance_pb2

from authors import Author, Ed25519Signer, register_key
from authors import record as serialized
from cairn_client import TIMEOUT, Client, refused
from events import event, sgtin_link
from evidence import EvidenceError, verify_evidence
from identity import Bearer
from merkle import leaf_hash
from notes import Policy
from server import Server, run

DAY = 86_400_000_000


def change(**body: object) -> bytes:
    return serialized(consortium=pb.ConsortiumRecord(**body))


def public_event(serial: str) -> bytes:
    visibility = pb.Visibility(audience=pb.AUDIENCE_PUBLIC)
    record = provenance_pb2.ProvenanceRecord(event=event([sgtin_link(serial)]))
    return serialized(provenance=record, visibility=visibility)


class Council:
    """A ledger of acme that carrier and mill have joined by votes; every record is signed here."""

    def __init__(self, server: Server, client: Client):
        self.server, self.client = server, client
        self.acme = server.registrar(client).author
        self.ledger_id = self.acme.ledger_id
        self.admins = {"acme": self.acme}
        for member in ("carrier", "mill"):
            self.admins[member] = Author(Ed25519Signer(), self.ledger_id)
            key = pb.RegisterKey(
                public_key=self.admins[member].signer.public_key, member_id=member, roles=[pb.ROLE_ADMIN]
            )
            roles = [pb.ROLE_ADMIN, pb.ROLE_DEVICE, pb.ROLE_OPERATOR]
            joining = pb.Member(id=member, legal_name=member.title(), country="NL", roles=roles)
            self.decide(add_member=pb.AddMember(member=joining, keys=[key]))

    def propose(self, member: str, **action: object) -> tuple[bytes, int]:
        expires = time.time_ns() // 1000 + 30 * DAY
        record = change(propose=pb.Proposal(reason="agreed", expires_at_microseconds=expires, **action))
        return leaf_hash(record), self.client.record(self.admins[member], [record]).position

    def vote(self, member: str, proposal: bytes, choice: int = pb.CHOICE_APPROVE) -> int:
        record = change(vote=pb.Vote(proposal_id=proposal, choice=choice))
        return self.client.record(self.admins[member], [record]).position

    def decide(self, **action: object) -> tuple[bytes, int]:
        """Proposed by acme, then voted for by the others until it takes effect; where it did."""
        proposal, position = self.propose("acme", **action)
        for member in [member for member in self.admins if member != "acme"]:
            if self.proposal(proposal).state == service.PROPOSAL_STATE_ACCEPTED:
                break
            position = self.vote(member, proposal) if self.is_voter(member) else position
        assert self.proposal(proposal).state == service.PROPOSAL_STATE_ACCEPTED
        return proposal, position

    def is_voter(self, member: str) -> bool:
        consortium = self.client.consortium.GetConsortium(service.GetConsortiumRequest(), timeout=TIMEOUT)
        return any(status.member.id == member for status in consortium.members)

    def enrol(self, member: str, **fields: object) -> Author:
        device = Author(Ed25519Signer(), self.ledger_id)
        registration = register_key(device.signer, member, pb.ROLE_DEVICE, **fields)
        self.client.record(self.admins[member], [registration])
        return device

    def proposal(self, proposal: bytes) -> service.ProposalStatus:
        request = service.GetProposalRequest(proposal_id=proposal)
        return self.client.consortium.GetProposal(request, timeout=TIMEOUT).proposal

    def authority(self, author: Author, position: int | None = None) -> service.GetAuthorityResponse:
        request = service.GetAuthorityRequest(key_id=author.key_id, position=position)
        return self.client.consortium.GetAuthority(request, timeout=TIMEOUT)

    def keys(self, **fields: object) -> Iterator[service.KeyStatus]:
        request = service.ListKeysRequest(**fields)
        while True:
            page = self.client.consortium.ListKeys(request, timeout=TIMEOUT)
            yield from page.keys
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@pytest.fixture(scope="module")
def council(server: Server, client: Client) -> Council:
    return Council(server, client)


def test_the_consortium_is_told_as_it_was(council: Council):
    client = council.client.consortium
    now = client.GetConsortium(service.GetConsortiumRequest(), timeout=TIMEOUT)
    assert [status.member.id for status in now.members][:3] == ["acme", "carrier", "mill"]
    assert (now.voters, now.votes_needed, now.nodes, now.quorum) == (3, 2, 1, 1)
    first = client.GetConsortium(service.GetConsortiumRequest(position=1), timeout=TIMEOUT)
    assert [status.member.id for status in first.members] == ["acme"]
    assert (first.position, first.voters, first.votes_needed) == (1, 1, 1)
    with refused("POSITION_OUT_OF_RANGE"):
        client.GetConsortium(service.GetConsortiumRequest(position=1 << 40), timeout=TIMEOUT)


def test_a_keys_authority_at_each_position_follows_from_its_evidence(council: Council, policy: Policy):
    device = council.enrol("carrier", label="dock 4")
    registered = council.authority(device).key.registered_position
    _, paused = council.decide(pause_author=pb.PauseAuthor(key_id=device.key_id))
    _, resumed = council.decide(resume_author=pb.ResumeAuthor(key_id=device.key_id))
    revocation = pb.RevokeKey(key_id=device.key_id, compromised_since_microseconds=time.time_ns() // 1000)
    revoked = council.client.record(council.admins["carrier"], [change(revoke_key=revocation)]).position
    with refused("UNKNOWN_KEY"):
        council.authority(device, registered)
    for position, reason in [
        (registered + 1, ""),
        (paused, ""),
        (paused + 1, "KEY_PAUSED"),
        (resumed + 1, ""),
        (revoked, ""),
        (revoked + 1, "KEY_REVOKED"),
        (None, "KEY_REVOKED"),
    ]:
        answer = council.authority(device, position)
        assert (answer.key.reason, answer.key.in_force) == (reason, not reason), position
        assert list(answer.key.effective_roles) == ([] if reason else [pb.ROLE_DEVICE])
        assert (answer.key.key.label, answer.member.member.id) == ("dock 4", "carrier")
        proved = verify_evidence(answer.evidence.SerializeToString(), policy)
        assert proved.record.consortium.register_key.public_key == device.signer.public_key
        assert (proved.position, proved.member_id) == (registered, "carrier")
        first, *others = [(proof.position, proof.record_index) for proof in answer.evidence.proofs]
        assert first == (registered, 0) and others == sorted(others, reverse=True) and others[-1] == (0, 0)
        assert council.server.policy().logs.keys() == policy.logs.keys()


def test_evidence_of_an_event_shows_the_votes_behind_its_author(council: Council, policy: Policy):
    admin = Author(Ed25519Signer(), council.ledger_id)
    key = pb.RegisterKey(public_key=admin.signer.public_key, member_id="mill", roles=[pb.ROLE_ADMIN])
    proposal, position = council.decide(register_key=key)
    device = Author(Ed25519Signer(), council.ledger_id)
    council.client.record(admin, [register_key(device.signer, "mill", pb.ROLE_DEVICE)])
    recorded = council.client.record(device, [public_event("V1"), public_event("V2")])
    data = council.client.evidence(record_position=dict(position=recorded.position, record_index=1))
    assert verify_evidence(data, policy).member_id == "mill"
    assert verify_evidence(data, council.ledger_id).member_id == "mill"
    with pytest.raises(EvidenceError):
        verify_evidence(data, sha256(b"another ledger").digest())
    for left in range(1, len(council.authority(device).evidence.proofs)):
        evidence = council.authority(device).evidence
        del evidence.proofs[left]
        with pytest.raises(EvidenceError):
            verify_evidence(evidence.SerializeToString(), policy)
    status = council.proposal(proposal)
    assert status.effective_position == position
    assert {vote.member_id for vote in status.votes} >= {"acme", "carrier"}


def test_every_consortium_record_can_be_proved(council: Council, policy: Policy):
    proposal, _ = council.propose("acme", suspend_member=pb.SuspendMember(member_id="mill"))
    council.vote("carrier", proposal, pb.CHOICE_REJECT)
    record = change(withdraw=pb.Withdrawal(proposal_id=proposal))
    last = council.client.record(council.acme, [record]).position
    for position in range(last + 1):
        data = council.client.evidence(record_position=dict(position=position))
        assert verify_evidence(data, policy).position == position
        assert verify_evidence(data, council.ledger_id).position == position
    assert council.proposal(proposal).state == service.PROPOSAL_STATE_WITHDRAWN
    page = council.client.consortium.ListProposals(service.ListProposalsRequest(page_size=2), timeout=TIMEOUT)
    assert page.proposals[0].proposal_id == proposal and len(page.proposals) == 2 and page.next_page_token


def test_keys_are_paged_in_order_of_registration(council: Council):
    soon = time.time_ns() // 1000 + DAY
    council.enrol("mill", not_after_microseconds=soon)
    all_keys = list(council.keys(page_size=3))
    places = [key.registered_position for key in all_keys]
    assert places == sorted(places) and len({key.key_id for key in all_keys}) == len(all_keys)
    assert [key.key.member_id for key in council.keys(member_id="acme")] == ["acme"] * 2
    expiring = list(council.keys(expiring_before_microseconds=soon + 1))
    assert [key.key.not_after_microseconds for key in expiring] == [soon]
    with refused("PAGE_SIZE"):
        list(council.keys(page_size=1_001))
    with refused("UNKNOWN_MEMBER"):
        list(council.keys(member_id="nobody"))


def test_the_caller_is_told_for_whom_it_is_taken(council: Council):
    request = service.WhoAmIRequest()
    signer = council.admins["carrier"].signer
    with council.server.client_as(Bearer.of(signer, council.ledger_id)) as carrier:
        answer = carrier.consortium.WhoAmI(request, timeout=TIMEOUT)
        assert (answer.method, answer.key.key.public_key) == ("token", signer.public_key)
        assert answer.member.member.id == "carrier"
    with council.server.client_as(None) as nobody:
        answer = nobody.consortium.WhoAmI(request, timeout=TIMEOUT)
        assert answer.method == "none" and not answer.HasField("key")
        assert nobody.consortium.GetConsortium(service.GetConsortiumRequest(), timeout=TIMEOUT).voters == 3


def test_cairn_verifies_with_nothing_but_the_ledgers_id(council: Council, tmp_path):
    device = council.enrol("carrier")
    recorded = council.client.record(device, [public_event("G1")])
    file = tmp_path / "event.cairn"
    ledger_id = council.ledger_id.hex()

    def verify(ledger: str = ledger_id) -> tuple[int, str]:
        file.write_bytes(council.client.evidence(record_position=dict(position=recorded.position)))
        result = run("cairn", "verify", file, "--genesis", ledger)
        return result.returncode, result.stdout + result.stderr

    status, words = verify()
    assert status == 0 and "of carrier, device" in words and "by the votes of acme" in words, words
    assert verify(sha256(b"another").hexdigest())[0] == 1
    revocation = pb.RevokeKey(key_id=device.key_id, compromised_since_microseconds=1)
    council.client.record(council.admins["carrier"], [change(revoke_key=revocation)])
    status, words = verify()
    assert status == 4 and "! compromised" in words, words


def test_cairn_proves_what_a_key_may_do(council: Council, tmp_path):
    device = council.enrol("carrier")
    file = tmp_path / "key.cairn"
    where = ("--server", council.server.address, "--ca", council.server.directory / "tls/cert.pem")
    made = run("cairn", "prove", "--key", device.key_id.hex(), "--output", file, "--genesis", council.ledger_id.hex(), *where)  # fmt: skip
    assert made.returncode == 0 and "of carrier: in force as device" in made.stderr, made.stderr
    assert run("cairn", "verify", file, "--genesis", council.ledger_id.hex()).returncode == 0
    early = run("cairn", "prove", "--key", device.key_id.hex(), "--at", 1, "--output", file, *where)
    assert early.returncode == 1 and "UNKNOWN_KEY" in early.stderr
