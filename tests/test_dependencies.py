"""The supply chain, as far as it can be checked with no network: every dependency pinned, hashed, from the one index
the machine is set up with, under a licence we know; and an audit that cannot pass by not having looked.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted([*ROOT.glob("requirements*.lock"), *ROOT.glob("deploy/locks/*.lock")])
PACKAGE_LOCKS = [ROOT / "rep_client/web/package-lock.json", ROOT / "bench/screen_pages/package-lock.json"]

FREE = re.compile(
    r"(MIT|MIT-0|MIT-CMU|MIT License|Apache-2\.0|Apache Software License|Apache 2\.0|BSD-[23]-Clause|0BSD|BSD License|"
    r"3-Clause BSD License|ISC|ISC License \(ISCL\)|PSF-2\.0|Python Software Foundation License|Zlib|CC0-1\.0|"
    r"BlueOak-1\.0\.0|DFSG approved|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|Unlicense)"
)
"""Licences that let a product be built with the package."""
LISTED = {
    "livekit-local-inference": "its models are under LiveKit's own licence: to be used with LiveKit Agents only",
    "python-stdnum": "LGPL 2.1 or later, used unchanged as a library; only with the extra `redaction`",
}
"""Packages whose licence is another one, and why that is borne."""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_locked_package_is_pinned_and_hashed_and_names_no_source_of_its_own(lock: Path) -> None:
    text = re.sub(r"(?m)^\s*#.*$", "", lock.read_text(encoding="utf-8")).replace("\\\n", " ")
    requirements = [line.strip() for line in text.splitlines() if line.strip()]
    assert requirements
    for requirement in requirements:
        assert not requirement.startswith("-"), f"an option of pip in a lock: {requirement}"
        assert re.match(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^\s;]+( |$)", requirement), requirement[:80]
        assert "://" not in requirement
        assert " @ " not in requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), f"no hash: {requirement[:80]}"


@pytest.mark.parametrize("lock", PACKAGE_LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_for_browsers_is_hashed_and_names_no_source_of_its_own(lock: Path) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        if name:
            assert package.get("integrity", "").startswith("sha512-"), name
            assert "resolved" not in package, name


def test_every_package_for_browsers_is_under_a_licence_we_know() -> None:
    packages = json.loads(PACKAGE_LOCKS[0].read_text(encoding="utf-8"))["packages"]
    strange = {name: one.get("license", "") for name, one in packages.items() if not known(one.get("license", ""))}
    assert strange == {}


def test_every_installed_package_is_under_a_licence_we_know() -> None:
    locked = {
        name
        for lock in LOCKS
        for name in re.findall(r"(?m)^([a-z0-9][a-z0-9._-]*)==", lock.read_text(encoding="utf-8"))
    }
    installed = {name for name in locked if is_installed(name)}
    assert len(installed) > 100
    strange = {name: licence(name) for name in installed if not known(licence(name)) and name not in LISTED}
    assert strange == {}


def is_installed(name: str) -> bool:
    try:
        metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def licence(name: str) -> str:
    told = metadata.metadata(name)
    for expression in told.get_all("License-Expression", []):
        return str(expression)
    classified = [one.split(" :: ")[-1] for one in told.get_all("Classifier", []) if one.startswith("License")]
    return " AND ".join(classified) or str(next(iter(told.get_all("License", [])), "")).split("\n")[0]


def known(licence: str) -> bool:
    """Of alternatives one that is known will do; of what applies together all must be."""
    whole = licence[1:-1] if licence.startswith("(") and licence.endswith(")") else licence
    return any(all(FREE.fullmatch(part) for part in one.split(" AND ")) for one in whole.split(" OR "))


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


ANSWERED = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
SKIPPED = {"name": "av", "skip_reason": "Dependency not found on the index and could not be audited: av (15.0)"}
BAD_PACKAGE = {"range": "<2", "severity": "high"}
KNOWN_BAD = {"name": "x", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}]}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"dependencies": [ANSWERED]}, 0),
        ({"dependencies": [ANSWERED, KNOWN_BAD]}, 1),
        ({"dependencies": [ANSWERED, SKIPPED]}, 2),
        ({"dependencies": [KNOWN_BAD, SKIPPED]}, 1),
        ({"dependencies": []}, 2),
        ("No module named pip_audit", 2),
    ],
)
def test_an_audit_that_could_not_look_is_no_pass(audit: ModuleType, answer: object, status: int) -> None:
    found = audit.Audit()
    audit._read_python(answer, "requirements.lock", found)
    assert found.status == status
    assert ("this is no pass" in audit.told(found)) == (status == 2)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"vulnerabilities": {}, "metadata": {"dependencies": {"total": 224}}}, 0),
        (
            {"vulnerabilities": {"x": {"range": "<2", "severity": "high"}}, "metadata": {"dependencies": {"total": 9}}},
            1,
        ),
        ({"message": "405 Method Not Allowed", "statusCode": 405, "error": {"summary": ""}}, 2),
        ("npm: command not found", 2),
    ],
)
def test_a_registry_that_gives_no_advisories_is_no_pass(audit: ModuleType, answer: object, status: int) -> None:
    found = audit.Audit()
    audit._read_web(answer, found)
    assert found.status == status
