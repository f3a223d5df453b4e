"""ops/consortium: brings a whole consortium up on this machine, shows it, and takes it down."""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

from local_consortium import REPOSITORY, Consortium, Node, Plan, replace
from processes import Trouble, wait_until

SAMPLE = [REPOSITORY / "fixtures/shipment/01-mill-press.jsonld", REPOSITORY / "fixtures/shipment/02-mill-bottling-line.jsonld"]
ITEM = "https://id.gs1.org/01/09521321000018/21/B0041"
FINAL_SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="ops/consortium", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start it; goes on where an interrupted one stopped")
    up.add_argument("--members", type=int, help="1 to 7; 4 if not given")
    up.add_argument("--engines", type=int, help="1, 3 or 5; 3 if not given")
    up.add_argument("--no-sample", action="store_true", help="record nothing")
    down = commands.add_parser("down", help="stop it; what it recorded stays")
    down.add_argument("--remove", action="store_true", help="remove the folder too")
    status = commands.add_parser(
        "status",
        help="how every node and engine server is; exit status 1 if a node takes no batches or no majority of the servers is ready",
    )
    status.add_argument("--json", action="store_true")
    for command in (up, down, status):
        command.add_argument(
            "--dir", type=Path, default=REPOSITORY / ".build/consortium", help="where everything lies (.build/consortium)"
        )
    arguments = parser.parse_args()
    try:
        {"up": start, "down": stop, "status": show}[arguments.command](arguments)
    except Trouble as trouble:
        sys.exit(f"ops/consortium: {trouble}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit("\nops/consortium: interrupted; `up` goes on, `down` stops what was started")


def the(arguments: argparse.Namespace) -> Consortium:
    """The consortium in the folder."""
    path = arguments.dir.resolve() / "plan.json"
    if not path.exists():
        raise Trouble(f"there is no consortium in {arguments.dir}; `ops/consortium up` makes one")
    plan = Plan.load(path)
    if programs := os.environ.get("CAIRN_BIN"):
        plan.programs = programs
        plan.save(path)
    return Consortium(path.parent, Path(plan.programs), plan)


def start(arguments: argparse.Namespace) -> None:
    path = arguments.dir.resolve() / "plan.json"
    if not path.exists():
        Plan.make(arguments.members or 4, arguments.engines or 3).save(path)
    consortium = the(arguments)
    there = (len(consortium.nodes), len(consortium.plan.engines))
    wanted = (arguments.members or there[0], arguments.engines or there[1])
    if wanted != there:
        raise Trouble(
            f"{arguments.dir} has {there[0]} members and {there[1]} engines: name another --dir, or `down --remove` first"
        )
    begun = time.monotonic()
    consortium.up(lambda step: print(f"… {step}", flush=True))
    if not arguments.no_sample:
        sample(consortium)
    print(f"\nup in {time.monotonic() - begun:.1f} s")
    print_table(rows(consortium))
    print_next(consortium)


def sample(consortium: Consortium) -> None:
    """Records the first sample documents at one node and waits until every node calls them FINAL."""
    first = consortium.nodes[0]
    print("… a scanner of the mill records two documents", flush=True)
    key = consortium.device(first.id, "scanner")
    print(first.cairn("capture", *SAMPLE, "--key", key).strip())
    size = facts(first)["height"]
    print(f"… until all {len(consortium.nodes)} nodes have a certificate for {size} entries", flush=True)
    wait_until(
        lambda: all((facts(node).get("certified") or 0) >= size for node in consortium.nodes),
        FINAL_SECONDS,
        f"not FINAL on every node within {FINAL_SECONDS} s; `ops/consortium status` says who is behind",
    )


def stop(arguments: argparse.Namespace) -> None:
    consortium = the(arguments)
    for name in consortium.down():
        print(f"{name} did not stop within 30 s and was killed")
    if arguments.remove:
        shutil.rmtree(consortium.folder)
    print("stopped" + (" and removed" if arguments.remove else f"; {arguments.dir} keeps everything"))


def show(arguments: argparse.Namespace) -> None:
    consortium = the(arguments)
    nodes = rows(consortium)
    engines = consortium.engine.status()
    if arguments.json:
        print(json.dumps({"nodes": nodes, "engines": engines}, indent=2))
    else:
        print_table(nodes)
        print()
        print_table(engines)
    has_majority = 2 * sum(row["state"] == "ok" for row in engines) > len(engines)
    if not has_majority or not all(row["state"] == "serving" for row in nodes):
        sys.exit(1)


# What a node says about itself


def facts(node: Node) -> dict[str, object]:
    """Its log's height, and how much of it is under a checkpoint that the members' policy accepts; empty without an answer."""
    try:
        height = int(json.loads(node.cairn("status", "--json", timeout=10))["logSize"])
    except (Trouble, ValueError, KeyError):
        return {}
    return {"height": height, "certified": certified(node)}


def certified(node: Node) -> int:
    policy = node.consortium.folder / "policy"
    try:
        if not policy.exists():
            replace(policy, node.cairn("policy"))
        return int(json.loads(node.cairn("checkpoint", "--json", "--policy", policy, timeout=10))["size"])
    except (Trouble, ValueError, KeyError):
        return 0


def rows(consortium: Consortium) -> list[dict[str, object]]:
    known = {node.id: facts(node) for node in consortium.nodes if node.daemon.pid is not None}
    highest = max((int(fact.get("height", 0)) for fact in known.values()), default=0)
    found = []
    for node in consortium.nodes:
        fact = known.get(node.id)
        row: dict[str, object] = {
            "member": node.id,
            "address": node.member.address(),
            "state": "stopped" if fact is None else "no answer",
        }
        if fact:
            row["state"] = "serving" if node.takes_batches() else "reads only"
            row |= fact | {"behind": highest - int(fact["height"])}
        found.append(row)
    return found


def print_table(table: list[dict[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in table for name in row))
    lines = [columns] + [["–" if row.get(name) is None else str(row[name]) for name in columns] for row in table]
    widths = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    for line in lines:
        print("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip())


def print_next(consortium: Consortium) -> None:
    first = consortium.nodes[0]
    key = consortium.key(first.id, "admin")
    last = consortium.nodes[-1]
    print(
        f"""
engine   {'  '.join(consortium.engine.servers)}
metrics  {'  '.join('http://' + node.member.address('metrics') + '/metrics' for node in consortium.nodes)}
tiles    {'  '.join('http://' + node.member.address('tiles') + '/' for node in consortium.nodes)}
logs     {consortium.run}/*.log

Try next:
  export PATH={consortium.programs}:$PATH CAIRN_SERVER={first.member.address()} CAIRN_CA={consortium.certificates} CAIRN_IDENTITY={key}
  cairn status {" ".join(f"--node {node.member.address()}" for node in consortium.nodes)}
  cairn history {ITEM}
  cairn history {ITEM} --server {last.member.address()}     # the same, from {last.member.name}'s copy
  ops/consortium status
  kill -9 $(cat {last.daemon.pid_file})        # a node less: the others go on; `ops/consortium up` starts it again
  ops/consortium down"""
    )


if __name__ == "__main__":
    main()
