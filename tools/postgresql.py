"""A PostgreSQL of this machine, for the read model of a local stage and for tests: on loopback, with TLS by an
authority of its own, and a folder that holds all of it."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("initdb", "pg_ctl", "psql")
RUN_SECONDS = 120
OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu put the programs of each version, beside the path."""

UNPRIVILEGED = "nobody"
"""Who it runs as where root starts it: it refuses to run as root."""

HOST = "127.0.0.1"
USER = "postgres"
CERTIFICATE_DAYS = 3650


def missing() -> str:
    """Why this machine cannot have one; empty where it can."""
    absent = [name for name in PROGRAMS if not _program(name)]
    return f"PostgreSQL is not installed ({', '.join(absent)}): apt-get install postgresql" if absent else ""


@dataclass(frozen=True)
class Server:
    """A running one. `password` is that of its superuser."""

    folder: Path
    port: int
    password: str
    authority: str
    """The certificate of the authority, as PEM."""

    def url(self, database: str = "rollcall") -> str:
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"

    def secret(self, database: str = "rollcall") -> str:
        """What the stage's secret `read-model` holds to reach a database there."""
        return json.dumps({"url": self.url(database), "ca": self.authority})

    def create(self, database: str, *, template: str = "template1") -> None:
        """Create a database, empty or a copy of another, in place of one of that name."""
        self.psql("-d", USER, "-c", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.psql("-d", USER, "-c", f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def psql(self, *options: str, given: bytes = b"") -> str:
        """What psql prints: rows alone, of columns with `|` between them. It stops at the first error."""
        command = (str(_program("psql")), "-XqAt", "-h", str(self.folder), "-p", str(self.port), "-U", USER)
        done = subprocess.run(
            (*command, "-v", "ON_ERROR_STOP=1", *options),
            input=given,
            capture_output=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def stop(self, mode: str = "immediate") -> None:
        """Stop it. `immediate` is as if the machine had lost power."""
        _run(self.folder, "pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def start(self) -> None:
        """Start it, or start it again after it stopped or was killed."""
        options = f"-k {self.folder} -p {self.port}"
        _run(
            self.folder,
            *("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", str(RUN_SECONDS)),
            *("-l", str(self.folder / "log"), "-o", options, "start"),
        )

    def kill(self) -> None:
        """Kill all of its processes at once, without a chance to write anything."""
        first = int((self.folder / "data" / "postmaster.pid").read_text("utf-8").split()[0])
        children = subprocess.run(
            ("pgrep", "-P", str(first)), capture_output=True, text=True, check=False
        ).stdout.split()
        for process in (first, *map(int, children)):
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                continue
        # Where nobody collects dead processes, as in a container, they would still count as running.
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink(missing_ok=True)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """One in a folder that goes with it. Unless it is `durable`, it writes nothing to the disk before it says so, which
    is quicker, and survives every crash but the machine's."""
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as name:
        server = make(Path(name), durable=durable)
        try:
            yield server
        finally:
            server.stop()


def make(folder: Path, *, port: int = 0, durable: bool = False) -> Server:
    """Make one in an empty folder, or take the one that is there, and start it. Its database is called `rollcall`."""
    kept = folder / "server.json"
    if kept.exists():
        server = Server(folder=folder, **json.loads(kept.read_text("utf-8")))
        server.start()
        return server
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED)
    data, word = folder / "data", folder / "word"
    password = secrets.token_urlsafe(18)
    word.write_text(password, "utf-8")
    _hand_over(word)
    _run(
        folder,
        *("initdb", "-D", str(data), "-U", USER, "--no-sync", "-E", "UTF8", "--locale=C", "--lc-ctype=C.UTF-8"),
        *("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={word}"),
    )
    word.unlink()
    authority = _certify(data)
    settings = {"listen_addresses": f"'{HOST}'", "ssl": "on", "max_connections": "40", "shared_buffers": "'256MB'"}
    settings |= {} if durable else {"fsync": "off", "full_page_writes": "off"}
    with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.writelines(f"{name} = {value}\n" for name, value in settings.items())
    server = Server(folder, port or _free_port(), password, authority)
    server.start()
    server.psql("-d", USER, "-c", "CREATE DATABASE rollcall")
    kept.write_text(json.dumps({"port": server.port, "password": password, "authority": authority}), "utf-8")
    return server


def _certify(data: Path) -> str:
    """Make an authority and a certificate of the server by it, and put the latter where the server looks. Returns the
    authority's certificate. Its key is not kept."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rollcall, local PostgreSQL")])
    authority = _certificate(name, name, authority_key, authority_key, is_authority=True)
    host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = _certificate(host, name, key, authority_key, is_authority=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file_name, content in {"server.key": private, "server.crt": _pem(certificate)}.items():
        path = data / file_name
        path.touch(mode=0o600)
        path.write_bytes(content)
        _hand_over(path)
    return _pem(authority).decode()


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName("localhost")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if is_authority:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, UNPRIVILEGED)


def _program(name: str) -> str | None:
    """Where a program is: on the path, or where Debian has that of the newest version."""
    versions = sorted((int(path.name), path) for path in DEBIAN.glob("[0-9]*") if int(path.name) >= OLDEST)
    return next(
        (str(path / "bin" / name) for _, path in reversed(versions) if (path / "bin" / name).exists()),
        shutil.which(name),
    )


def _run(folder: Path, name: str, *options: str) -> None:
    """Run one of its programs. Raises RuntimeError with what it says where it fails."""
    with (folder / "output").open("w+", encoding="utf-8") as output:
        done = subprocess.run(
            (str(_program(name)), *options),
            cwd=folder,
            user=UNPRIVILEGED if os.geteuid() == 0 else None,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{name}: {output.read()[-800:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
