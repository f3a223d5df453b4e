"""Starts, stops and kills cairnd."""

import os
import resource
import signal
import subprocess
import time
from pathlib import Path

from authors import Ed25519Signer
from cairn_client import Client, Registrar
from identity import Bearer, ClientCertificate
from notes import Policy

START_SECONDS = 60.0
STOP_SECONDS = 30.0


def program(name: str) -> str:
    """The path of cairnd or cairn, in the folder that CAIRN_BIN names."""
    return str(Path(os.environ["CAIRN_BIN"]) / name)


def run(name: str, *arguments: object, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Runs cairnd or cairn to its end."""
    command = [program(name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=timeout, stdin=subprocess.DEVNULL)


class Server:
    """A data directory and, while it runs, the process that serves it."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""
        self.log = directory.with_suffix(".log")
        self.plaintext = False

    def init(self, name: str = "harbour") -> "Server":
        result = run("cairnd", "init", self.directory, "--name", name, "--member", "acme")
        assert result.returncode == 0, result.stderr
        return self

    def spawn(self, *flags: str) -> subprocess.Popen[bytes]:
        """Starts the process without waiting until it serves."""
        self.plaintext = "--plaintext" in flags
        command = [program("cairnd"), "serve", str(self.directory), "--listen", "127.0.0.1:0", *flags]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return self.process

    def start(self, *flags: str) -> "Server":
        """Starts the process and waits until it serves."""
        process = self.spawn(*flags)
        deadline = time.monotonic() + START_SECONDS
        while not (line := self.listening_line()):
            assert process.poll() is None, f"cairnd ended with {process.returncode}:\n{self.output()}"
            assert time.monotonic() < deadline, f"cairnd does not serve:\n{self.output()}"
            time.sleep(0.01)
        self.address = line.removeprefix("listening on ").strip()
        return self

    def listening_line(self) -> str:
        lines = self.output().splitlines(keepends=True)
        return next((line for line in lines if line.startswith("listening on ") and line.endswith("\n")), "")

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def client(self) -> Client:
        """A client in the first admin's name."""
        return self.client_as(Bearer.of(Ed25519Signer.load(self.admin_key), self.ledger_id()))

    def client_as(self, identity: ClientCertificate | Bearer | None) -> Client:
        """A client in somebody's name, or nobody's."""
        certificate = None if self.plaintext else (self.directory / "tls/cert.pem").read_bytes()
        return Client(self.address, certificate, identity)

    @property
    def admin_key(self) -> Path:
        return self.directory / "keys/admin.pem"

    def ledger_id(self) -> bytes:
        """The end of the log's origin."""
        (origin,) = self.policy().logs
        return bytes.fromhex(origin.rpartition("/")[2])

    def registrar(self, client: Client) -> Registrar:
        return Registrar(client, self.admin_key)

    def policy(self) -> Policy:
        return Policy.parse((self.directory / "policy").read_text())

    def stop(self) -> int:
        """SIGTERM; the exit code. A server that does not stop is killed and fails the test."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"cairnd did not stop:\n{self.output()}") from None

    def kill(self) -> None:
        """SIGKILL, as a power cut."""
        if self.process is not None:
            process, self.process = self.process, None
            process.kill()
            process.wait()

    def limit_files(self, size: int = resource.RLIM_INFINITY) -> None:
        """From now on the running server's files may not grow past `size` bytes."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def resident_bytes(self) -> int:
        """What the running server holds in memory."""
        resident_pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return resident_pages * resource.getpagesize()

    def check(self) -> subprocess.CompletedProcess[str]:
        return run("cairnd", "check", self.directory)

    def rebuild(self) -> subprocess.CompletedProcess[str]:
        return run("cairnd", "rebuild", self.directory)
