"""Full disks, second servers, damaged files: named, never papered over."""

import itertools
import os
import random
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Callable, Iterator

import grpc
import pytest
from cairn.v1 import ledger_pb2

from authors import SIGNERS, Author
from cairn_client import Client, Refusal, check_refusal
from crash import Promises, verify_promises
from events import event_record, sgtin_link
from server import Server, run

MARK = "MARKED7F3A"


def write(client: Client, author: Author, number: int) -> list[tuple[ledger_pb2.Batch, ledger_pb2.Receipt]]:
    written = []
    for index in range(number):
        batch = author.next_batch([event_record([sgtin_link(f"D{index}")], event_id=f"urn:uuid:{MARK}:{index}")])
        written.append((batch, client.submit(batch)))
    return written


@pytest.fixture
def stopped(own_server: Server) -> tuple[Server, Promises, Author]:
    """A ledger of forty batches whose server was stopped in peace."""
    promises = Promises()
    own_server.start()
    with own_server.client() as client:
        author = own_server.registrar(client).register(SIGNERS["ed25519"]())
        promises.batches += write(client, author, 40)
        checkpoint = client.checkpoint(own_server.policy())
        promises.checkpoints[checkpoint.size] = checkpoint
    assert own_server.stop() == 0, own_server.output()
    return own_server, promises, author


Stopped = tuple[Server, Promises, Author]


def is_whole(server: Server, promises: Promises, author: Author) -> None:
    """It starts, has everything it promised, and takes more."""
    server.start()
    with server.client() as client:
        verify_promises(client, server.policy(), promises, random.Random(7))
        assert len(client.query(author_key_ids=[author.key_id])) == len(promises.batches)
        promises.batches += write(client, author, 3)
        assert len(client.history(sgtin_link("D0")).events) >= 2
    assert server.stop() == 0
    checked = server.check()
    assert checked.returncode == 0, checked.stdout + checked.stderr


# A full disk


def test_a_full_disk_refuses_writes_and_keeps_what_it_has(own_server: Server):
    promises, policy = Promises(), own_server.policy()
    own_server.start()
    with own_server.client() as client:
        author = own_server.registrar(client).register(SIGNERS["ed25519"]())
        promises.batches += write(client, author, 10)
        own_server.limit_files(largest_file(own_server.directory) + 256 * 1024)
        refusal = fill(client, author, promises)
        assert refusal.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED), refusal
        check_refusal(refusal)
        verify_promises(client, policy, promises, random.Random(7))
        assert client.history(sgtin_link("D1")).events
        with pytest.raises(grpc.RpcError):
            client.submit(author.batch([event_record([sgtin_link("D2")] * 500)] * 50))
    own_server.stop()
    own_server.start()
    with own_server.client() as client:
        verify_promises(client, policy, promises, random.Random(7))
        known = client.author(author.key_id)
        assert known.next_sequence in (author.sequence, author.sequence + 1)
        author.sequence, author.previous = known.next_sequence, known.last_header_digest
        promises.batches += write(client, author, 3)
    assert own_server.stop() == 0
    checked = own_server.check()
    assert checked.returncode == 0, checked.stdout + checked.stderr


