"""A short run of ops/chaos: CAIRN_CHAOS_SECONDS (40) of load and faults, CAIRN_CHAOS_SEED repeats one."""

import os
import random
from pathlib import Path

from chaos import Chaos

SECONDS = float(os.environ.get("CAIRN_CHAOS_SECONDS", "40"))
SEED = int(os.environ.get("CAIRN_CHAOS_SEED", random.randrange(1 << 32)))


def test_whatever_goes_wrong_no_promise_is_broken(tmp_path: Path):
    book = Chaos(tmp_path, SEED).run(SECONDS)
    assert not book.wrongs, "\n".join(book.wrongs)
    assert book.final(), "nothing was FINAL: the run shows nothing"
