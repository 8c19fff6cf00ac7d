"""compose.yaml against the tree, the settings, the image and the LiveKit server that it starts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from crm.redis_server import redis_binary
from deployed import COMPOSE, RELAY, ROOT, composed, image, server_configuration
from deployed_server import KEY, free_port, with_test_values
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from cornerman.cli import app
from cornerman.config import Settings, load_settings

MODEL = composed()
SERVICES: dict[str, dict[str, Any]] = MODEL["services"]
OURS = ("worker", "watch")
START_SECONDS = 20.0

each_service = pytest.mark.parametrize("name", list(SERVICES))


def seconds(text: str) -> float:
    """A duration as compose writes it, such as `4h5m`."""
    parts = re.findall(r"(\d+)(h|m|s)", text)
    assert "".join(number + letter for number, letter in parts) == text
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1}[letter] for number, letter in parts)


# -- what holds for each service --


@each_service
def test_no_image_is_taken_as_it_happens_to_be(name: str) -> None:
    reference = SERVICES[name]["image"]
    _, _, tag = reference.rpartition(":")
    assert tag != reference, "without a tag it is the newest"
    assert tag not in {"latest", "main", "nightly"}
    assert re.search(r"\d", tag)


@each_service
def test_each_image_can_be_replaced_by_a_digest(name: str) -> None:
    variable = re.search(rf"^  {name}:\n(?:.*\n)*?    image: \$\{{(\w+):-", COMPOSE.read_text("utf-8"), re.MULTILINE)
    given = "registry.example.internal/it@sha256:" + "1" * 64
    used = variable[1] if variable and name not in OURS else "CORNERMAN_IMAGE"
    assert composed(variables={"NODE_IP": "10.0.0.10", used: given})["services"][name]["image"] == given


@each_service
def test_each_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert set(service.get("cap_add", [])) <= {"DAC_OVERRIDE"}
    assert "memory" in service["deploy"]["resources"]["limits"]
    assert service["logging"]["options"]["max-size"]


@each_service
def test_each_service_is_looked_after(name: str) -> None:
    service = SERVICES[name]
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert seconds(check["interval"]) >= seconds(check["timeout"])
    assert service["restart"] == "unless-stopped"
    assert service["init"] is True


@each_service
def test_nothing_but_loopback_is_published(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert (SERVICES[name].get("network_mode") == "host") is (name == "livekit")


@each_service
def test_what_is_mounted_is_in_the_tree(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source, target, *mode = volume.split(":")
        if source in MODEL["volumes"]:
            continue
        assert mode == ["ro"], volume
        assert target.startswith("/")
        if source != "./deploy/model":  # weights, that come with nobody's checkout
            assert (ROOT / source).exists(), volume


@each_service
def test_secrets_stand_in_files_that_no_image_and_no_commit_gets(name: str) -> None:
    service = SERVICES[name]
    for file in service.get("env_file", []):
        assert file.startswith("deploy/secrets/")
    for key, value in service.get("environment", {}).items():
        assert not re.search(r"SECRET|PASSWORD|API_KEY|TOKEN", key), f"{key}={value}"
    for secret in service.get("secrets", []):
        assert MODEL["secrets"][secret]["file"].startswith("./deploy/secrets/")


def test_without_the_address_of_the_machine_nothing_starts() -> None:
    with pytest.raises(KeyError, match="NODE_IP"):
        composed(variables={"WORKERS": "2"})


def test_the_sample_of_env_sets_what_the_files_ask_for() -> None:
    sample = (ROOT / "deploy" / "compose.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?([A-Z_]+)=", sample, re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text("utf-8") + RELAY.read_text("utf-8")))
    assert named <= asked
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", sample, re.MULTILINE))
    assert composed(variables=given)["services"]["worker"]["deploy"]["replicas"] == 2


# -- our two services --


@pytest.mark.parametrize("name", OURS)
def test_the_commands_are_ours(name: str) -> None:
    assert SERVICES[name]["command"][0] in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    command, *options = SERVICES[name]["healthcheck"]["test"][2:]
    known = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    assert {each for each in options if each.startswith("--")} <= {o for p in known.params for o in p.opts}


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_ones_we_take(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(name, monkeypatch)
    assert settings.livekit.url == "ws://livekit:7880"
    assert settings.playbook.path == Path("/srv/playbook")


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As the container would read them: the image's variables, the service's, and the settings file."""
    for key in list(os.environ):
        if key.startswith(("CORNERMAN_", "LIVEKIT_")):
            monkeypatch.delenv(key)
    from_image = image().last("ENV")
    assert from_image is not None
    for key, value in (from_image.environment | SERVICES[name]["environment"]).items():
        if key.startswith(("CORNERMAN__", "LIVEKIT_")):
            monkeypatch.setenv(key, value)
    monkeypatch.setenv("CORNERMAN_CONFIG", str(ROOT / "deploy" / "cornerman.yaml"))
    return load_settings()


