"""What can happen to nodes, engine servers, disks and the network; and when, from a seed."""

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from chaos_book import Book
from network import Network
from recovery import close, open_and_serve, stop

from local_consortium import Consortium, Node
from processes import Daemon, waited

TMPFS_BYTES = 256 << 20
LONG_RUN_SECONDS = 120.0
NOTICE_SECONDS = 30.0


@dataclass(frozen=True)
class Fault:
    """Something goes wrong at a moment and is put right later; seconds from the beginning."""

    at: float
    lasts: float
    kind: str
    target: str

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.lasts:4.1f} s  {self.kind:<18}{self.target}"


class Faults:
    """Does them, and undoes them."""

    def __init__(self, consortium: Consortium, network: Network | None, book: Book, say: Callable[[str], None]):
        self.consortium, self.network, self.book, self.say = consortium, network, book, say
        self.members = [node.id for node in consortium.nodes]
        self.engines = [daemon.name for daemon in consortium.engine.daemons]
        self.small = consortium.nodes[-1]
        self.has_mount = False
        self.recoveries = 0
        self.logged: dict[str, int] = {}

    def kinds(self, seconds: float) -> dict[str, list[str]]:
        """Every kind that is possible here, with its targets; in a long run also what takes people's hands."""
        others = [node.id for node in self.consortium.nodes[:-1]]
        kinds = {
            "kill node": self.members,
            "stop node": self.members,
            "kill every node": ["all"],
            "full disk": [self.small.id],
            "flip a bit": others,
            "kill engine": self.engines,
            "stop engine": self.engines,
            "wipe engine": self.engines if len(self.engines) > 1 else [],
            "kill every engine": ["all"],
            "partition": self.members if self.network else [],
            "lose engine": ["all"] if seconds >= LONG_RUN_SECONDS else [],
        }
        return {kind: targets for kind, targets in kinds.items() if targets}

    def schedule(self, seconds: float, dice: random.Random) -> list[Fault]:
        """Every kind once, in any order, then again; one at a time, so that a wiped engine server finds the others whole."""
        faults: list[Fault] = []
        kinds = self.kinds(seconds)
        slot = min(12.0, max(3.0, seconds / (len(kinds) + 1)))
        at, waiting = 1.0, []
        while at + slot <= seconds:
            waiting = waiting or dice.sample(list(kinds), len(kinds))
            kind = waiting.pop()
            if kind == "flip a bit" and any(fault.kind == "lose engine" for fault in faults):
                continue  # a copy made anew reads the engine's stream from its beginning, which was lost
            lasts = round(dice.uniform(0.3, 0.7) * slot, 1)
            faults.append(Fault(round(at, 1), lasts, kind, dice.choice(kinds[kind])))
            at += slot
        return faults

    # Doing and undoing

    def begin(self, fault: Fault, dice: random.Random) -> None:
        match fault.kind:
            case "kill node" | "kill every node" | "kill engine" | "kill every engine":
                for daemon in self.daemons(fault):
                    daemon.kill()
            case "stop node" | "stop engine":
                for daemon in self.daemons(fault):
                    daemon.signal(signal.SIGSTOP)
            case "wipe engine":
                (daemon,) = self.daemons(fault)
                daemon.kill()
                self.consortium.engine.wipe(daemon.name)
            case "lose engine":
                self.lose_engine(dice)
            case "full disk":
                self.fill_disk()
            case "flip a bit":
                self.damage(self.consortium.node(fault.target), dice)
            case "partition":
                self.cut(fault.target, dice)

    def end(self, fault: Fault) -> None:
        match fault.kind:
            case "stop node" | "stop engine":
                for daemon in self.daemons(fault):
                    daemon.signal(signal.SIGCONT)
            case "full disk":
                self.empty_disk()
            case "flip a bit":
                self.restore(self.consortium.node(fault.target))
            case "partition":
                self.network.mend()
            case "lose engine":
                self.recover()
        self.revive()

    def revive(self) -> None:
        """Starts whatever does not run."""
        self.consortium.engine.start()
        for node in self.consortium.nodes:
            if node.daemon.pid is None:
                node.start()

    # The whole engine

    def lose_engine(self, dice: random.Random) -> None:
        """All servers die with their disks, a little after some node: what the others recorded meanwhile it lacks."""
        behind = dice.choice(self.consortium.nodes)
        behind.daemon.kill()
        time.sleep(dice.uniform(0.2, 1.0))
        self.say(f"{behind.id} is behind")
        self.logged = {node.id: node.daemon.log.stat().st_size for node in self.consortium.nodes}
        for daemon in self.consortium.engine.daemons:
            daemon.kill()
            self.consortium.engine.wipe(daemon.name)

    def recover(self) -> None:
        """Empty servers take their places; then every operator does what Recovery.md says."""
        self.consortium.engine.start()
        self.consortium.engine.wait_until_it_serves()
        nodes = self.consortium.nodes
        self.revive()
        for node in nodes:
            if not waited(lambda: "ENGINE_LOST" in self.said_since(node), NOTICE_SECONDS):
                self.book.wrong(f"{node.id} has not noticed that the engine was lost")
        begun = time.monotonic()
        stop(nodes)
        self.recoveries += 1
        folder = self.consortium.folder / f"statements-{self.recoveries}"
        statements = close(nodes, folder)
        self.book.end_epoch()
        open_and_serve(nodes, statements)
        self.say(f"a new epoch is served on all nodes after {time.monotonic() - begun:.1f} s")

    def said_since(self, node: Node) -> str:
        """What the node has logged since the engine was lost."""
        with node.daemon.log.open(errors="replace") as log:
            log.seek(self.logged.get(node.id, 0))
            return log.read()

    def waiting_batches(self) -> int:
        """Batches that wait to be published again, on all nodes."""
        count = 0
        for node in self.consortium.nodes:
            with sqlite3.connect(f"file:{node.directory}/ledger.db?mode=ro", uri=True) as connection:
                count += connection.execute("SELECT count(*) FROM republish").fetchone()[0]
            connection.close()
        return count

    def daemons(self, fault: Fault) -> list[Daemon]:
        nodes = {node.id: node.daemon for node in self.consortium.nodes}
        engines = {daemon.name: daemon for daemon in self.consortium.engine.daemons}
        candidates = nodes if "node" in fault.kind else engines
        return list(candidates.values()) if fault.target == "all" else [candidates[fault.target]]

    def cut(self, target: str, dice: random.Random) -> None:
        """One site away from the others, or half of them from the other half."""
        sites = {self.members.index(target)}
        if dice.random() < 0.5 and len(self.members) > 2:
            sites.add(dice.choice([site for site in range(len(self.members)) if site not in sites]))
        self.say(f"cut off: {', '.join(self.members[site] for site in sorted(sites))}")
        self.network.cut(sites)

    # A full disk

    def give_a_small_disk(self) -> None:
        """Before the start: one node's data on a file system of its own; where that is not possible, files are limited."""
        directory = self.small.directory
        if os.geteuid() != 0:
            return
        aside = directory.with_suffix(".aside")
        directory.rename(aside)
        directory.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES},mode=700", "cairn", str(directory)])
        self.has_mount = mounted.returncode == 0
        shutil.copytree(aside, directory, dirs_exist_ok=True)
        shutil.rmtree(aside)

    def take_the_small_disk(self) -> None:
        if self.has_mount:
            subprocess.run(["umount", str(self.small.directory)], check=False)

    def fill_disk(self) -> None:
        if self.has_mount:
            with (self.small.directory / "ballast").open("wb") as ballast:
                for _ in range(100):  # the node takes up room meanwhile
                    room = os.statvfs(self.small.directory)
                    with suppress(OSError):
                        return os.posix_fallocate(ballast.fileno(), 0, max(1, room.f_bavail - 2) * room.f_frsize)
            self.book.wrong("the small disk could not be filled")
        elif (pid := self.small.daemon.pid) is not None:
            largest = max(path.stat().st_size for path in self.small.directory.rglob("*") if path.is_file())
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def empty_disk(self) -> None:
        (self.small.directory / "ballast").unlink(missing_ok=True)
        if not self.has_mount and (pid := self.small.daemon.pid) is not None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    # A damaged database

    def damage(self, node: Node, dice: random.Random) -> None:
        """A bit of a signed header flips; `cairnd check` must find it."""
        node.daemon.kill()
        if not flip(node.directory / "ledger.db", self.book, dice):
            return self.say(f"{node.id} has nothing yet that could be damaged")
        checked = subprocess.run(
            [str(self.consortium.programs / "cairnd"), "check", str(node.directory)],
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        found = (checked.stdout + checked.stderr).strip().splitlines() or ["nothing"]
        if checked.returncode == 0 or not any("log entry" in line for line in found):
            self.book.wrong(f"cairnd check names no log entry after a bit of one flipped at {node.id}: {found}")
        self.say(f"cairnd check: {'; '.join(found[:3])}")

    def restore(self, node: Node) -> None:
        """A new copy from the others, under the certificate that clients know; what it signed last is kept elsewhere."""
        certificate = node.directory.with_suffix(".tls")
        (node.directory / "tls").rename(certificate)
        shutil.rmtree(node.directory)
        node.make()
        shutil.rmtree(node.directory / "tls")
        certificate.rename(node.directory / "tls")
        node.configure()


def flip(database: Path, book: Book, dice: random.Random) -> bool:
    """Flips a bit inside the header of a batch that a client was promised."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(database.read_bytes())
    promises = list(book.promises.values())
    for promise in dice.sample(promises, min(200, len(promises))):
        start = content.find(promise.batch.header)
        if start >= 0:
            content[start + dice.randrange(len(promise.batch.header))] ^= 1 << dice.randrange(8)
            database.write_bytes(content)
            return True
    return False
