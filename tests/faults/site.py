"""Three nodes of the real program behind the shipped nginx configuration, on PostgreSQL."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest

from tests import postgres

ROOT = Path(__file__).parent.parent.parent
HOST = "aid.clinic.example"
NODES = 3
#: Seconds after which something has failed and is not only slow.
PATIENCE = 120


def attempts(otherwise: str) -> Iterator[None]:
    """Try again and again until patience ends. Raises AssertionError with this text."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
    raise AssertionError(otherwise)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in attempts(f"nothing listens on {port}"):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return


class Site:
    """What a clinic with three machines has, each part a process of its own."""

    def __init__(self, folder: Path, nginx: str) -> None:
        self._folder, self._nginx = folder, nginx
        self.pepper = os.urandom(32)
        self.database = postgres.cluster()
        self.plain, self.tls = _free_port(), _free_port()
        self.ports = [_free_port() for _ in range(NODES)]
        self.nodes: list[subprocess.Popen[bytes] | None] = [None] * NODES
        self._environment = os.environ | {
            "DECISION_AID_NODES": str(NODES),
            "DECISION_AID_PEPPER": self.pepper.hex(),
            "DECISION_AID_SECRET": os.urandom(32).hex(),
            "DECISION_AID_DATABASE_URL": self.database.url,
            "DECISION_AID_TRUSTED_HOSTS": HOST,
            "DECISION_AID_PROXIES": "1",
            "DECISION_AID_INSTANCE": str(folder / "instance"),
            "TMPDIR": str(folder),
        }
        self._proxy: subprocess.Popen[bytes] | None = None

    host, origin = HOST, f"https://{HOST}"

    @property
    def addresses(self) -> set[str]:
        """The nodes as the proxy names them."""
        return {f"127.0.0.1:{port}" for port in self.ports}

    def connect(self) -> HTTPConnection:
        """A new connection by the road of a browser: TLS and the proxy."""
        context = ssl._create_unverified_context()
        return HTTPSConnection("127.0.0.1", self.tls, context=context, timeout=PATIENCE)

    def run(self) -> None:
        """Start everything."""
        for number in range(NODES):
            self._launch(number)
        for number in range(NODES):
            self.start(number)
        self._proxy = self._start_proxy()

    def start(self, number: int) -> None:
        """Start one node, and again should it end, as systemd does; wait until it is ready."""
        for _ in attempts(f"node {number} never became ready"):
            node = self.nodes[number]
            if node is None or node.poll() is not None:
                self._launch(number)
            if self._ready(number):
                return

    def _ready(self, number: int) -> bool:
        link = HTTPConnection("127.0.0.1", self.ports[number], timeout=PATIENCE)
        try:
            link.request("GET", "/ready", headers={"Host": HOST})
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()

    def _launch(self, number: int) -> None:
        port = self.ports[number]
        options = ["--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{port}"]
        options += ["--keep-alive", "75", "--no-control-socket"]
        with (self._folder / f"node-{number}.log").open("ab") as log:
            self.nodes[number] = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *options, "decision_aid:create_app()"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, number: int) -> None:
        """Kill one node with all of its workers, as a dying machine does."""
        node = self.nodes[number]
        assert node is not None
        os.killpg(node.pid, 9)
        node.wait()
        self.nodes[number] = None

    def stop(self) -> None:
        """Stop everything."""
        if self._proxy:
            self._proxy.terminate()
            self._proxy.wait()
        for number, node in enumerate(self.nodes):
            if node:
                self.kill(number)
        self.database.remove()

    def _start_proxy(self) -> "subprocess.Popen[bytes]":
        folder = self._folder
        subject = ["-subj", f"/CN={HOST}", "-days", "1", "-newkey", "rsa:2048", "-nodes"]
        files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/fullchain.pem"]
        subprocess.run(
            ["openssl", "req", "-x509", *subject, *files], check=True, capture_output=True
        )
        (folder / "nginx.conf").write_text(self._configuration())
        alone = f"daemon off; pid {folder}/pid;"
        command = [self._nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", alone]
        with (folder / "nginx.log").open("ab") as log:
            proxy = subprocess.Popen(command, stderr=log)
        _wait_for(self.tls)
        return proxy

    def _configuration(self) -> str:
        """`deploy/nginx.conf` with this site's ports and files; it tells which node answered."""
        folder = self._folder
        text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
        servers = "".join(
            f"server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in self.ports
        )
        text, changed = re.subn(r"server 127\.0\.0\.1:8000 [^;]*;", servers, text)
        assert changed == 1
        scratch = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        for old, new in (
            ("listen 80 ", f"listen 127.0.0.1:{self.plain} "),
            ("listen 443 ", f"listen 127.0.0.1:{self.tls} "),
            ("/etc/ssl/decision-aid", str(folder)),
            ("http {", f"http {{ {scratch}"),
            ("location / {", "location / { add_header X-Node $upstream_addr always;"),
        ):
            assert old in text
            text = text.replace(old, new)
        return text


class Single:
    """One machine: the command ``serve`` on an embedded store, as after the two commands."""

    host = "127.0.0.1"

    def __init__(self, folder: Path, **more: str) -> None:
        self.port = _free_port()
        self.origin = f"http://{self.host}:{self.port}"
        self.host = f"{self.host}:{self.port}"
        environment = os.environ | {
            "DECISION_AID_INSTANCE": str(folder / "instance"),
            "DECISION_AID_KEY_IN": "yes",
            "TMPDIR": str(folder),
            "HOME": str(folder),
            **more,
        }
        self.file = folder / "instance" / "answers.db"
        command = [sys.executable, "-m", "decision_aid", "serve", "--port", str(self.port)]
        with (folder / "server.log").open("ab") as log:
            self.program = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        _wait_for(self.port)

    def connect(self) -> HTTPConnection:
        """A new connection."""
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def stop(self) -> None:
        """Kill the program and its workers."""
        os.killpg(self.program.pid, 9)
        self.program.wait()


def nginx() -> str:
    """The program nginx, or a skipped test; under CI it must be there."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None or shutil.which("openssl") is None:
        assert not os.environ.get("CI"), "nginx or openssl is missing; .ci/run installs both"
        pytest.skip("nginx or openssl is not installed; .ci/run installs both")
    return found


@dataclass
class Answer:
    """A page as it came by the network, in the shape of werkzeug's test response."""

    path: str
    status_code: int
    text: str
    request: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.request = SimpleNamespace(path=self.path)

    def get_data(self, *, as_text: bool) -> str:
        """The page."""
        assert as_text
        return self.text


class Remote:
    """A browser at the site: TLS, the proxy, any node. It tries again until it gets a page."""

    def __init__(self, site: "Site | Single") -> None:
        self._site = site
        self._link: HTTPConnection | None = None
        self.cookie = ""
        self.nodes: list[str] = []
        self.saved_by = ""
        self.sentences: list[str] = []
        self.wrong: list[tuple[str, int]] = []
        self.broken = 0

    def get(self, path: str, *, follow_redirects: bool = True) -> Answer:
        """Open an address."""
        return self._insist("GET", path, None, follow_redirects)

    def post(self, path: str, *, data: dict[str, object], follow_redirects: bool = True) -> Answer:
        """Send a form."""
        return self._insist("POST", path, urlencode(data, doseq=True), follow_redirects)

    def paper(self, path: str) -> bytes:
        """A PDF; while the site says that it is busy, again."""
        for _ in attempts(f"{path} was never made"):
            response, data = self.raw("GET", path)
            if response.status != 503 or "Retry-After" not in response.headers:
                break
        assert (response.status, data[:4]) == (200, b"%PDF")
        return data

    def _insist(self, method: str, path: str, body: str | None, follow: bool) -> Answer:
        for _ in attempts("it never worked again"):
            try:
                status, text, place = self._ask(method, path, body)
            except IncompleteRead:
                # The node died while it sent this page: a browser says so, and one loads it again.
                self.broken += 1
                self.close()
                continue
            if status == 303 and method == "POST":
                self.saved_by = self.nodes[-1]
            if status == 303 and place and follow:
                return self._insist("GET", place, None, follow)
            if status in (200, 303):
                return Answer(path, status, text)
            if status != 503:
                self.wrong.append((f"{method} {path}", status))
                raise AssertionError((method, path, status, text[:2000]))
            self.sentences.append(text)
        raise AssertionError

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        """One request: status, page, and where it leads."""
        response, data = self.raw(method, path, body)
        place = urlsplit(response.headers.get("Location", ""))
        where = place.path + (f"?{place.query}" if place.query else "")
        return response.status, data.decode(), where

    def raw(
        self, method: str, path: str, body: str | None = None, **more: str
    ) -> tuple[HTTPResponse, bytes]:
        """One request as it comes back by the network."""
        headers = {"Host": self._site.host, "Cookie": self.cookie}
        if body is not None:
            headers |= {"Origin": self._site.origin}
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        if self._link is None:
            self._link = self._site.connect()
        self._link.request(method, path, body, headers | more)
        response = self._link.getresponse()
        data = response.read()
        if cookie := response.headers.get("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
        self.nodes.append(response.headers.get("X-Node", "proxy").split(",")[-1].strip())
        return response, data

    @property
    def token(self) -> str:
        """What the cookie holds."""
        return self.cookie.partition("=")[2]

    def close(self) -> None:
        """Leave."""
        if self._link:
            self._link.close()
            self._link = None
