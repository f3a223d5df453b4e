"""The engine of a consortium on this machine: what `ops/lib/engine` made, its servers run as daemons of ours."""

import json
import shutil
import socket
import urllib.request
from pathlib import Path
from typing import Callable

from processes import Daemon, Trouble, run, wait_until

SCRIPT = Path(__file__).resolve().with_name("engine")
FIRST_PORT = 4222
START_SECONDS = 60


class Engine:
    """Servers that decide the order. `hosts` are their addresses; `inside` says what runs a program there."""

    def __init__(
        self,
        folder: Path,
        run_folder: Path,
        hosts: list[str],
        members: list[str],
        inside: Callable[[str], list[str]],
    ):
        self.folder = folder
        self.hosts = hosts
        self.members = members
        self.daemons = [
            Daemon(run_folder, f"s{number}", folder / f"servers/s{number}", inside(host))
            for number, host in enumerate(hosts, 1)
        ]

    @property
    def servers(self) -> list[str]:
        """What a client connects to."""
        return (self.folder / "members" / self.members[0] / "servers").read_text().split()

    def files(self, member: str) -> dict[str, Path]:
        """The files with which a member shows who it is."""
        home = self.folder / "members" / member
        return {"ca": home / "ca.pem", "certificate": home / "cert.pem", "key": home / "key.pem"}

    def make(self) -> None:
        """Certificates, accounts and configurations, once; a file says that they are complete."""
        complete = self.folder / "complete"
        if complete.exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        words = ["--members", ",".join(self.members), "--servers", len(self.hosts), "--hosts", ",".join(self.hosts)]
        if self.hosts[0].startswith("127.") and all(is_free(FIRST_PORT + n) for n in range(3 * len(self.hosts))):
            words += ["--port", FIRST_PORT]
        run(SCRIPT, "make", self.folder, *words)
        complete.touch()

    def start(self) -> None:
        """Starts the servers that do not run."""
        program = run(SCRIPT, "install", timeout=300).strip()
        for daemon in self.daemons:
            daemon.start(program, "-c", Path(daemon.mark) / "server.conf")

    def wait_until_it_serves(self) -> None:
        for daemon in self.daemons:
            wait_until(
                lambda: daemon.pid is None or self.ask(daemon, "healthz").get("status") == "ok",
                START_SECONDS,
                f"the engine's {daemon.name} is not ready in time, see {daemon.mark}/log",
            )
            if daemon.pid is None:
                raise Trouble(f"the engine's {daemon.name} ended, see {daemon.mark}/log")

    def wipe(self, name: str) -> None:
        """Everything that a stopped server has stored is gone."""
        shutil.rmtree(self.folder / "servers" / name / "store", ignore_errors=True)

    def ask(self, daemon: Daemon, page: str) -> dict[str, object]:
        """What a server says about itself; empty where it does not answer."""
        lines = (Path(daemon.mark) / "server.conf").read_text().splitlines()
        address = next(line for line in lines if line.startswith("http:")).split('"')[1]
        try:
            with urllib.request.urlopen(f"http://{address}/{page}", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def status(self) -> list[dict[str, object]]:
        found = []
        for daemon, server in zip(self.daemons, self.servers):
            about, stored = self.ask(daemon, "varz"), self.ask(daemon, "jsz?streams=true&accounts=true")
            state = "stopped" if daemon.pid is None else self.ask(daemon, "healthz").get("status", "no answer")
            leader = (stored.get("meta_cluster") or {}).get("leader")
            found.append(
                {
                    "engine": daemon.name,
                    "address": server,
                    "state": state,
                    "leader": leader,
                    "messages": stored.get("messages"),
                    "bytes": stored.get("bytes"),
                    "version": about.get("version"),
                }
            )
        return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
