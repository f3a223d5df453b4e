"""A whole consortium on this machine: members, their keys and nodes, the engine, and everything that they need.

Every step leaves either its whole result or none, and is left out where the result is there: whatever is interrupted goes
on when it is run again.
"""

import json
import os
import shutil
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable, Iterator

from local_engine import Engine, is_free
from processes import Daemon, Trouble, run, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
MEMBERS = [
    ("mill", "PT", "Serra Alta"),
    ("carrier", "DE", "Rhein-Haul"),
    ("customs", "CH", "Grenzwerk"),
    ("distributor", "CH", "Alpenkost"),
    ("retailer", "CH", "Markthalle"),
    ("insurer", "CH", "Gotthard"),
    ("laboratory", "IT", "Analisi Po"),
]
PORTS = {"grpc": 7443, "metrics": 9464, "tiles": 8480}
START_SECONDS = 90


@dataclass
class Member:
    """An organisation and where its node listens."""

    id: str
    country: str
    name: str
    host: str
    ports: dict[str, int] = field(default_factory=dict)

    def address(self, of: str = "grpc") -> str:
        return f"{self.host}:{self.ports[of]}"


@dataclass
class Plan:
    """What `up` decides once and keeps: who takes part, and where everything listens."""

    members: list[Member]
    engines: list[str]
    programs: str = ""

    @classmethod
    def make(cls, members: int, engines: int, host: Callable[[int], str] = lambda _: "127.0.0.1") -> "Plan":
        if not 1 <= members <= len(MEMBERS) or engines not in (1, 3, 5):
            raise Trouble(f"1 to {len(MEMBERS)} members and 1, 3 or 5 engines are possible")
        taken: set[tuple[str, int]] = set()
        planned = []
        for number, (name, country, legal_name) in enumerate(MEMBERS[:members]):
            ports = {of: free_port(host(number), first + number, taken) for of, first in PORTS.items()}
            planned.append(Member(name, country, legal_name, host(number), ports))
        return cls(planned, [host(number) for number in range(engines)])

    @classmethod
    def load(cls, path: Path) -> "Plan":
        read = json.loads(path.read_text())
        return cls(**(read | {"members": [Member(**member) for member in read["members"]]}))

    def save(self, path: Path) -> None:
        replace(path, json.dumps(asdict(self), indent=2) + "\n")


class Node:
    """One member's node: a data directory, its last-signed store outside of it, a process."""

    def __init__(self, consortium: "Consortium", member: Member):
        self.consortium = consortium
        self.member = member
        self.id = member.id
        self.directory = consortium.folder / "nodes" / member.id
        self.signed = consortium.folder / "signed" / member.id
        self.daemon = Daemon(consortium.run, member.id, self.directory, consortium.inside(member.host))

    @property
    def certificate(self) -> Path:
        return self.directory / "tls/cert.pem"

    def make(self) -> None:
        """The data directory, by `cairnd init`; and what it needs to know of the others."""
        if not self.directory.exists():
            unfinished = self.directory.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            self.consortium.cairnd(
                "init",
                unfinished,
                *("--genesis", self.consortium.genesis, "--node-key", self.consortium.key(self.id, "node")),
                *("--hostname", self.member.host),
            )
            unfinished.rename(self.directory)
        self.signed.mkdir(parents=True, exist_ok=True, mode=0o700)

    def configure(self) -> None:
        """consortium.yaml: every value is a JSON string, which YAML takes as it is."""
        engine = self.consortium.engine
        files = engine.files(self.id)
        lines = ["engine:", f"  servers: {json.dumps(engine.servers)}"]
        lines += [f"  {name}: {json.dumps(str(path))}" for name, path in files.items()]
        lines += [f"  replicas: {len(engine.servers)}", "  max_age_hours: 0", "peers:"]
        for peer in self.consortium.nodes:
            if peer.id != self.id:
                lines.append(f"  - member: {peer.id}")
                lines.append(f"    address: {json.dumps(peer.member.address())}")
                lines.append(f"    ca: {json.dumps(str(peer.certificate))}")
        if len(self.consortium.nodes) == 1:
            lines[-1] = "peers: []"
        lines.append(f"cosigner: {json.dumps(str(self.signed))}")
        replace(self.directory / "consortium.yaml", "\n".join(lines) + "\n")

    def start(self) -> None:
        if self.daemon.pid is None:
            (self.directory / "address").unlink(missing_ok=True)
        ports = [word for of in ("metrics", "tiles") for word in (f"--{of}", self.member.address(of))]
        self.daemon.start(
            self.consortium.programs / "cairnd", "serve", self.directory, "--listen", self.member.address(), *ports
        )

    def wait_until_it_serves(self) -> None:
        address = self.directory / "address"
        wait_until(
            lambda: address.exists() or self.daemon.pid is None, START_SECONDS, f"{self.id} does not serve in time"
        )
        if not address.exists():
            raise Trouble(f"the node of {self.id} ended:\n{self.daemon.last_words()}")

    def takes_batches(self) -> bool:
        """Whether it follows the engine's order, as its figures say."""
        try:
            with urllib.request.urlopen(f"http://{self.member.address('metrics')}/metrics", timeout=2) as page:
                return "cairn_serving 1" in page.read().decode().splitlines()
        except OSError:
            return False

    def cairn(self, *arguments: object, timeout: float = 60) -> str:
        """The command line, in the name of this member's admin."""
        return run(
            self.consortium.programs / "cairn",
            *arguments,
            timeout=timeout,
            env={
                "CAIRN_SERVER": self.member.address(),
                "CAIRN_CA": str(self.certificate),
                "CAIRN_IDENTITY": str(self.consortium.key(self.id, "admin")),
                "CAIRN_STATE": str(self.consortium.folder / "state"),
                "NO_COLOR": "1",
            },
        )


class Consortium:
    """Everything under one folder."""

    def __init__(self, folder: Path, programs: Path, plan: Plan, namespace: Callable[[str], str | None] = lambda _: None):
        self.folder = folder
        self.programs = programs
        self.plan = plan
        self.namespace = namespace
        self.run = folder / "run"
        members = [member.id for member in plan.members]
        self.engine = Engine(folder / "engine", self.run, plan.engines, members, self.inside)
        self.nodes = [Node(self, member) for member in plan.members]

    def inside(self, host: str) -> list[str]:
        """What runs a program where that address is: nothing, or a network namespace."""
        name = self.namespace(host)
        return ["ip", "netns", "exec", name] if name else []

    @property
    def genesis(self) -> Path:
        return self.folder / "genesis.yaml"

    @property
    def certificates(self) -> Path:
        """The certificates of all nodes, one after the other."""
        return self.folder / "nodes.pem"

    def key(self, member: str, role: str) -> Path:
        return self.folder / "keys" / f"{member}-{role}.pem"

    def cairnd(self, *arguments: object, timeout: float = 120) -> str:
        return run(self.programs / "cairnd", *arguments, timeout=timeout)

    def cairn(self, *arguments: object) -> str:
        return run(self.programs / "cairn", *arguments)

    def node(self, member: str) -> Node:
        return next(node for node in self.nodes if node.id == member)

    # Making and starting

    def found(self) -> None:
        """Members, keys, signed terms: `cairn genesis new` writes the file last."""
        if self.genesis.exists():
            return
        shutil.rmtree(self.folder / "keys", ignore_errors=True)
        members = [f"{member.id}:{member.country}:{member.name}" for member in self.plan.members]
        words = [word for member in members for word in ("--member", member)]
        self.cairn("genesis", "new", self.genesis, "--name", "harbour", *words, "--keys-dir", self.folder / "keys")

    def up(self, say: Callable[[str], None]) -> None:
        say("keys and terms")
        self.found()
        say("data directories")
        for node in self.nodes:
            node.make()
        say("engine servers")
        self.engine.make()
        self.engine.start()
        self.engine.wait_until_it_serves()
        for node in self.nodes:
            node.configure()
        replace(self.certificates, "".join(node.certificate.read_text() for node in self.nodes))
        say("nodes")
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_until_it_serves()
        for node in self.nodes:
            wait_until(node.takes_batches, START_SECONDS, f"{node.id} does not follow the engine, see {node.daemon.log}")

    def down(self) -> list[str]:
        """Stops nodes, then the engine; the names of what did not stop by itself."""
        daemons = [*(node.daemon for node in self.nodes), *self.engine.daemons]
        return [daemon.name for daemon in daemons if daemon.pid is not None and not daemon.stop()]

    def device(self, member: str, name: str) -> Path:
        """A device's key, registered by the member's admin."""
        key, registered = self.folder / "keys" / f"{member}-{name}.pem", self.folder / "keys" / f"{member}-{name}.registered"
        if not key.exists():
            self.cairn("keygen", key)
        if not registered.exists():
            node = self.node(member)
            words = ("--key", self.key(member, "admin"), "--public-key", f"{key}.pub", "--role", "device", "--label", name)
            try:
                node.cairn("key", "register", *words)
            except Trouble as trouble:
                if "KEY_ALREADY_REGISTERED" not in str(trouble):
                    raise
            registered.touch()
        return key


def free_port(host: str, wanted: int, taken: set[tuple[str, int]]) -> int:
    """The wanted port, or any other that nobody listens on and nobody was promised."""
    for port in candidates(wanted):
        # An address in a namespace of our own has all ports free.
        if (host, port) not in taken and (not host.startswith("127.") or is_free(port)):
            taken.add((host, port))
            return port
    raise Trouble(f"no free port on {host}")


def candidates(wanted: int) -> Iterator[int]:
    yield wanted
    yield from range(wanted + 10, wanted + 1000, 10)


def replace(path: Path, text: str) -> None:
    """The whole new file or the whole old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)
