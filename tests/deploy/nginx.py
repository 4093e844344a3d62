"""A real nginx with the files of deploy/nginx: only paths and ports are other ones."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.processes import PROJECT
from tests.waiting import wait_for

FILES = PROJECT / "deploy" / "nginx"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
HAS_NGINX = NGINX is not None
HAS_LUA = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class Nginx:
    """`replaced` are words of the files, for a test that cannot wait for ten seconds."""

    def __init__(self, folder: Path, *, run: Path, **replaced: str) -> None:
        self.folder, self.run = folder, run
        self.https, self.http = free_port(), free_port()
        self.url = f"https://localhost:{self.https}"
        self.logs = folder / "log"
        for path in [self.logs, folder / "lib", folder / "conf.d"]:
            path.mkdir(parents=True)
        write_certificate(folder / "tls")
        self.write_files(replaced)

    def write_files(self, replaced: dict[str, str]) -> None:
        text = {name: (FILES / name).read_text() for name in ["nginx.conf", "passport.conf", "body-time.conf"]}
        for name in text:
            for old, new in {**self.elsewhere(), **replaced}.items():
                text[name] = text[name].replace(old, new)
        (self.folder / "nginx.conf").write_text(text["nginx.conf"])
        (self.folder / "conf.d" / "passport.conf").write_text(text["passport.conf"])
        (self.folder / "body-time.conf").write_text(text["body-time.conf"] if HAS_LUA else "")
        # Everybody who is told apart by their address comes from this machine here.
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/lib/{kind};\n"
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        (self.folder / "conf.d" / "test.conf").write_text(
            f"{temporary}set_real_ip_from 127.0.0.1;\nreal_ip_header X-Test-Address;\n"
        )

    def elsewhere(self) -> dict[str, str]:
        return {
            "user www-data;": "user root;" if os.geteuid() == 0 else "",
            "/run/nginx.pid": str(self.folder / "nginx.pid"),
            "/etc/nginx/conf.d/": f"{self.folder}/conf.d/",
            "/etc/nginx/passport/pages/": f"{FILES}/pages/",
            "/etc/nginx/passport/": f"{self.folder}/",
            "/etc/passport/tls/": f"{self.folder}/tls/",
            "/run/passport/": f"{self.run}/",
            "/var/log/nginx/": f"{self.logs}/",
            "/var/lib/nginx/": f"{self.folder}/lib/",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https} ssl;",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "    listen [::]:443 ssl;\n": "",
            "    listen [::]:80;\n": "",
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        assert NGINX
        return subprocess.run(
            [NGINX, "-c", str(self.folder / "nginx.conf"), *arguments],
            capture_output=True,
            text=True,
        )

    def __enter__(self) -> Nginx:
        assert NGINX
        with (self.folder / "said").open("w") as said:
            self.process = subprocess.Popen(
                [NGINX, "-c", self.folder / "nginx.conf", "-g", "daemon off;"],
                stdout=said,
                stderr=said,
            )
        wait_for(lambda: self.process.poll() is not None or self.is_listening())
        assert self.process.poll() is None, (self.folder / "said").read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.https)) == 0

    @property
    def certificate(self) -> str:
        return str(self.folder / "tls" / "fullchain.pem")

    def ask(self, path: str, *, method: str = "GET", address: str = "", **options: Any) -> requests.Response:
        headers = {**options.pop("headers", {}), **({"X-Test-Address": address} if address else {})}
        options = {"timeout": 30, "allow_redirects": False, "verify": self.certificate, **options}
        return requests.request(method, f"{self.url}{path}", headers=headers, **options)

    def connect(self, *, timeout: float = 30) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.certificate)
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=timeout)
        return context.wrap_socket(plain, server_hostname="localhost")

    def send(self, request: str) -> bytes:
        """Exactly this, and whatever is said until the other end closes."""
        said = b""
        with self.connect() as connection:
            connection.sendall(request.encode())
            while chunk := connection.recv(65536):
                said += chunk
        return said

    def statuses(self, path: str, number: int, *, address: str) -> list[int]:
        """Of as many requests one after the other in the same connection, as fast as it goes."""
        headers = f"Host: localhost\r\nX-Test-Address: {address}\r\n"
        last = f"GET /nothing HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
        said = self.send(f"GET {path} HTTP/1.1\r\n{headers}\r\n" * number + last)
        return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d+)", said, re.MULTILINE)][:number]

    def access_log(self, **wanted: str) -> list[dict[str, Any]]:
        """Once there are lines about what is wanted: nginx writes one when the answer is out."""
        path = self.logs / "passport.log"

        def lines() -> list[dict[str, Any]]:
            found = [json.loads(line) for line in path.read_text().splitlines()]
            return [line for line in found if wanted.items() <= line.items()]

        return wait_for(lines, timeout=10)
