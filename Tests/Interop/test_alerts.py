"""ops/alerts.yaml: read by a third party's YAML and PromQL parsers, and only about figures that a node gives."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Iterator
from urllib.request import urlopen

import aics_tlog
import promql_parser
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops/lib"))
from local_consortium import Consortium, Plan  # noqa: E402

RULES = [rule for group in yaml.safe_load((ROOT / "ops/alerts.yaml").read_text())["groups"] for rule in group["rules"]]
# What Prometheus itself says of every target.
ITS_OWN = {"up"}
LABELS = {"instance", "job"}


def selectors(expression: object) -> Iterator[promql_parser.VectorSelector]:
    """Every selector of a parsed expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (part := getattr(expression, name, None)) is not None:
            yield from selectors(part)
    for part in getattr(expression, "args", None) or []:
        yield from selectors(part)


def described(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The figures on the page of a consortium's node that asks a witness."""
    consortium = Consortium(tmp_path_factory.mktemp("alerts"), Path(os.environ["CAIRN_BIN"]), Plan.make(1, 1))
    (node,) = consortium.nodes
    key = aics_tlog.cosignature_vkey("dead.example", Ed25519PrivateKey.generate().public_key())
    asked = {"url": "http://127.0.0.1:9", "key": aics_tlog.format_vkey(key)}
    try:
        consortium.found()
        node.make()
        (node.directory / "witness.yaml").write_text(json.dumps({"witnesses": {"required": 1, "ask": [asked]}}))
        consortium.up(lambda _: None)
        page = urlopen(f"http://{node.member.address('metrics')}/metrics", timeout=10).read().decode()
        assert "cairn_engine_connected 1" in page.splitlines()
        yield described(page)
    finally:
        assert consortium.down() == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_is_about_figures_that_there_are(rule: dict, exported: set[str]):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "action"}
    assert "for" not in rule or promql_parser.parse_duration(rule["for"])
    names = {selector.name for selector in selectors(promql_parser.parse(rule["expr"]))}
    assert names and names <= exported | ITS_OWN, names - exported
    for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
        assert label in LABELS or label in known_labels(names), label


def known_labels(names: set[str]) -> set[str]:
    """The labels with which Telemetry writes these figures."""
    found: set[str] = set()
    for source in (ROOT / "Sources/Telemetry").glob("*.swift"):
        for call in source.read_text().split("page.add(")[1:]:
            if any(f'"{name}"' in call for name in names):
                found |= set(re.findall(r'"(\w+)": ', call))
    return found


def test_every_rule_has_a_name_of_its_own_and_every_danger_a_rule():
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 20
    watched = {selector.name for rule in RULES for selector in selectors(promql_parser.parse(rule["expr"]))}
    assert watched >= {
        "up", "cairn_serving", "cairn_disk_free_bytes", "cairn_connections_refused_total", "cairn_subscription_lag_records",
        "cairn_key_expiry_seconds", "cairn_keys_expiring", "cairn_tls_certificate_expiry_seconds", "cairn_quorum",
        "cairn_votes_needed", "cairn_engine_connected", "cairn_following", "cairn_cosigning", "cairn_divergences",
        "cairn_certified_size", "cairn_quorum_missing", "cairn_witness_cosigned_size", "cairn_witnessed_complete_size",
    }  # fmt: skip
