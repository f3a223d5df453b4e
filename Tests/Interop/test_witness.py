"""A node as a witness of other logs: C2SP tlog-witness, spoken by a Python client and by aics-witness' own."""

import base64
import os
import random
import shutil
import socket
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Iterator

import aics_tlog
import pytest
from aics_witness.feeder import WitnessClient, WitnessRejected, merge_cosignatures
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server import Server, run
from witnesses import EM_DASH, Answer, GrowingLog, ask, cosigned_at, tiles_address, write_witness_file

TILES = ("--tiles", "127.0.0.1:0")


class Witness:
    """A node that witnesses logs which a test makes."""

    def __init__(self, directory: Path):
        self.server = Server(directory).init()
        self.logs: list[GrowingLog] = []

    def log(self, origin: str) -> GrowingLog:
        """Another log, known from the next start on."""
        self.logs.append(GrowingLog(origin))
        entries = [{"origin": log.origin, "keys": [log.vkey]} for log in self.logs]
        write_witness_file(self.server, name="cairn.example/witness", logs=entries)
        return self.logs[-1]

    def start(self) -> "Witness":
        self.server.start(*TILES)
        self.address = tiles_address(self.server)
        self.vkey = ask(self.address, "/witness").body.strip()
        return self

    def add(self, body: bytes) -> Answer:
        """Asked again while there are too many requests."""
        while (answer := self.once(body)).status == 429:
            pass
        return answer

    def once(self, body: bytes) -> Answer:
        return ask(self.address, "/add-checkpoint", body)

    def cosigned(self, log: GrowingLog, old: int, size: int) -> int:
        answer = self.add(log.body(old, size))
        assert (answer.status, answer.type) == (200, "text/plain; charset=utf-8"), answer
        return cosigned_at(log.note(size), answer.body, self.vkey)

    def size(self, log: GrowingLog) -> int:
        """What it says it cosigned last."""
        answer = self.add(log.body(1, 1 << 12, note=log.note(1 << 12), proof=[]))
        if answer.status == 422:
            return 1
        assert (answer.status, answer.type) == (409, "text/x.tlog.size"), answer
        assert answer.body.endswith("\n") and answer.body == f"{int(answer.body)}\n"
        return int(answer.body)


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    witness = Witness(tmp_path_factory.mktemp("witness") / "data")
    for number in range(12):
        witness.log(f"log.example/{number}")
    witness.start()
    yield witness
    assert witness.server.stop() == 0, witness.server.output()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Witness]:
    witness = Witness(tmp_path / "data")
    yield witness
    witness.server.kill()


def test_a_growing_log_is_cosigned(witness: Witness):
    log, now = witness.logs[0], int(time.time())
    old = 0
    for size in (1, 2, 7, 8, 8, 200):
        assert now - 1 <= witness.cosigned(log, old, size) <= time.time() + 1
        old = size
    assert witness.size(log) == 200
    latest = ask(witness.address, f"/{sha256(log.origin.encode()).hexdigest()}/checkpoint")
    assert (latest.status, latest.type) == (200, "text/plain; charset=utf-8")
    result = aics_tlog.verify_checkpoint(
        aics_tlog.parse_note(latest.body), aics_tlog.parse_vkey(log.vkey),
        [aics_tlog.parse_vkey(witness.vkey)], 1, expected_origin=log.origin,
    )  # fmt: skip
    assert result.ok and result.size == 200 and result.cosignature_count == 1, result.error
    assert ask(witness.address, f"/{sha256(b'nobody').hexdigest()}/checkpoint").status == 404


def test_a_strangers_client_gets_along_with_it(witness: Witness, tmp_path: Path):
    log = witness.logs[1]
    with WitnessClient(f"http://{witness.address}", witness.vkey, state_path=tmp_path / "state") as client:
        for size in (3, 3, 10, 70):
            note = log.note(size).encode()
            line = client.submit(note, log.tree(size).consistency_proof)
            merged = aics_tlog.parse_note(merge_cosignatures(note, line))
            assert [signature.name for signature in merged.signatures] == [log.origin, "cairn.example/witness"]
        with pytest.raises(WitnessRejected) as refusal:
            fork = log.fork("b")
            client.submit(fork.note(80).encode(), fork.tree(80).consistency_proof)
        assert refusal.value.status == 422
    with WitnessClient(f"http://{witness.address}", witness.vkey) as newcomer:
        assert newcomer.submit(log.note(90).encode(), log.tree(90).consistency_proof)


