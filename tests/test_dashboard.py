"""The dashboard and Prometheus's configuration that come with Cornerman ask for nothing that does not exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from livekit.agents.telemetry import metrics as framework
from prometheus_client import Gauge

from cornerman import metrics

DEPLOY = Path(__file__).parents[1] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "cornerman.json"
_SERIES = re.compile(r"\b((?:cornerman|lk_agents)_[a-z0-9_]+)(?:\{([^}]*)\})?")
_BY = re.compile(r"\bby \(([^)]*)\)")
_OF_PROMETHEUS = frozenset({"instance", "job", "le", "pid", "nodename"})


def panels() -> list[dict[str, Any]]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def known() -> dict[str, frozenset[str]]:
    """Every series there is, with its labels."""
    ours = {name: frozenset(one.labels) for one in metrics.KNOWN.values() for name in one.series}
    theirs = {one._name: frozenset(one._labelnames) for one in vars(framework).values() if isinstance(one, Gauge)}
    return ours | theirs


def test_every_series_that_a_panel_asks_for_exists() -> None:
    asked = {name for query in queries() for name, _ in _SERIES.findall(query)}
    assert asked - known().keys() == set()


def test_a_series_that_does_not_exist_is_seen() -> None:
    assert _SERIES.findall("rate(cornerman_no_such_total{a='b'}[5m])")[0][0] not in known()


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    asked = {name for query in queries() for name, _ in _SERIES.findall(query)}
    assert [one.name for one in metrics.KNOWN.values() if not asked & set(one.series)] == []


def test_panels_split_by_labels_that_the_series_have() -> None:
    for query in queries():
        labels = set().union(*(known()[name] for name, _ in _SERIES.findall(query)), _OF_PROMETHEUS)
        split = {label.strip() for found in _BY.findall(query) for label in found.split(",")}
        assert split <= labels, query
        for _, chosen in _SERIES.findall(query):
            assert {part.split("=")[0].strip(" !~") for part in chosen.split(",") if part.strip()} <= labels, query


def test_panels_say_what_they_show_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_prometheus_and_grafana_are_told_where_to_look() -> None:
    prometheus = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    jobs = {one["job_name"] for one in prometheus["scrape_configs"]}
    asked = set(re.findall(r'job=\\?"(\w+)\\?"', DASHBOARD.read_text()))
    assert asked <= jobs
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert source["type"] == "prometheus"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "cornerman.yml").read_text())["providers"]
    assert provider["type"] == "file"


@pytest.mark.parametrize("one", metrics.KNOWN.values(), ids=lambda one: one.name)
def test_the_monitoring_page_lists_every_metric(one: Any) -> None:
    page = (Path(__file__).parents[1] / "docs" / "monitoring.md").read_text()
    row = next((line for line in page.splitlines() if line.startswith(f"| `{one.series[-1]}`")), "")
    row = row or next((line for line in page.splitlines() if line.startswith(f"| `{one.name}`")), "")
    assert row, f"docs/monitoring.md has no row for {one.name}"
    assert all(f"`{label}`" in row for label in one.labels)
