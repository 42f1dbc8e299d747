"""Several machines: three nodes behind nginx on PostgreSQL, killed and stopped in mid-journey."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests import postgres

ROOT = Path(__file__).parent.parent.parent
HOST = "aid.clinic.example"
NODES = 3
PATIENTS = 10
PAGES = 30

pytestmark = pytest.mark.postgres


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


class Site:
    """The shipped nginx configuration in front of three nodes and a PostgreSQL of our own."""

    def __init__(self, folder: Path, nginx: str) -> None:
        self._folder = folder
        self.database = postgres.cluster()
        self.plain, self.tls = _free_port(), _free_port()
        self.ports = [_free_port() for _ in range(NODES)]
        self.nodes: list[subprocess.Popen[bytes] | None] = [None] * NODES
        self._environment = os.environ | {
            "DECISION_AID_NODES": str(NODES),
            "DECISION_AID_PEPPER": os.urandom(32).hex(),
            "DECISION_AID_SECRET": os.urandom(32).hex(),
            "DECISION_AID_DATABASE_URL": self.database.url,
            "DECISION_AID_TRUSTED_HOSTS": HOST,
            "DECISION_AID_PROXIES": "1",
        }
        self._nginx = nginx
        self._proxy: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start everything."""
        for number in range(NODES):
            self.start(number)
        self._proxy = self._start_proxy()

    def start(self, number: int) -> None:
        """Start one node and wait until it listens."""
        port = self.ports[number]
        options = ["--workers", "1", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
        self.nodes[number] = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "tests.faults.node:app()"],
            cwd=ROOT,
            env=self._environment | {"NODE": str(number)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait_for(port)

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
        ):
            assert old in text
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text)
        alone = f"daemon off; pid {folder}/pid;"
        command = [self._nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", alone]
        proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait_for(self.tls)
        return proxy


class Patient:
    """A browser that goes through the journey and remembers what was acknowledged."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cookie = ""
        self.acknowledged = 0
        self.nodes: set[str] = set()
        self.sentences: list[str] = []

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """One request by the road of a browser: TLS, the proxy, any node."""
        context = ssl._create_unverified_context()
        link = http.client.HTTPSConnection("127.0.0.1", self._site.tls, context=context, timeout=20)
        headers = {"Host": HOST, "Cookie": self._cookie}
        if form is not None:
            headers |= {"Origin": f"https://{HOST}"}
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        body = None if form is None else urlencode(form)
        link.request("GET" if form is None else "POST", path, body, headers)
        response = link.getresponse()
        text = response.read().decode()
        if cookie := response.headers.get("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        self.nodes.add(response.headers.get("X-Node", "proxy"))
        link.close()
        return response.status, text

    def insist(self, path: str, form: dict[str, str] | None = None) -> str:
        """Ask until it works. Whatever comes instead must be the sentence for patients."""
        for _ in range(100):
            status, text = self.ask(path, form)
            if status == 200:
                return text
            assert status == 503, (status, text)
            self.sentences.append(text)
            self._meanwhile()
        raise AssertionError("it never worked again")

    _meanwhile: Callable[[], None] = staticmethod(lambda: time.sleep(0.05))

    def start(self) -> None:
        """Press "Start"."""
        csrf = self.insist("/").split()[2]
        assert self.insist("/start", {"csrf_token": csrf}) == "started"

    def turn_page(self) -> None:
        """See one's own page with everything acknowledged on it, and send the next."""
        number, rev, csrf = self.insist("/").split()
        assert int(number) == self.acknowledged, "a lost answer or another's page"
        form = {"csrf_token": csrf, "rev": rev, "number": str(self.acknowledged + 1)}
        assert int(self.insist("/save", form)) == int(rev) + 1
        self.acknowledged += 1


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Everything running."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed")
    made = Site(tmp_path, nginx)
    try:
        made.run()
        yield made
    finally:
        made.stop()


def test_patients_move_between_nodes_that_die_and_lose_nothing(site: Site) -> None:
    """Any node serves any step; a killed node or a stopped database loses no answer."""
    patients = [Patient(site) for _ in range(PATIENTS)]
    for patient in patients:
        patient.start()
    events: dict[int, Callable[[], None]] = {
        5: lambda: site.kill(1),
        10: lambda: site.start(1),
        14: site.database.stop,
        20: lambda: site.kill(2),
    }
    down = False
    for page in range(PAGES):
        if page in events:
            events[page]()
            down = page == 14
        for patient in patients:
            if down:
                status, text = patient.ask("/")
                assert (status, text[:12]) == (503, "Your answers")
                site.database.start()
                down = False
            patient.turn_page()
    assert [patient.acknowledged for patient in patients] == [PAGES] * PATIENTS
    assert all({"0", "1", "2"} <= patient.nodes for patient in patients)


def test_plain_http_leads_to_https(site: Site) -> None:
    """The shipped proxy sends every plain address to its https twin."""
    link = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=5)
    link.request("GET", "/about", headers={"Host": HOST})
    response = link.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/about")
    link.close()