def test_what_is_refused_and_how(witness: Witness):
    log = witness.logs[2]
    witness.cosigned(log, 0, 20)
    stranger = GrowingLog("unknown.example/log")
    impostor = Ed25519PrivateKey.generate()
    fork = log.fork("b")
    right = log.proof(20, 30)
    altered = log.note(30).replace("\n30\n", "\n31\n")
    for what, body, status in [
        ("unknown origin", stranger.body(0, 3), 404),
        ("unknown origin, old too large", stranger.body(9, 3), 404),
        ("signed by somebody else", log.body(20, 30, note=log.note(30, impostor)), 403),
        ("altered", log.body(20, 30, note=altered), 403),
        ("old above size", log.body(31, 30), 400),
        ("old above size, both below", log.body(9, 8), 400),
        ("old too small", log.body(19, 30), 409),
        ("first contact again", log.body(0, 30), 409),
        ("rollback", log.body(10, 15), 409),
        ("rollback to nothing", log.body(0, 0), 409),
        ("old ahead", log.body(25, 30), 409),
        ("no proof", log.body(20, 30, proof=[]), 422),
        ("short proof", log.body(20, 30, proof=right[:-1]), 422),
        ("long proof", log.body(20, 30, proof=[*right, right[0]]), 422),
        ("reversed proof", log.body(20, 30, proof=right[::-1]), 422),
        ("proof of another history", fork.body(20, 30), 422),
        ("same size, another root", fork.body(20, 20), 422),
        ("same size, with a proof", log.body(20, 20, proof=right), 422),
    ]:
        answer = witness.add(body)
        assert answer.status == status, (what, answer)
        if status == 409:
            assert (answer.type, answer.body) == ("text/x.tlog.size", "20\n"), (what, answer)
        else:
            assert answer.type == "text/plain; charset=utf-8", (what, answer)
            assert EM_DASH not in answer.body, what
    assert witness.size(log) == 20
    assert "INCONSISTENT" not in ask(witness.address, "/witness").body
    assert "begin with the 20 that were cosigned" in witness.server.output()
    witness.cosigned(log, 20, 30)


def test_signatures_of_others_change_nothing(witness: Witness):
    log = witness.logs[3]
    theirs = log.note(4, Ed25519PrivateKey.generate()).split("\n\n")[1]
    answer = witness.add(log.body(0, 4, note=log.note(4) + theirs))
    assert answer.status == 200 and answer.body.count("\n") == 1
    cosigned_at(log.note(4), answer.body, witness.vkey)
    assert witness.add(log.body(4, 5, note=log.note(5).split("\n\n")[0] + "\n\n" + theirs)).status == 403


@pytest.mark.parametrize(
    "pattern",
    ["", "\n", "old 0", "old 0\n\n", "{note}", "old\n\n{note}", "old 00\n\n{note}", "old -0\n\n{note}", "old +0\n\n{note}",
     "old 0 \n\n{note}", "Old 0\n\n{note}", "old 0\r\n\r\n{note}", "old 0\n{note}", "old 0\n\n\n{note}", "old 0\n\n{note}x",
     "old 0\nAAAA\n\n{note}", "old 0\n{hash} \n\n{note}", "old 18446744073709551616\n\n{note}", "old 0\n{hashes}\n{note}",
     "old 0\n\n{note}\n", "old 0\n\n\x00{note}"],
)  # fmt: skip
def test_malformed_bodies(witness: Witness, pattern: str):
    log = witness.logs[4]
    node = base64.b64encode(bytes(32)).decode()
    body = pattern.format(note=log.note(3), hash=node, hashes=(node + "\n") * 64)
    answer = witness.add(body.encode())
    assert (answer.status, answer.type) == (400, "text/plain; charset=utf-8"), answer


def test_bytes_that_are_no_text(witness: Witness):
    log = witness.logs[4]
    dice = random.Random(7)
    for _ in range(40):
        body = bytearray(log.body(0, 3))
        for _ in range(3):
            body[dice.randrange(len(body))] = dice.randrange(128, 256)
        assert witness.add(bytes(body)).status in (400, 403, 404)
    assert witness.size(log) == 0


