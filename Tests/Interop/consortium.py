"""Who may do what, worked out from consortium records alone: a second, simpler reading of the rules than the server's."""

from dataclasses import dataclass, field
from hashlib import sha256

from cairn.v1 import consortium_pb2 as pb

AUTHORS = {
    "provenance": {pb.ROLE_DEVICE, pb.ROLE_OPERATOR},
    "master data": {pb.ROLE_OPERATOR},
    "consortium": {pb.ROLE_ADMIN},
}
GOVERNING = {pb.ROLE_ADMIN, pb.ROLE_NODE}


@dataclass
class Key:
    public_key: bytes
    member: str
    roles: frozenset[int]
    begins: int
    ends: int
    revoked: bool = False
    paused: bool = False

    def valid(self, time: int) -> bool:
        return not self.revoked and not self.paused and self.begins <= time and not 0 < self.ends <= time


@dataclass
class Member:
    roles: frozenset[int]
    active: bool = True


@dataclass
class Case:
    proposal: pb.Proposal
    votes: dict[str, int] = field(default_factory=dict)
    closed: bool = False


class Consortium:
    """Folds records in the order of the log; what the rules forbid is a ValueError."""

    def __init__(self, genesis: pb.Genesis):
        self.members = {member.id: Member(frozenset(member.roles)) for member in genesis.members}
        self.keys: dict[bytes, Key] = {}
        self.votes_needed = genesis.thresholds.votes
        self.cases: dict[bytes, Case] = {}
        for registration in genesis.keys:
            self.register(registration)

    def nodes(self) -> list[Key]:
        return [key for key in self.keys.values() if pb.ROLE_NODE in key.roles]

    def admins(self) -> set[bytes]:
        return {key_id for key_id, key in self.keys.items() if pb.ROLE_ADMIN in key.roles}

    def roles(self, key: Key, time: int) -> frozenset[int]:
        member = self.members[key.member]
        return key.roles & member.roles if key.valid(time) and member.active else frozenset()

    def require(self, key_id: bytes, family: str, time: int) -> Key:
        """The key, if it may author a record of that family at that time."""
        if key_id not in self.keys:
            raise ValueError("nothing registers the author's key")
        key = self.keys[key_id]
        if not self.roles(key, time) & AUTHORS[family]:
            raise ValueError(f"the author's key may not author {family} records at {time}")
        return key

    def apply(self, record: pb.ConsortiumRecord, author: bytes, record_id: bytes, time: int) -> None:
        member = self.keys[author].member
        change = record.WhichOneof("change")
        if change in ("register_key", "rotate_key", "revoke_key"):
            body = getattr(record, change)
            key = self.keys.get(body.key_id) if change != "register_key" else None
            owner = body.member_id if change == "register_key" else key.member
            roles = frozenset(body.roles) if change == "register_key" else key.roles
            if owner != member or roles & GOVERNING:
                raise ValueError("an admin enrols keys of its own member, without ADMIN and NODE")
            self.enact(change, body)
        elif change == "propose":
            self.cases[record_id] = Case(record.propose)
            self.vote(record_id, member, pb.CHOICE_APPROVE, time)
        elif change == "vote":
            self.vote(record.vote.proposal_id, member, record.vote.choice, time)
        elif change == "withdraw":
            self.cases[record.withdraw.proposal_id].closed = True
        else:
            raise ValueError(f"{change} stands where it must not")

    def voters(self, time: int) -> set[str]:
        return {key.member for key in self.keys.values() if pb.ROLE_ADMIN in self.roles(key, time)}

    def vote(self, proposal_id: bytes, member: str, choice: int, time: int) -> None:
        if proposal_id not in self.cases:
            raise ValueError("a vote on no proposal")
        case = self.cases[proposal_id]
        if case.closed or time >= case.proposal.expires_at_microseconds:
            raise ValueError("a vote on a proposal that is closed")
        case.votes[member] = choice
        voters = self.voters(time)
        approving = {voter for voter, cast in case.votes.items() if cast == pb.CHOICE_APPROVE} & voters
        if choice == pb.CHOICE_APPROVE and len(approving) >= (self.votes_needed or len(voters) // 2 + 1):
            case.closed = True
            action = case.proposal.WhichOneof("action")
            self.enact(action, getattr(case.proposal, action))

    def enact(self, action: str, body: object) -> None:
        if action == "add_member":
            self.members[body.member.id] = Member(frozenset(body.member.roles))
            for registration in body.keys:
                self.register(registration)
        elif action in ("suspend_member", "remove_member", "reinstate_member"):
            self.members[body.member_id].active = action == "reinstate_member"
        elif action == "change_roles":
            self.members[body.member_id].roles = frozenset(body.roles)
        elif action == "register_key":
            self.register(body)
        elif action == "rotate_key":
            old = self.keys[body.key_id]
            old.ends = body.overlap_until_microseconds
            successor = Key(body.public_key, old.member, old.roles, 0, body.not_after_microseconds)
            self.keys[sha256(body.public_key).digest()] = successor
        elif action == "revoke_key":
            self.keys[body.key_id].revoked = True
        elif action in ("pause_author", "resume_author"):
            self.keys[body.key_id].paused = action == "pause_author"
        elif action == "change_thresholds":
            self.votes_needed = body.votes

    def register(self, body: pb.RegisterKey) -> None:
        roles = frozenset(body.roles)
        if body.member_id not in self.members or not roles or not roles <= self.members[body.member_id].roles:
            raise ValueError("a key without a member, or with roles that its member does not have")
        key_id = sha256(body.public_key).digest()
        if key_id in self.keys:
            raise ValueError("a key is registered twice")
        self.keys[key_id] = Key(
            body.public_key, body.member_id, roles, body.not_before_microseconds, body.not_after_microseconds
        )
