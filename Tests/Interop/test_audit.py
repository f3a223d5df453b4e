"""Checkpoints, proofs and evidence, verified by our own code and by aics-tlog."""

import random
from concurrent.futures import ThreadPoolExecutor

import aics_tlog
import grpc
import pytest
from cairn.v1 import audit_service_pb2, consortium_pb2, ledger_pb2

import merkle
from authors import SIGNERS, Author, register_key
from cairn_client import Client, Registrar, refused
from events import bad_sgtin_link, event_record, sgtin_link
from evidence import EvidenceError, verify_evidence
from notes import Policy
from server import Server

SIZES = (1, 2, 3, 5, 64, 100)


@pytest.fixture(scope="module")
def receipts(client: Client, registrar: Registrar) -> list[ledger_pb2.Receipt]:
    """Batches of several sizes by two authors."""
    authors = [registrar.register(SIGNERS[suite]()) for suite in SIGNERS]
    return [
        client.record(author, [event_record([sgtin_link(f"A{size}-{i}")]) for i in range(size)])
        for size in SIZES
        for author in authors
    ]


@pytest.fixture(scope="module")
def entries(client: Client, receipts: list[ledger_pb2.Receipt]) -> list[bytes]:
    return client.entries()


def test_a_third_party_accepts_every_checkpoint(
    client: Client, receipts: list[ledger_pb2.Receipt], entries: list[bytes]
):
    key = aics_tlog.parse_vkey(client.info().log_verifier_key)
    tree = aics_tlog.MerkleTree(entries)
    for size in {receipt.log_size for receipt in receipts}:
        answer = client.audit.GetCheckpoint(audit_service_pb2.GetCheckpointRequest(size=size), timeout=30)
        result = aics_tlog.verify_checkpoint(aics_tlog.parse_note(answer.checkpoint), key, expected_origin=key.name)
        assert result.ok, result.error
        assert (result.size, result.root) == (size, tree.root(size))


def test_every_entry_is_proved_in_every_tree(client: Client, entries: list[bytes]):
    roots = list(merkle.prefix_roots(entries))
    for size in {1, 2, 3, len(entries) - 1, len(entries)}:
        for position in range(size):
            answer = client.inclusion(position=position, tree_size=size)
            assert (answer.position, answer.tree_size, answer.entry) == (position, size, entries[position])
            leaf, path = merkle.leaf_hash(answer.entry), list(answer.path)
            merkle.verify_inclusion(leaf, position, size, path, roots[size])
            assert aics_tlog.verify_inclusion(leaf, position, size, path, roots[size])


def test_an_entry_is_found_by_its_leaf_hash(client: Client, entries: list[bytes]):
    for position, entry in enumerate(entries):
        answer = client.inclusion(leaf_hash=merkle.leaf_hash(entry))
        assert (answer.position, answer.entry) == (position, entry)


def test_every_tree_is_a_beginning_of_every_later_one(client: Client, entries: list[bytes]):
    roots = list(merkle.prefix_roots(entries))
    for second in range(1, len(entries) + 1):
        for first in range(1, second + 1):
            path = client.consistency(first, second)
            merkle.verify_consistency(first, second, path, roots[first], roots[second])
            assert aics_tlog.verify_consistency(first, second, roots[first], roots[second], path)


def test_a_checkpoint_handed_out_is_consistent_with_every_later_one(
    client: Client, policy: Policy, receipts: list[ledger_pb2.Receipt]
):
    latest = client.checkpoint(policy)
    for receipt in receipts:
        client.verify_growth(client.checkpoint(policy, receipt.log_size), latest)


def test_impossible_questions_are_refused(client: Client, entries: list[bytes]):
    end = 1 << 62
    questions = [
        lambda: client.inclusion(),
        lambda: client.inclusion(position=end),
        lambda: client.inclusion(position=0, tree_size=end),
        lambda: client.inclusion(position=len(entries) - 1, tree_size=len(entries) - 1),
        lambda: client.inclusion(leaf_hash=b"short"),
        lambda: client.inclusion(leaf_hash=bytes(32)),
        lambda: client.consistency(0, len(entries)),
        lambda: client.consistency(3, 2),
        lambda: client.consistency(1, end),
        lambda: client.consistency((1 << 64) - 1, (1 << 64) - 1),
        lambda: client.audit.GetCheckpoint(audit_service_pb2.GetCheckpointRequest(size=end), timeout=30),
        lambda: client.evidence(),
        lambda: client.evidence(record_id=bytes(32)),
        lambda: client.evidence(record_id=b"short"),
        lambda: client.evidence(record_position=dict(position=end)),
        lambda: client.evidence(record_position=dict(position=0, record_index=1)),
        lambda: client.evidence(record_position=dict(position=0), tree_size=end),
    ]
    for question in questions:
        with refused() as caught:
            question()
        expected = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.OUT_OF_RANGE)
        assert caught.refusal.code in (*expected, grpc.StatusCode.FAILED_PRECONDITION), caught.refusal