def test_huge_bodies(witness: Witness):
    log = witness.logs[5]
    assert witness.add(log.body(0, 3) + b"x" * 5_000_000).status == 413
    host, port = witness.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        sent = 0
        try:
            while sent < 64_000_000:
                raw.sendall(chunk)
                sent += 0x8000
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 64_000_000
    witness.cosigned(log, 0, 3)


def test_only_what_is_there(witness: Witness):
    for path, body, method, status in [
        ("/add-checkpoint", None, "GET", 404),
        ("/add-checkpoint", b"", "PUT", 405),
        ("/witness", b"x", "POST", 405),
        ("/checkpoint", b"x", "POST", 405),
        ("/prefix/add-checkpoint", b"x", "POST", 405),
        ("/" + "0" * 64 + "/checkpoint", None, "GET", 404),
        ("/" + "0" * 63 + "/checkpoint", None, "GET", 404),
    ]:
        assert ask(witness.address, path, body, method).status == status, (path, method)


def test_concurrent_updates_are_taken_one_after_the_other(witness: Witness):
    log = witness.logs[6]
    witness.cosigned(log, 0, 5)
    bodies = {(branch, size): log.fork(branch).body(5, size) for branch in "abc" for size in range(6, 12)}
    answers: dict[tuple[str, int], Answer] = {}
    barrier = threading.Barrier(len(bodies))

    def send(key: tuple[str, int]) -> None:
        barrier.wait()
        answers[key] = witness.add(bodies[key])

    threads = [threading.Thread(target=send, args=(key,)) for key in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [key for key, answer in answers.items() if answer.status == 200]
    assert len(won) == 1, answers
    ((branch, size),) = won
    assert all(answer.body == f"{size}\n" for key, answer in answers.items() if key not in won)
    witness.cosigned(log.fork(branch), size, 40)


def test_too_many_requests_are_told_to_come_back(own: Witness):
    log = own.log("busy.example/log")
    own.start()
    own.cosigned(log, 0, 1)
    answers = []
    while len(answers) < 400 and 429 not in answers:
        answer = own.once(log.body(1, 1))
        answers.append(answer.status)
        assert answer.status in (200, 429) and ("retry-after" in map(str.lower, answer.headers)) == (answer.status == 429)
    assert 429 in answers
    assert own.server.stop() == 0


def test_it_never_goes_back_however_it_ends(own: Witness):
    """Killed again and again while checkpoints come in; every cosignature that was given out is of one history."""
    log = own.log("killed.example/log")
    dice = random.Random(20261123)
    given = 0
    for _ in range(8):
        own.start()
        assert given <= own.size(log)
        given = own.size(log)
        stop = threading.Event()

        def kill() -> None:
            stop.wait(dice.uniform(0.02, 0.4))
            own.server.process.kill()

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            while True:
                answer = own.add(log.body(given, given + 1))
                assert answer.status == 200, answer
                given += 1
        except (ConnectionError, OSError, Exception) as error:
            assert not isinstance(error, AssertionError), error
        thread.join()
        own.server.kill()
    own.start()
    size = own.size(log)
    assert size in (given, given + 1) and given > 5
    fork = log.fork("b")
    for old, new in [(0, size), (given - 1, size), (size, size), (size, size + 1), (0, size + 1)]:
        assert own.add(fork.body(old, new)).status in (409, 422), (old, new)
    own.cosigned(log, size, size + 1)


def test_a_backup_of_the_data_directory_does_not_make_it_forget(own: Witness, tmp_path: Path):
    log = own.log("backed.example/log")
    own.start()
    own.cosigned(log, 0, 4)
    assert own.server.stop() == 0
    data, state = own.server.directory, Path(f"{own.server.directory}.witness")
    assert stat_mode(state) == 0o700 and {path.name for path in state.iterdir()} > {sha256(log.origin.encode()).hexdigest()}
    shutil.copytree(data, tmp_path / "backup")
    own.start()
    own.cosigned(log, 4, 9)
    assert own.server.stop() == 0
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "backup", data)
    own.start()
    assert own.size(log) == 9
    assert own.server.stop() == 0
    state.rename(tmp_path / "lost")
    assert own.server.spawn(*TILES).wait(60) != 0
    assert "WITNESS_STATE_LOST" in own.server.output() and str(state) in own.server.output()
    (tmp_path / "lost").rename(state)
    file = state / sha256(log.origin.encode()).hexdigest()
    file.write_text(file.read_text().replace("\n9\n", "\n8\n"))
    assert own.server.spawn(*TILES).wait(60) != 0
    assert "WITNESS_STATE_DAMAGED" in own.server.output() and str(file) in own.server.output()


