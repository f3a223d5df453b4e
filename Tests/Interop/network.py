"""Network namespaces, one a site, joined by a bridge; any of them can be cut off from others. Needs root and Linux."""

import os
import subprocess
from contextlib import suppress


class Network:
    """Site n has the address 10.A.B.(n + 1), this process the address 10.A.B.254: it stays in touch with everybody."""

    def __init__(self, sites: int):
        number = os.getpid() % 60_000
        self.tag = f"c{number}"
        self.prefix = f"10.{60 + number // 250 // 4}.{number % 250}"
        self.sites = sites
        self.cuts: set[tuple[int, int]] = set()

    @staticmethod
    def is_possible() -> bool:
        """Whether this machine lets us make namespaces and links."""
        if os.geteuid() != 0:
            return False
        probe = f"cp{os.getpid() % 60_000}"
        try:
            ip("link", "add", probe, "type", "bridge")
            ip("netns", "add", probe)
        except (OSError, subprocess.CalledProcessError):
            return False
        finally:
            for what in ("link", "netns"):
                with suppress(OSError, subprocess.CalledProcessError):
                    ip(what, "del", probe)
        return True

    def host(self, site: int) -> str:
        return f"{self.prefix}.{site + 1}"

    def namespace(self, host: str) -> str:
        return f"{self.tag}-{int(host.rpartition('.')[2]) - 1}"

    def __enter__(self) -> "Network":
        try:
            ip("link", "add", self.tag, "type", "bridge")
            ip("addr", "add", f"{self.prefix}.254/24", "dev", self.tag)
            ip("link", "set", self.tag, "up")
            for site in range(self.sites):
                self._join(site)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for what, names in (
            ("netns", [self.namespace(self.host(site)) for site in range(self.sites)]),
            ("link", [self.tag]),
        ):
            for name in names:
                with suppress(subprocess.CalledProcessError):
                    ip(what, "del", name)

    def _join(self, site: int) -> None:
        name, port = self.namespace(self.host(site)), f"{self.tag}v{site}"
        ip("netns", "add", name)
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", port, "master", self.tag, "up")
        ip("-n", name, "addr", "add", f"{self.host(site)}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")

    def cut(self, some: set[int]) -> None:
        """Nothing goes between `some` sites and the others any more; packets vanish, nobody is told."""
        for a in some:
            for b in set(range(self.sites)) - some:
                for one, other in ((a, b), (b, a)):
                    ip("-n", self.namespace(self.host(one)), "route", "add", "blackhole", f"{self.host(other)}/32")
                    self.cuts.add((one, other))

    def mend(self) -> None:
        for one, other in self.cuts:
            ip("-n", self.namespace(self.host(one)), "route", "del", "blackhole", f"{self.host(other)}/32")
        self.cuts.clear()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
