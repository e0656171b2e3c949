"""What a fetch may reach: every spelling of an address, and names that change their mind."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest

from newsqa.articles import reach
from newsqa.articles.fetch import fetch
from newsqa.articles.reach import trouble
from newsqa.config import Loading
from newsqa.errors import SourceError

PUBLIC = "127.0.0.2"
"""An address of this machine that stands for one of the world's, where a test says so."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "a loopback address"),
        ("127.8.9.1", "a loopback address"),
        ("0.0.0.0", "an unspecified address"),
        ("10.1.2.3", "a private address"),
        ("172.16.0.1", "a private address"),
        ("192.168.1.1", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("100.64.0.1", "a non-public address"),
        ("224.0.0.1", "a multicast address"),
        ("239.1.1.1", "a multicast address"),
        ("240.0.0.1", "a private address"),
        ("255.255.255.255", "a private address"),
        ("192.0.2.1", "a private address"),
        ("::", "an unspecified address"),
        ("::1", "a loopback address"),
        ("fe80::1%eth0", "a link-local address"),
        ("fd00:ec2::254", "a private address"),
        ("fec0::1", "a site-local address"),
        ("ff02::1", "a multicast address"),
        ("ff0e::1", "a multicast address"),
        ("2001:db8::1", "a private address"),
        ("100::1", "a private address"),
        ("::ffff:127.0.0.1", "a form of 127.0.0.1, a loopback address"),
        ("::ffff:169.254.169.254", "a form of 169.254.169.254, a link-local address"),
        ("::127.0.0.1", "a form of 127.0.0.1, a loopback address"),
        ("64:ff9b::10.0.0.1", "a form of 10.0.0.1, a private address"),
        ("64:ff9b::127.0.0.1", "a form of 127.0.0.1, a loopback address"),
        ("2002:7f00:1::1", "a form of 127.0.0.1, a loopback address"),
        ("2002:c0a8:101::1", "a form of 192.168.1.1, a private address"),
    ],
)
def test_what_is_not_public(address: str, reason: str) -> None:
    assert trouble(address) == reason


@pytest.mark.parametrize("address", ["64:ff9b:1::1", "2001:0:7f00:1::1", "3fff::1", "5f00::1"])
def test_what_else_is_not_public(address: str) -> None:
    """Kinds that versions of Python name differently."""
    assert trouble(address) is not None


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
     "2002:808:808::1", "172.32.0.1", "192.169.0.1"],
)  # fmt: skip
def test_what_is_public(address: str) -> None:
    assert trouble(address) is None


class Server(BaseHTTPRequestHandler):
    asked: list[tuple[str, str, str]] = []  # noqa: RUF012

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        at = self.server.server_address[0]
        self.asked.append((str(at), self.headers["Host"], self.path))
        _, found, location = self.path.partition("?to=")
        self.send_response(302 if found else 200)
        if found:
            self.send_header("Location", location)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(f"answered by {at}".encode())