def test_a_disk_that_is_full_signs_nothing(own: Witness):
    log = own.log("full.example/log")
    own.start()
    own.cosigned(log, 0, 4)
    own.server.limit_files(0)
    answer = own.add(log.body(4, 5))
    assert answer.status == 503 and EM_DASH not in answer.body, answer
    own.server.limit_files()
    assert own.add(log.body(4, 5)).status == 503
    assert own.server.stop() == 0
    own.start()
    assert own.size(log) == 4
    own.cosigned(log, 4, 5)


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("logs: 3\n", "NOT_A_LIST", "line 1: logs"),
        ("name: x\nlogz: []\n", "UNKNOWN_FIELD", "line 2: logz"),
        ("logs:\n  - origin: a b\n    keys: []\n", "MALFORMED_KEY_NAME", "line 2: logs[0].origin"),
        ("logs:\n  - origin: a\n    keys: []\n", "MISSING_KEY", "line 3: logs[0].keys"),
        ("logs:\n  - origin: a\n    keys:\n      - a+00000000+AAAA\n", "MALFORMED_VERIFIER_KEY", "line 4: logs[0].keys[0]"),
        ("logs:\n  - origin: a\n    keys:\n      - {cosigner}\n", "WRONG_KEY_TYPE", "line 4: logs[0].keys[0]"),
        ("logs:\n  - origin: a\n", "MISSING_FIELD", "'keys'"),
        ("witnesses:\n  ask:\n    - url: ftp://x\n      key: {cosigner}\n", "INVALID_URL", "line 3: witnesses.ask[0].url"),
        ("witnesses:\n  ask:\n    - url: http://x\n      key: {log}\n", "WRONG_KEY_TYPE", "line 4: witnesses.ask[0].key"),
        ("witnesses:\n  required: 1\n", "NOT_A_NUMBER", "line 2: witnesses.required"),
        ("logs: &a [*a]\n", "INVALID_YAML", "line 1"),
        ("logs:\n  - origin: {origin}\n    keys:\n      - {log}\n", "OWN_ORIGIN", "own log"),
        ("- x\n", "NOT_A_MAPPING", "line 1"),
        ("", "INVALID_YAML", "empty"),
    ],
)
def test_mistakes_in_the_file_are_named(own_server: Server, text: str, reason: str, words: str):
    ((origin, _),) = own_server.policy().logs.items()
    log = GrowingLog("log.example")
    cosigner = aics_tlog.format_vkey(aics_tlog.cosignature_vkey("w", log.key.public_key()))
    text = text.replace("{cosigner}", cosigner).replace("{log}", log.vkey).replace("{origin}", origin)
    (own_server.directory / "witness.yaml").write_text(text)
    result = run("cairnd", "witness", own_server.directory)
    assert result.returncode == 1 and reason in result.stderr and words in result.stderr, result.stderr
    assert own_server.spawn(*TILES).wait(60) != 0 and reason in own_server.output()


def test_the_vkey_is_printed(own: Witness):
    own.log("log.example")
    printed = run("cairnd", "witness", own.server.directory).stdout.strip()
    own.start()
    assert printed == own.vkey and printed.startswith("cairn.example/witness+")
    own.server.stop()
    (own.server.directory / "witness.yaml").unlink()
    ((origin, key),) = own.server.policy().logs.items()
    usual = run("cairnd", "witness", own.server.directory).stdout.strip()
    parsed = aics_tlog.parse_vkey(usual)
    assert parsed.name == f"{origin}/witness/acme" and parsed.public_key == key.public_key


def stat_mode(path: Path) -> int:
    return os.stat(path).st_mode & 0o777