def test_workers_report_to_the_watchdog_and_calls_are_let_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, watch = settings_of("worker", monkeypatch), settings_of("watch", monkeypatch)
    assert worker.watch.watchdogs == (f"http://watch:{watch.watch.port}",)
    assert f"http://127.0.0.1:{watch.watch.port}" in SERVICES["watch"]["healthcheck"]["test"]
    assert watch.watch.host == "0.0.0.0"
    service = SERVICES["worker"]
    assert seconds(service["stop_grace_period"]) > worker.worker.drain_timeout
    assert service["stop_signal"] == "SIGTERM"


@pytest.mark.parametrize("name", OURS)
def test_what_is_written_survives_and_all_workers_share_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = {volume.split(":")[1] for volume in SERVICES[name]["volumes"] if volume.split(":")[0] in MODEL["volumes"]}
    made = next(step.text for step in image().steps if "useradd" in step.text)
    assert targets == {str(settings_of(name, monkeypatch).journal.path), "/var/cache/cornerman"}
    assert all(target in made for target in targets), "made by the image, so that the volume belongs to its user"
    assert any(each.startswith("/tmp") for each in SERVICES[name]["tmpfs"])


def test_the_sample_settings_ask_for_the_model_server_that_is_there() -> None:
    text = (ROOT / "deploy" / "cornerman.yaml").read_text(encoding="utf-8")
    block = re.findall(r"^# ( *(?:llm:|\w+: \S+))$", text, re.MULTILINE)
    llm = yaml.safe_load("\n".join(block))["llm"]
    command = SERVICES["models"]["command"]
    port = command[command.index("--port") + 1]
    assert llm["base_url"] == f"http://models:{port}/v1"
    assert llm["model"] == command[command.index("--served-model-name") + 1]
    assert SERVICES["models"]["profiles"] == ["models"]


# -- how the parts reach each other --


def test_livekit_answers_where_containers_look_for_it() -> None:
    (network,) = MODEL["networks"]["calls"]["ipam"]["config"]
    gateway = network["gateway"]
    assert f"--bind={gateway}" in SERVICES["livekit"]["command"]
    for name in (*OURS, "prometheus"):
        assert SERVICES[name]["extra_hosts"] == [f"livekit:{gateway}"]
        assert SERVICES[name]["networks"] == ["calls"]
    assert SERVICES["worker"]["environment"]["LIVEKIT_URL"].endswith(f":{server_configuration()['port']}")


def test_prometheus_finds_whom_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text(encoding="utf-8"))
    asked: set[tuple[str, int]] = set()
    for job in configuration["scrape_configs"]:
        for found in job.get("dns_sd_configs", []):
            asked |= {(name, found["port"]) for name in found["names"]}
        for found in job.get("static_configs", []):
            asked |= {(host, int(port)) for host, _, port in (each.rpartition(":") for each in found["targets"])}
    worker, watch = settings_of("worker", monkeypatch).worker, settings_of("watch", monkeypatch).watch
    assert ("worker", worker.metrics_port) in asked
    assert ("watch", watch.port) in asked
    assert ("livekit", server_configuration()["prometheus"]["port"]) in asked


def test_grafana_finds_its_dashboards() -> None:
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"] if volume.startswith("./"))
    placed = {ROOT / source: Path(target) for source, target in mounts.items()}
    (provider_file,) = (ROOT / "deploy/grafana/provisioning/dashboards").glob("*.y*ml")
    for provider in yaml.safe_load(provider_file.read_text(encoding="utf-8"))["providers"]:
        wanted = Path(provider["options"]["path"])
        (source,) = [source for source, target in placed.items() if wanted.is_relative_to(target)]
        dashboards = list((source / wanted.relative_to(placed[source])).glob("*.json"))
        assert dashboards
        assert all(json.loads(each.read_text(encoding="utf-8"))["title"] for each in dashboards)


# -- what is started, really --


def test_redis_starts_as_said_and_wants_the_password(tmp_path: Path) -> None:
    port = free_port()
    *shell, script = SERVICES["redis"]["command"]
    script = script.replace("redis-server -", f'"{redis_binary()}" - --port {port} --bind 127.0.0.1')
    environment = os.environ | {"REDIS_PASSWORD": "not a word"}
    with subprocess.Popen([*shell, script], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as redis:
        try:
            wait_for(lambda: Redis(port=port, password="not a word").ping())
            with pytest.raises(AuthenticationError):
                Redis(port=port).get("rooms")
            assert "not a word" not in Path(f"/proc/{redis.pid}/cmdline").read_text(encoding="utf-8")
        finally:
            redis.terminate()


@pytest.mark.parametrize("files", [(COMPOSE,), (COMPOSE, RELAY)], ids=["plain", "with the relay"])
def test_livekit_starts_as_said(livekit_server_binary: Path, tmp_path: Path, files: tuple[Path, ...]) -> None:
    """The file, the command line and the variables together, with the addresses and files of this test."""
    service = composed(*files, variables={"NODE_IP": "127.0.0.1", "TURN_DOMAIN": "turn.example.com"})["services"][
        "livekit"
    ]
    redis_port, port, metrics = free_port(), free_port(), free_port()
    configuration = with_test_values(server_configuration(), tmp_path, f"127.0.0.1:{redis_port}", node_ip=None)
    places = {
        "/etc/livekit/livekit.yaml": str(configuration),
        "/run/secrets/livekit_keys": str(tmp_path / "keys.yaml"),
        "172.31.240.1": "127.0.0.2",
        "/run/secrets/turn_certificate": str(tmp_path / "turn.crt"),
        "/run/secrets/turn_key": str(tmp_path / "turn.key"),
        "127.0.0.1:6379": f"127.0.0.1:{redis_port}",
    }

    def here(text: str) -> str:
        for there, place in places.items():
            text = text.replace(there, place)
        return text

    command = [str(livekit_server_binary), *map(here, service["command"])]
    command += [f"--port={port}", f"--udp-port={free_port()}", f"--prometheus.port={metrics}"]
    environment = {key: here(value) for key, value in service["environment"].items()} | {"REDIS_PASSWORD": "not a word"}
    redis = subprocess.Popen(
        [str(redis_binary()), "--port", str(redis_port), "--save", "", "--requirepass", "not a word"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: Redis(port=redis_port, password="not a word").ping())
        log = tmp_path / "log"
        with (
            log.open("wb") as written,
            subprocess.Popen(command, env=environment, stdout=written, stderr=written) as livekit,
        ):
            try:
                wait_for(lambda: all(answers(f"http://127.0.0.{host}:{port}/") for host in (1, 2)))
                assert answers(f"http://127.0.0.2:{metrics}/metrics")
            finally:
                livekit.kill()
        said = log.read_text(encoding="utf-8")
        assert ("Starting TURN server" in said) is (RELAY in files)
        assert '"nodeIP":"127.0.0.1"' in said
        assert KEY not in said
    finally:
        redis.terminate()
        redis.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def wait_for(what: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if what():
                return
        except RedisError:
            pass
        time.sleep(0.05)
    raise TimeoutError


def test_keys_are_made_once_and_are_whole(tmp_path: Path) -> None:
    """deploy/make-secrets.sh: every file that compose wants, for nobody else to read, the same pair on both sides."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    script = folder / "make-secrets.sh"
    script.write_bytes((ROOT / "deploy" / script.name).read_bytes())
    subprocess.run(["sh", str(script)], check=True)
    wanted = {file for service in SERVICES.values() for file in service.get("env_file", [])}
    wanted |= {secret["file"].removeprefix("./") for secret in MODEL["secrets"].values()}
    made = {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("secrets/*")
    }
    assert set(made) == wanted
    assert {oct((tmp_path / name).stat().st_mode & 0o777) for name in made} == {"0o600"}
    ((key, secret),) = yaml.safe_load(made["deploy/secrets/livekit-keys.yaml"]).items()
    assert made["deploy/secrets/worker.env"] == f"LIVEKIT_API_KEY={key}\nLIVEKIT_API_SECRET={secret}\n"
    assert len(secret) == 64
    subprocess.run(["sh", str(script)], check=True)
    assert {path.read_text(encoding="utf-8") for path in folder.rglob("secrets/*")} == set(made.values())
