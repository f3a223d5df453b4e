"""A NODE key is rotated by vote: its node says when the old one counts no more, and cosigns with the new one."""

import shutil
import sys
from pathlib import Path
from typing import Iterator

import pytest

from authors import Author, Ed25519Signer
from events import event_record, sgtin_link
from test_consortium_nodes import client_of, is_final, running, until
from test_joining import status_of

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node, Plan  # noqa: E402


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with running(tmp_path_factory.mktemp("rotation"), Plan.make(4, 1)) as made:
        yield made


def test_a_node_signs_with_its_new_key_after_a_vote(consortium: Consortium) -> None:
    *others, node = consortium.nodes
    with client_of(others[0]) as client:
        author = Author(Ed25519Signer.load(consortium.device(others[0].id, "gate")), client.info().ledger_id)

    def record(name: str) -> None:
        batch = author.next_batch([event_record([sgtin_link(name)])])
        with client_of(others[0]) as client:
            until(lambda: is_final(client, batch), f"{name} does not become final")

    record("before")
    assert status_of(node).stopped_reason == ""
    old, new = consortium.key(node.id, "node"), consortium.folder / "keys/successor.pem"
    consortium.cairn("keygen", new)
    words = ("--successor", f"{new}.pub", "--overlap", "1s", "--key", consortium.key(node.id, "admin"))
    node.cairn("key", "rotate", f"{old}.pub", *words)
    [proposal] = [line.split()[0] for line in node.cairn("proposals", "--state", "open").splitlines() if node.id in line]
    for other in others[:2]:
        other.cairn("vote", proposal, "approve", "--key", consortium.key(other.id, "admin"))

    # Ledger time moves with what is recorded; the other three are a quorum.
    until(lambda: (record("after"), "NODE_KEY_NOT_IN_FORCE" in status_of(node).stopped_reason)[1], "an ended key goes unsaid")
    assert node.daemon.stop()
    log_key = node.directory / "keys/log.pem"
    shutil.copyfile(new, log_key)
    node.start()
    node.wait_until_it_serves()
    until(node.takes_batches, "it does not follow")
    assert status_of(node).stopped_reason == ""
    # Without one of the others the successor's cosignature is needed.
    assert others[2].daemon.stop()
    record("with-the-successor")
