"""Programs that go on running by themselves: each has a file with its process id, and a log."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Sequence


class Trouble(Exception):
    """What a person is told on one line, without a traceback."""


class Daemon:
    """One program. Its command line must name `mark`, so that a process id that was given away is not mistaken for it."""

    def __init__(self, folder: Path, name: str, mark: Path, inside: Sequence[str] = ()):
        self.name = name
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"
        self.mark = str(mark)
        self.inside = list(inside)
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        if self.child is not None and self.child.poll() is not None:
            self.child = None
        try:
            pid = int(self.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError, IndexError):
            return None
        return pid if self.mark.encode() in command and state not in "ZX" else None

    def start(self, *command: object) -> None:
        """Starts it unless it runs. The child itself writes the file before it becomes the program, so none is ever lost."""
        if self.pid is not None:
            return
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        run = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.pid_file), *map(str, command)]
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [*self.inside, *run],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: self.pid is not None or self.child is None, 10, f"{self.name} does not start")

    def signal(self, number: int) -> None:
        if (pid := self.pid) is not None:
            os.kill(pid, number)

    def kill(self) -> None:
        """SIGKILL, as a power cut."""
        self.signal(signal.SIGKILL)
        wait_until(lambda: self.pid is None, 10, f"{self.name} does not die")

    def stop(self, seconds: float = 30) -> bool:
        """SIGTERM, then SIGKILL; whether it stopped by itself."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        stopped = waited(lambda: self.pid is None, seconds)
        if not stopped:
            self.kill()
        self.pid_file.unlink(missing_ok=True)
        return stopped

    def last_words(self, lines: int = 5) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def waited(holds: Callable[[], object], seconds: float) -> bool:
    """Whether it holds within that time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def wait_until(holds: Callable[[], object], seconds: float, otherwise: str) -> None:
    if not waited(holds, seconds):
        raise Trouble(otherwise)


def run(*command: object, timeout: float = 120, env: dict[str, str] | None = None) -> str:
    """A program's output; Trouble with what it said if it fails."""
    words = list(map(str, command))
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            env=os.environ | (env or {}),
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"{' '.join(words[:3])} … does not end within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise Trouble(f"{' '.join(words[:3])} … failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout
