"""What operators do when the engine is lost: the steps of Recovery.md, with the real commands."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Sequence

from server import program, run

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ops/lib"))
from local_consortium import Consortium, Node  # noqa: E402
from processes import wait_until  # noqa: E402


class Engine:
    """The worst that can happen to the servers, all at once."""

    def __init__(self, consortium: Consortium):
        self.engine = consortium.engine

    def stores(self) -> list[Path]:
        return [Path(daemon.mark) / "store" for daemon in self.engine.daemons]

    def down(self) -> None:
        for daemon in self.engine.daemons:
            daemon.kill()

    def up(self) -> None:
        self.engine.start()
        self.engine.wait_until_it_serves()

    def lose(self) -> None:
        """Every server dies with its disk; empty ones take their places."""
        self.down()
        for daemon in self.engine.daemons:
            self.engine.wipe(daemon.name)
        self.up()

    def copy(self) -> None:
        self.down()
        for store in self.stores():
            shutil.copytree(store, store.with_suffix(".copy"))
        self.up()

    def put_back(self) -> None:
        """The copy takes the stores' places."""
        self.down()
        for store in self.stores():
            shutil.rmtree(store)
            store.with_suffix(".copy").rename(store)
        self.up()


def stop(nodes: Sequence[Node]) -> None:
    for node in nodes:
        assert node.daemon.pid is None or node.daemon.stop(), f"{node.id} did not stop"


def serve(nodes: Sequence[Node]) -> None:
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_until_it_serves()


def close(nodes: Sequence[Node], folder: Path, *flags: str) -> list[Path]:
    """Step 1: every operator leaves the epoch; the files with what they say."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for node in nodes:
        said = run("cairnd", "recover", "close", node.directory, *flags)
        assert said.returncode == 0, said.stderr
        files.append(folder / f"{node.id}.statement")
        files[-1].write_text(said.stdout)
    return files


def open_epoch(node: Node, statements: Sequence[Path], *flags: str) -> subprocess.CompletedProcess[str]:
    """Step 3, on one node."""
    return run("cairnd", "recover", "open", node.directory, *statements, *flags)


def log_in(statement: Path) -> str:
    """The log that a node had, as people read it in the second line of its statement."""
    return statement.read_text().splitlines()[1].rsplit("log: ", 1)[1]


def open_and_serve(nodes: Sequence[Node], statements: Sequence[Path], *flags: str) -> None:
    """Steps 3 and 4 as people do them: whoever can opens and serves; whoever lacks entries does it again then."""
    waiting = list(nodes)
    while waiting:
        opened = []
        for node in waiting:
            said = open_epoch(node, statements, *flags)
            assert said.returncode == 0 or "BASE_NOT_REACHED" in said.stderr, said.stderr
            if said.returncode == 0:
                opened.append(node)
        assert opened, "nobody can open the epoch"
        serve(opened)
        waiting = [node for node in waiting if node not in opened]
    for node in nodes:
        wait_until(node.takes_batches, 90, f"{node.id} does not follow the engine")


def killed_often(words: Sequence[object], delays: Sequence[float]) -> int:
    """Begins a command again and again and kills it after each delay; how often it still ran."""
    killed = 0
    for delay in delays:
        process = subprocess.Popen(
            [program("cairnd"), *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
    return killed
