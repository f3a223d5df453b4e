"""SIGKILL at random moments under load: nothing acknowledged is lost, nothing that was handed out is contradicted.

CAIRN_CRASH_ROUNDS says how many times (20), CAIRN_CRASH_SEED repeats a run.
"""

import os
import random
import subprocess
import threading
from contextlib import suppress

from authors import SIGNERS
from crash import Promises, Writer, verify_promises, watch_checkpoints
from events import sgtin_link
from server import Server

ROUNDS = int(os.environ.get("CAIRN_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("CAIRN_CRASH_SEED", random.randrange(1 << 32)))


def test_what_was_acknowledged_survives_every_crash(own_server: Server):
    print(f"CAIRN_CRASH_SEED={SEED}")
    dice, promises, policy = random.Random(SEED), Promises(), own_server.policy()
    own_server.start()
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        suites = ["ed25519", "p256"] * 2
        writers = [Writer(registrar.register(SIGNERS[suite]()), streams=i > 1) for i, suite in enumerate(suites)]
    survivors = 0
    for _ in range(ROUNDS):
        write_until_killed(own_server, writers, promises, dice)
        if dice.random() < 0.25:
            kill_while_starting(own_server, dice)
        own_server.start()
        with own_server.client() as client:
            verify_promises(client, policy, promises, dice)
            survivors += sum(writer.resume(client, promises) for writer in writers)
    print(
        f"{len(promises.batches)} batches, {len(promises.checkpoints)} checkpoints, {survivors} unanswered survived"
    )
    check_and_rebuild(own_server, promises, dice)


def test_a_stop_under_load_loses_nothing(own_server: Server):
    """Whoever is writing when the server is told to stop gets an answer or an error, and can send again."""
    promises, policy, dice = Promises(), own_server.policy(), random.Random(SEED)
    own_server.start()
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        writers = [Writer(registrar.register(SIGNERS["ed25519"]()), streams=i > 1) for i in range(4)]
    for _ in range(3):
        threads = start_writing(own_server, writers, promises, dice)
        promises.wait_for(len(promises.batches) + 30)
        assert own_server.stop() == 0, own_server.output()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        own_server.start()
        with own_server.client() as client:
            verify_promises(client, policy, promises, dice)
            for writer in writers:
                writer.resume(client, promises)


def start_writing(
    server: Server, writers: list[Writer], promises: Promises, dice: random.Random
) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=writer.write, args=(server, promises, dice.getrandbits(32))) for writer in writers
    ]
    threads.append(threading.Thread(target=watch_checkpoints, args=(server, server.policy(), promises)))
    for thread in threads:
        thread.start()
    return threads


def write_until_killed(server: Server, writers: list[Writer], promises: Promises, dice: random.Random) -> None:
    enough = len(promises.batches) + dice.randint(1, 200)
    threads = start_writing(server, writers, promises, dice)
    promises.wait_for(enough)
    server.kill()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a client did not notice that its server is gone"


def kill_while_starting(server: Server, dice: random.Random) -> None:
    """A crash in the middle of recovering from a crash."""
    process = server.spawn()
    with suppress(subprocess.TimeoutExpired):
        process.wait(dice.uniform(0.0, 0.3))
    server.kill()


def check_and_rebuild(server: Server, promises: Promises, dice: random.Random) -> None:
    policy = server.policy()
    items = [sgtin_link(f"CRASH{number}") for number in range(0, 50, 7)]
    with server.client() as client:
        verify_promises(client, policy, promises, dice)
        before = client.checkpoint(policy)
        histories = [client.history(item, page_size=1_000).events for item in items]
    assert server.stop() == 0
    checked = server.check()
    assert checked.returncode == 0, checked.stdout + checked.stderr
    rebuilt = server.rebuild()
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    server.start()
    with server.client() as client:
        after = client.checkpoint(policy)
        assert (after.size, after.root) == (before.size, before.root)
        assert [client.history(item, page_size=1_000).events for item in items] == histories
        verify_promises(client, policy, promises, dice)
    assert server.stop() == 0
    assert server.check().returncode == 0
