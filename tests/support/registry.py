"""A package registry on loopback (PEP 503), and wheels made for it."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import zipfile
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

Files = Mapping[str, str | bytes]


def wheel(name: str, files: Files, *, version: str = "1.0", requires: Sequence[str] = ()) -> bytes:
    """A pure Python wheel; nothing in it is checked, so that it may be a hostile one."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def _digest(data: str | bytes) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()


class PackageServer(ThreadingHTTPServer):
    """Serves an index at `/simple` and files at `/files`; remembers what it was asked for.

    Attributes:
        asked: Paths of requests, in order.
        authorizations: Their `Authorization` headers.
        redirects: Path → where a request for it is sent.
        stall: Path that is never answered; `stalled` is set when it is asked for.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.authorizations: list[str | None] = []
        self.redirects: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.links: dict[str, list[str]] = {}
        self.stall: str | None = None
        self.stalled = threading.Event()
        self._released = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.port}/simple"

    def add(
        self, name: str, files: Files, *, version: str = "1.0", requires: Sequence[str] = ()
    ) -> None:
        """Offer a wheel."""
        content = wheel(name, files, version=version, requires=requires)
        self.offer(name, f"{name}-{version}-py3-none-any.whl", content)

    def offer(self, name: str, file: str, content: bytes) -> None:
        """Offer a file under a name."""
        self.files[f"/files/{file}"] = content
        self.link(name, f"/files/{file}")

    def link(self, name: str, target: str) -> None:
        """Let the page of a name point somewhere."""
        self.links.setdefault(name.replace("_", "-").lower(), []).append(target)

    def wait(self) -> None:
        """Hold a request until the server is closed."""
        self._released.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: PackageServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        self.server.authorizations.append(self.headers["Authorization"])
        if path == self.server.stall:
            self.server.stalled.set()
            self.server.wait()
        elif target := self.server.redirects.get(path):
            self._answer(302, b"", Location=target)
        elif path.startswith("/simple/") and (name := path.split("/")[2]) in self.server.links:
            targets = self.server.links[name]
            lines = [f'<a href="{t}">{t.split("#")[0].rpartition("/")[2]}</a><br>' for t in targets]
            page = f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>"
            self._answer(200, page.encode(), Content_Type="text/html")
        elif (content := self.server.files.get(path)) is not None:
            self._answer(200, content, Content_Type="application/octet-stream")
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass
