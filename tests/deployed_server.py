"""The LiveKit server's file made fit for a test: loopback, free ports, a certificate and a key pair of this run."""

from __future__ import annotations

import datetime
import secrets
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY, SECRET = f"API{secrets.token_hex(6)}", secrets.token_urlsafe(36)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with closing(socket.socket(socket.AF_INET, kind)) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_certificate(folder: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "turn.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "turn.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def with_test_values(
    configuration: dict[str, Any], folder: Path, redis: str, *, node_ip: str | None = "127.0.0.1"
) -> Path:
    """The same file for this machine: loopback, free ports, a certificate and a key pair of this test. Without a
    `node_ip` the environment must say it.
    """
    write_certificate(folder, configuration["turn"]["domain"])
    keys = folder / "keys.yaml"
    keys.write_text(f"{KEY}: {SECRET}\n", encoding="utf-8")
    keys.chmod(0o600)
    here = "127.0.0.1"
    configuration["key_file"] = str(keys)
    configuration["redis"] |= {"address": redis}
    configuration["rtc"] |= {"tcp_port": free_port()} | ({"node_ip": node_ip} if node_ip else {})
    # A call on loopback needs both; on a machine's own address neither.
    configuration["rtc"] |= {"enable_loopback_candidate": True, "ips": {"includes": ["127.0.0.0/8"]}}
    turn = configuration["turn"]
    turn |= {"cert_file": str(folder / "turn.crt"), "key_file": str(folder / "turn.key"), "bind_addresses": [here]}
    turn |= {"tls_port": free_port(), "udp_port": free_port(socket.SOCK_DGRAM)}
    if "allow_restricted_peer_cidrs" in turn:
        turn["allow_restricted_peer_cidrs"] = [f"{here}/32"]
    file = folder / "livekit.yaml"
    file.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return file
