"""A consortium of real processes under load while things go wrong, from a seed; then the judgement.

`ops/chaos` runs it at any length, test_chaos.py briefly.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Callable

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # connections to killed servers fail; that is meant

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))

from authors import SIGNERS, Author, Ed25519Signer
from cairn_client import Client, Registrar
from chaos_book import Book, judge
from chaos_faults import Fault, Faults
from chaos_load import Load
from identity import Bearer
from network import Network
from notes import NoteError, Policy

from local_consortium import Consortium, Node, Plan
from processes import Trouble, waited

WRITERS = 6
HEAL_SECONDS = 90.0
FIRST_CERTIFICATE_SECONDS = 60.0


class Chaos:
    """One run."""

    def __init__(self, folder: Path, seed: int, members: int = 4, engines: int = 3, say: Callable[[str], None] = print):
        self.folder, self.seed, self.members, self.engines, self.say = folder, seed, members, engines, say
        self.dice = random.Random(seed)
        self.book = Book()
        self.begun = 0.0

    def run(self, seconds: float) -> Book:
        with ExitStack() as stack:
            network = stack.enter_context(Network(self.members)) if Network.is_possible() else None
            self.consortium = self.make(network)
            stack.callback(self.consortium.down)
            self.faults = Faults(self.consortium, network, self.book, self.note)
            schedule = self.faults.schedule(seconds, self.dice)
            self.announce(schedule, network)
            self.start(stack)
            policy, authors = self.prepare()
            self.begun = time.monotonic()
            self.under_load(schedule, seconds, policy, authors)
            self.heal(policy)
            clients = {node.id: self.client(node) for node in self.consortium.nodes}
            told = self.book.summary()
            size = judge(clients, policy, self.book, self.dice)
            self.note(f"{size} entries; {told}; {self.book.moved} batches got another place by a recovery")
            for client in clients.values():
                client.close()
            self.check_databases()
        return self.book

    # Before

    def make(self, network: Network | None) -> Consortium:
        host = network.host if network else lambda _: "127.0.0.1"
        namespace = network.namespace if network else lambda _: None
        plan = Plan.make(self.members, self.engines, host)
        return Consortium(self.folder, Path(os.environ["CAIRN_BIN"]), plan, namespace)

    def announce(self, schedule: list[Fault], network: Network | None) -> None:
        self.say(f"seed {self.seed}; {self.members} nodes, {self.engines} engine servers, {WRITERS} writers")
        self.say("network: " + ("a namespace for each site" if network else "no namespaces here, so no partitions"))
        self.say("full disk: " + ("a small file system" if os.geteuid() == 0 else "a limit on the size of files"))
        for fault in schedule:
            self.say(str(fault))

    def start(self, stack: ExitStack) -> None:
        self.consortium.found()
        for node in self.consortium.nodes:
            node.make()
        self.faults.give_a_small_disk()
        stack.callback(self.faults.take_the_small_disk)
        stack.callback(self.consortium.down)  # before the disk is taken away
        self.consortium.up(lambda _: None)

    def prepare(self) -> tuple[Policy, list[Author]]:
        """The policy that everything must satisfy, and registered writers of all members; FINAL before anything goes wrong."""
        with self.client(self.consortium.nodes[0]) as client:
            policy = Policy.parse(client.info().policy)
            authors = []
            for number in range(WRITERS):
                member = self.consortium.nodes[number % self.members].id
                registrar = Registrar(client, self.consortium.key(member, "admin"))
                authors.append(registrar.register(SIGNERS["ed25519"](), member))
            size = client.info().log_size
        if not waited(lambda: self.certified(policy) >= size, FIRST_CERTIFICATE_SECONDS):
            raise Trouble(f"nothing was FINAL within {FIRST_CERTIFICATE_SECONDS:.0f} s, before anything went wrong")
        return policy, authors

    # During

    def under_load(self, schedule: list[Fault], seconds: float, policy: Policy, authors: list[Author]) -> None:
        connect = lambda name: self.client(self.consortium.node(name))
        load = Load(connect, [node.id for node in self.consortium.nodes], policy, self.book, threading.Event())
        threads = load.start(authors, self.dice)
        events: list[tuple[float, int, Callable[[], None], str]] = []
        for number, fault in enumerate(schedule):
            words = f"{fault.kind} {fault.target}"
            dice = random.Random(self.dice.random())
            events.append((fault.at, 2 * number, lambda f=fault, d=dice: self.faults.begin(f, d), words))
            end = fault.at + fault.lasts
            events.append((end, 2 * number + 1, lambda f=fault: self.faults.end(f), f"{words}: over"))
        late = 0.0  # what takes longer than planned puts off all that comes after it
        for at, _, act, words in sorted(events, key=lambda event: event[:2]):
            load.stopped.wait(max(0.0, at + late - self.clock()))
            self.note(words)
            begun = self.clock()
            act()
            late += max(0.0, self.clock() - begun - 1.0)
        load.stopped.wait(max(0.0, seconds + late - self.clock()))
        load.stopped.set()
        for thread in threads:
            thread.join(60)

    # After

    def heal(self, policy: Policy) -> None:
        self.faults.empty_disk()
        self.faults.revive()
        for node in self.consortium.nodes:
            node.wait_until_it_serves()
        begun = time.monotonic()
        if not waited(lambda: self.is_healed(policy), HEAL_SECONDS):
            self.book.wrong(f"not healed within {HEAL_SECONDS:.0f} s: {self.heights(policy)}")
        else:
            self.note(f"healed within {time.monotonic() - begun:.1f} s")

    def is_healed(self, policy: Policy) -> bool:
        sizes = {size for size, _ in self.heights(policy).values()}
        certified = {certified for _, certified in self.heights(policy).values()}
        return len(sizes) == 1 and sizes == certified and self.faults.waiting_batches() == 0

    def heights(self, policy: Policy) -> dict[str, tuple[int, int]]:
        """Each node's log size and the size under its certificate; -1 where it says neither."""
        found = {}
        for node in self.consortium.nodes:
            found[node.id] = (-1, -2)
            try:
                with self.client(node) as client:
                    found[node.id] = (client.info().log_size, -2)
                    found[node.id] = (client.info().log_size, client.checkpoint(policy).size)
            except (grpc.RpcError, NoteError):
                continue
        return found

    def certified(self, policy: Policy) -> int:
        return min(certified for _, certified in self.heights(policy).values())

    def check_databases(self) -> None:
        for name in self.consortium.down():
            self.book.wrong(f"{name} did not stop within 30 s")
        for node in self.consortium.nodes:
            words = [str(self.consortium.programs / "cairnd"), "check", str(node.directory)]
            checked = subprocess.run(words, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=300)
            if checked.returncode != 0:
                self.book.wrong(f"cairnd check of {node.id}: {(checked.stdout + checked.stderr).strip()}")

    # Helpers

    def client(self, node: Node) -> Client:
        admin = Ed25519Signer.load(self.consortium.key(node.id, "admin"))
        origin = next(iter(Policy.parse((node.directory / "policy").read_text()).logs))
        identity = Bearer.of(admin, bytes.fromhex(origin.rpartition("/")[2]))
        return Client(node.member.address(), node.certificate.read_bytes(), identity)

    def clock(self) -> float:
        return time.monotonic() - self.begun

    def note(self, text: str) -> None:
        self.say(f"{self.clock():6.1f} s  {text}" if self.begun else text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="ops/chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="of load and faults (300)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="repeats a schedule")
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--engines", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep the folder, also where nothing was wrong")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cairn-chaos."))
    book = None
    try:
        say = lambda text: print(text, flush=True)
        book = Chaos(folder, arguments.seed, arguments.members, arguments.engines, say).run(arguments.seconds)
    except Trouble as trouble:
        print(f"ops/chaos: {trouble}", file=sys.stderr)
    if book is not None and not book.wrongs and not arguments.keep:
        shutil.rmtree(folder)
    else:
        print(f"everything is kept in {folder}")
    for wrong in book.wrongs if book else []:
        print(f"WRONG: {wrong}")
    if book is None or book.wrongs:
        sys.exit(1)
    print("nothing was lost, changed, doubled or contradicted")


if __name__ == "__main__":
    main()