def largest_file(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fill(client: Client, author: Author, promises: Promises) -> Refusal:
    """Writes until the disk is full."""
    for _ in range(400):
        batch = author.batch([event_record([sgtin_link(f"F{i}") for i in range(400)]) for _ in range(5)])
        try:
            receipt = client.submit(batch)
        except grpc.RpcError as error:
            return Refusal.of(error)
        author.advance(batch)
        promises.batches.append((batch, receipt))
    raise AssertionError("the disk does not fill")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Server]:
    """A server whose data directory is a file system of 3 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("only root may mount")
    server = Server(folder / "data").init()
    server.log = tmp_path / "server.log"
    yield server
    server.kill()
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_said_once_and_is_no_damage(small_disk: Server):
    server, promises = small_disk, Promises()
    server.start()
    ballast = server.directory.parent / "ballast"
    with server.client() as client:
        author = server.registrar(client).register(SIGNERS["ed25519"]())
        promises.batches += write(client, author, 3)
        free = os.statvfs(ballast.parent)
        ballast.write_bytes(b"0" * (free.f_bavail * free.f_bsize - 64 * 1024))
        refusal = fill(client, author, promises)
        assert "nothing was recorded" not in refusal.message
        for _ in range(3):
            with pytest.raises(grpc.RpcError):
                client.submit(author.batch([event_record([sgtin_link("D2")] * 500)] * 50))
        ballast.unlink()
        promises.batches += write(client, author, 3)
    said = [line for line in server.output().splitlines() if "batches " in line]
    assert len(said) == 2 and "batches cannot be written: DISK_FULL" in said[0], said
    assert "batches are written again" in said[1], said
    assert server.stop() == 0
    for room, command in itertools.product((0, 64 << 10, 256 << 10, 512 << 10), ("check", "rebuild")):
        free = os.statvfs(ballast.parent)
        ballast.write_bytes(b"0" * max(free.f_bavail * free.f_bsize - room, 0))
        result = run("cairnd", command, server.directory)
        assert "broken" not in result.stderr, result
        assert result.returncode == 0 or f"DISK_FULL: no room to {command}" in result.stderr, (room, result)
        assert result.returncode > 0 or room > 0
        ballast.unlink()
    assert server.check().returncode == 0


# A second server


def test_a_directory_has_one_server(own_server: Server):
    own_server.start()
    for command in ("serve", "rebuild"):
        listen = ["--listen", "127.0.0.1:0"] if command == "serve" else []
        second = run("cairnd", command, own_server.directory, *listen, timeout=60)
        assert second.returncode > 0
        assert "DATA_DIRECTORY_LOCKED" in second.stderr, second.stderr
    with own_server.client() as client:
        assert client.info().log_size == 1
    own_server.kill()
    own_server.start()


def test_a_busy_port_is_said_in_plain_words(own_server: Server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run("cairnd", "serve", own_server.directory, "--listen", address, timeout=60)
    assert result.returncode > 0
    assert f"error: LISTEN_FAILED: cannot listen on {address}: Address already in use\n" in result.stderr
    assert "CancellationError" not in result.stderr, result.stderr


def test_a_lost_ledger_is_said_to_be_lost(own_server: Server, tmp_path: Path):
    (own_server.directory / "ledger.db").unlink()
    lost = run("cairnd", "serve", own_server.directory, "--listen", "127.0.0.1:0", timeout=60)
    assert lost.returncode > 0 and "NO_LEDGER" in lost.stderr and "the ledger is lost here" in lost.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("cairnd", "serve", empty, "--listen", "127.0.0.1:0", timeout=60)
    assert f"make one with: cairnd init {empty}" in result.stderr
    assert run("cairnd", "init", empty, "--name", "harbour").returncode == 0


def test_nothing_is_served_where_nothing_is(tmp_path: Path):
    result = run("cairnd", "serve", tmp_path / "nothing", "--listen", "127.0.0.1:0", timeout=60)
    assert result.returncode > 0 and result.stderr
    assert not (tmp_path / "nothing").exists()


# What can be lost without harm


def test_a_peaceful_stop_leaves_nothing_to_recover(stopped: Stopped):
    """Whoever copies ledger.db alone then has all of it."""
    server, promises, author = stopped
    for leftover in ("ledger.db-wal", "ledger.db-shm"):
        (server.directory / leftover).unlink(missing_ok=True)
    is_whole(server, promises, author)


def test_a_lost_index_is_built_again(stopped: Stopped):
    server, promises, author = stopped
    for path in server.directory.glob("index*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    is_whole(server, promises, author)


def test_a_ruined_index_is_built_again(stopped: Stopped):
    server, promises, author = stopped
    for path in server.directory.glob("index.db*"):
        path.write_bytes(os.urandom(path.stat().st_size))
    rebuilt = server.rebuild()
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    is_whole(server, promises, author)


def test_a_ledger_can_be_moved(stopped: Stopped, tmp_path: Path):
    server, promises, author = stopped
    server.directory = server.directory.rename(tmp_path / "elsewhere")
    is_whole(server, promises, author)


RUINS: dict[str, Callable[[bytes], bytes]] = {
    "its first byte": lambda data: b"\0" + data[1:],
    "all but its header": lambda data: data[:100],
    "all but a page": lambda data: data[:4_096],
    "everything": lambda data: os.urandom(len(data)),
}


@pytest.mark.parametrize("ruin", RUINS)
def test_ruined_subscriptions_are_set_aside(stopped: Stopped, ruin: str):
    server, promises, author = stopped
    file = server.directory / "subscriptions.db"
    file.write_bytes(RUINS[ruin](file.read_bytes()))
    ruined = file.read_bytes()
    checked = server.check()
    assert checked.returncode > 0 and "broken: subscriptions.db is damaged" in checked.stderr, checked
    assert file.read_bytes() == ruined
    is_whole(server, promises, author)
    assert (server.directory / "subscriptions.db-broken").read_bytes() == ruined
    assert sum("warning" in line and "subscriptions.db is damaged" in line for line in server.output().splitlines()) == 1


# What cannot


def flip(path: Path, needle: bytes) -> int:
    """Flips one bit inside every occurrence of the needle."""
    data = bytearray(path.read_bytes())
    found, start = 0, data.find(needle)
    while start >= 0:
        data[start + len(needle) // 2] ^= 0x01
        found += 1
        start = data.find(needle, start + len(needle))
    path.write_bytes(data)
    return found


TARGETS: dict[str, Callable[[ledger_pb2.Batch], bytes]] = {
    "a record": lambda _: f"urn:uuid:{MARK}:5".encode(),
    "a salt": lambda batch: ledger_pb2.Record.FromString(batch.records[0]).salt,
    "a signature": lambda batch: batch.signature.value,
    "a header": lambda batch: ledger_pb2.BatchHeader.FromString(batch.header).records_root,
    "a chain": lambda batch: ledger_pb2.BatchHeader.FromString(batch.header).previous_header_digest,
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_flipped_bit_is_found_and_named(stopped: Stopped, target: str):
    server, promises, _ = stopped
    batch, receipt = promises.batches[5]
    assert server.check().returncode == 0
    assert flip(
        server.directory / "ledger.db", TARGETS[target](batch)
    ), f"{target} is not in ledger.db as it was sent"
    checked = server.check()
    said = checked.stdout + checked.stderr
    assert checked.returncode > 0, f"{target} was changed and check saw nothing: {said}"
    assert str(receipt.position) in said, said


def test_random_damage_never_goes_unnoticed_and_never_crashes(stopped: Stopped, tmp_path: Path):
    """Bytes changed anywhere: check names something, or what was changed meant nothing and all is as before."""
    server, promises, author = stopped
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    assert server.check().returncode == 0
    good = (server.directory / "ledger.db").read_bytes()
    contents = dump(server.directory / "ledger.db")
    for _ in range(12):
        bad = bytearray(good)
        for _ in range(3):
            bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
        (server.directory / "ledger.db").write_bytes(bad)
        checked = server.check()
        assert checked.returncode >= 0, f"check died of signal {-checked.returncode}: {checked.stderr}"
        if checked.returncode == 0:
            assert dump(server.directory / "ledger.db") == contents
    (server.directory / "ledger.db").write_bytes(good)
    for leftover in ("ledger.db-wal", "ledger.db-shm"):
        (server.directory / leftover).unlink(missing_ok=True)
    is_whole(server, promises, author)


def dump(path: Path) -> list[str] | None:
    """Every row, read by Python's own SQLite; None when it cannot be read."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        return list(connection.iterdump())
    except (sqlite3.Error, ValueError, UnicodeError):
        return None


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.8])
def test_a_truncated_ledger_is_not_served(stopped: Stopped, keep: float):
    server, _, _ = stopped
    assert server.check().returncode == 0
    database = server.directory / "ledger.db"
    os.truncate(database, int(database.stat().st_size * keep))
    damaged = database.read_bytes()
    checked = server.check()
    assert checked.returncode > 0 and checked.stderr, checked
    served = serve_briefly(server)
    assert served > 0
    assert database.read_bytes()[: len(damaged)] == damaged


def serve_briefly(server: Server) -> int:
    """The exit code of a server that must not start."""
    process = server.spawn()
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it serves a damaged ledger:\n{server.output()}") from None
    finally:
        server.kill()


@pytest.mark.parametrize("file", ["ledger.db", "keys/log.pem"])
def test_a_ledger_without_its_essentials_is_not_served(stopped: Stopped, file: str):
    server, _, _ = stopped
    (server.directory / file).unlink()
    assert serve_briefly(server) > 0
    assert not (server.directory / file).exists()


def test_another_ledgers_key_does_not_sign_for_this_one(stopped: Stopped, tmp_path: Path):
    server, _, _ = stopped
    other = Server(tmp_path / "other").init()
    shutil.copy(other.directory / "keys/log.pem", server.directory / "keys/log.pem")
    assert serve_briefly(server) > 0
    assert "WRONG_LOG_KEY" in server.output()