# Evidence


def test_every_record_has_evidence(client: Client, policy: Policy, receipts: list[ledger_pb2.Receipt]):
    for receipt in receipts:
        for index in {0, receipt.record_count // 2, receipt.record_count - 1}:
            data = client.evidence(record_position=dict(position=receipt.position, record_index=index))
            proved = verify_evidence(data, policy)
            assert (proved.position, proved.ledger_time) == (receipt.position, receipt.ledger_time_microseconds)
            assert proved.author_key_id == receipt.author_key_id
            assert proved.member_id == "acme"
            by_id = verify_evidence(client.evidence(record_id=proved.record_id), policy)
            assert by_id.record == proved.record


def test_evidence_may_stand_under_an_earlier_checkpoint(
    client: Client, policy: Policy, receipts: list[ledger_pb2.Receipt]
):
    for receipt in receipts:
        place = dict(position=receipt.position, record_index=0)
        data = client.evidence(record_position=place, tree_size=receipt.log_size)
        assert verify_evidence(data, policy).checkpoint.size == receipt.log_size


def test_changes_of_keys_have_evidence_back_to_genesis(client: Client, policy: Policy, registrar: Registrar):
    genesis = verify_evidence(client.evidence(record_position=dict(position=0)), policy)
    assert genesis.record.consortium.HasField("genesis")
    second = registrar.register(SIGNERS["p256"](), role=consortium_pb2.ROLE_ADMIN)
    registration = register_key(SIGNERS["ed25519"](), "acme", consortium_pb2.ROLE_DEVICE)
    client.record(second, [registration])
    proved = verify_evidence(client.evidence(record_id=merkle.leaf_hash(registration)), policy)
    assert (proved.author_key_id, proved.member_id) == (second.key_id, "acme")


def test_a_key_registered_by_a_second_admin_leads_back_to_genesis(
    client: Client, policy: Policy, registrar: Registrar
):
    second = registrar.register(SIGNERS["ed25519"](), role=consortium_pb2.ROLE_ADMIN)
    signer = SIGNERS["p256"]()
    client.record(second, [register_key(signer, "acme", consortium_pb2.ROLE_OPERATOR)])
    third = Author(signer, registrar.ledger_id)
    client.record(third, [entry := event_record([sgtin_link("CHAIN")])])
    registrar.revoke(third)
    proved = verify_evidence(client.evidence(record_id=merkle.leaf_hash(entry)), policy)
    assert (proved.author_key_id, proved.member_id) == (third.key_id, "acme")


def test_a_record_without_effect_can_be_proved_too(client: Client, policy: Policy, author: Author):
    bad = event_record([bad_sgtin_link("R")])
    client.record(author, [bad], on_error=ledger_pb2.ON_ERROR_SKIP_RECORD)
    proved = verify_evidence(client.evidence(record_id=merkle.leaf_hash(bad)), policy)
    assert proved.record.SerializeToString() == bad


def test_no_tampering_of_evidence_goes_unnoticed(client: Client, policy: Policy, receipts: list[ledger_pb2.Receipt]):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    for receipt in dice.sample(receipts, 4):
        place = dict(position=receipt.position, record_index=dice.randrange(receipt.record_count))
        data = client.evidence(record_position=place)
        verify_evidence(data, policy)
        for _ in range(400):
            wrong = bytearray(data)
            wrong[dice.randrange(len(data))] ^= dice.randrange(1, 256)
            with pytest.raises(EvidenceError):
                verify_evidence(bytes(wrong), policy)
        for length in dice.sample(range(len(data)), 50):
            with pytest.raises(EvidenceError):
                verify_evidence(data[:length], policy)


def test_evidence_of_one_ledger_is_none_of_another(
    client: Client, own_server: Server, receipts: list[ledger_pb2.Receipt]
):
    data = client.evidence(record_position=dict(position=receipts[0].position))
    with pytest.raises(EvidenceError, match="checkpoint"):
        verify_evidence(data, own_server.policy())


def test_proofs_hold_while_the_log_grows(server: Server, client: Client, policy: Policy, author: Author):
    """A reader who asks in the middle of writing gets answers that fit together."""

    def read(_: int) -> None:
        with server.client() as own:
            earlier = own.checkpoint(policy)
            for _ in range(15):
                later = own.checkpoint(policy)
                own.verify_growth(earlier, later)
                answer = own.inclusion(position=later.size - 1, tree_size=later.size)
                leaf = merkle.leaf_hash(answer.entry)
                merkle.verify_inclusion(leaf, answer.position, later.size, list(answer.path), later.root)
                earlier = later

    batches = [author.next_batch([event_record(["urn:uuid:growing"])]) for _ in range(150)]
    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        assert all(answer.HasField("receipt") for answer in client.stream(batches))
        for reader in readers:
            reader.result()