Serve = Callable[..., ThreadingHTTPServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers = []

    def start(address: str, port: int = 0) -> ThreadingHTTPServer:
        httpd = ThreadingHTTPServer((address, port), Server)
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(httpd)
        return httpd

    Server.asked.clear()
    yield start
    for httpd in servers:
        httpd.shutdown()
        httpd.server_close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names, each with its answers by look-up; the last one stays.  PUBLIC counts as public."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo
    public = reach._is_public

    def look_up(host: str, *arguments: object, **options: object) -> object:
        if host not in known:
            return real(host, *arguments, **options)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(reach, "_is_public", lambda a: str(a) == PUBLIC or public(a))
    return known


def refused(url: str, **limits: object) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(url, Loading(**{"download_seconds": 5, **limits}))
    return str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.1",
     "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_no_spelling_reaches_this_machine(host: str, serve: Serve) -> None:
    httpd = serve("127.0.0.1")
    said = refused(f"http://{host}:{httpd.server_port}/")
    assert "a loopback address" in said
    assert "--allow-private" in said
    assert "private_addresses = true" in said
    assert Server.asked == []


def test_allowed_it_is_reached(serve: Serve) -> None:
    httpd = serve("127.0.0.1")
    answer = fetch(f"http://localhost:{httpd.server_port}/", Loading(private_addresses=True))
    assert answer.data == b"answered by 127.0.0.1"


def test_one_private_address_among_several_is_enough(
    serve: Serve, names: dict[str, list[list[str]]]
) -> None:
    httpd = serve(PUBLIC)
    names["both.example"] = [[PUBLIC, "10.0.0.1"]]
    said = refused(f"http://both.example:{httpd.server_port}/")
    assert said.startswith("both.example is at 10.0.0.1, a private address")
    assert Server.asked == []


def test_a_name_that_changes_after_the_check_gains_nothing(
    serve: Serve, names: dict[str, list[list[str]]]
) -> None:
    public = serve(PUBLIC)
    serve("127.0.0.1", public.server_port)
    names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    url = f"http://rebinding.example:{public.server_port}/"
    answer = fetch(url, Loading())
    assert (answer.url, answer.data) == (url, b"answered by 127.0.0.2")
    assert Server.asked == [(PUBLIC, f"rebinding.example:{public.server_port}", "/")]
    assert names["rebinding.example"] == [["127.0.0.1"]]  # looked up once, and refused from now on
    assert "a loopback address" in refused(url)


def test_redirects_are_checked_at_every_hop(
    serve: Serve, names: dict[str, list[list[str]]]
) -> None:
    public = serve(PUBLIC)
    inner = serve("127.0.0.1")
    port = public.server_port
    names.update({"a.example": [[PUBLIC]], "b.example": [[PUBLIC]], "c.example": [["127.0.0.1"]]})
    chain = f"http://a.example:{port}/?to=http://b.example:{port}/?to="
    fine = fetch(f"{chain}http://a.example:{port}/end", Loading())
    assert fine.url == f"http://a.example:{port}/end"
    for bad in ("127.0.0.1", "c.example"):
        assert "a loopback address" in refused(f"{chain}http://{bad}:{inner.server_port}/")
    assert {at for at, *_ in Server.asked} == {PUBLIC}


def test_the_next_address_is_tried(serve: Serve, names: dict[str, list[list[str]]]) -> None:
    httpd = serve(PUBLIC)
    with socket.socket() as unused:  # bound and not listening: refuses to be connected to
        unused.bind(("127.0.0.3", httpd.server_port))
        names["two.example"] = [["127.0.0.3", PUBLIC]]
        url = f"http://two.example:{httpd.server_port}/"
        assert "loopback" in refused(url)
        # As above, with the one that refuses taken for public as well.
        names["two.example"] = [[PUBLIC]]
        assert fetch(url, Loading()).data == b"answered by 127.0.0.2"


def test_a_name_that_is_not_known(names: dict[str, list[list[str]]]) -> None:
    names["gone.example"] = [[]]
    assert "Name or service not known" in refused("http://gone.example/")


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [let_go.wait(60)][:0])
    try:
        assert "within 0.2 seconds" in refused("http://slow.example/", download_seconds=0.2)
    finally:
        let_go.set()


# Through a proxy.


def test_a_proxy_connects_for_us_to_what_is_public(
    serve: Serve, names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve("127.0.0.1")
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.server_port}")
    names.update({
        "known.example": [[PUBLIC]],
        "unknown.example": [[]],
        "inner.example": [["10.0.0.1"]],
    })  # fmt: skip
    for host in ("known.example", "unknown.example"):
        assert fetch(f"http://{host}/page", Loading()).data == b"answered by 127.0.0.1"
    assert [path for *_, path in Server.asked] == [
        "http://known.example/page",
        "http://unknown.example/page",
    ]
    for host in ("inner.example", "localhost", "127.1", "[::1]"):
        assert "only public ones" in refused(f"http://{host}/page")
    assert len(Server.asked) == 2


def test_no_proxy_is_heeded(
    serve: Serve, names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    httpd = serve(PUBLIC)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", ".example")
    names["near.example"] = [[PUBLIC]]
    assert fetch(f"http://near.example:{httpd.server_port}/", Loading()).data


def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "gopher://127.0.0.1:9")
    said = refused("http://8.8.8.8/")
    assert "the environment's proxy can't be used" in said


# Over TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of tls.example with its key, in one file."""
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=tls.example", "-addext", "subjectAltName=DNS:tls.example",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return both


def test_the_certificate_is_checked_against_the_name(
    certificate: Path,
    serve: Serve,
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    httpd = serve(PUBLIC)
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names.update({"tls.example": [[PUBLIC]], "other.example": [[PUBLIC]]})
    port = httpd.server_port
    assert fetch(f"https://tls.example:{port}/", Loading()).data == b"answered by 127.0.0.2"
    assert named == ["tls.example"]
    assert Server.asked == [(PUBLIC, f"tls.example:{port}", "/")]
    assert "Hostname mismatch" in refused(f"https://other.example:{port}/")
