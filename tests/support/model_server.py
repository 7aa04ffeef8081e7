"""A model provider on the loopback interface that answers as a script says.

The real client libraries talk to it over real HTTP; `wire.py` has the formats.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.support.wire import Dialect, Fault, Json, Reply, dialect_of


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A reply that stops after its first frames until it is opened."""

    reply: Reply
    after: int
    opened: threading.Event


@dataclass(frozen=True)
class Hang:
    """No answer at all, until the server is closed."""


Step = Reply | Fault | Gate | Hang | Callable[[Json], "Reply | Fault"]


class ModelServer:
    """Answers each request by the next step of its script.

    Use as `with ModelServer(Reply(text="hi")) as server`; Anthropic clients go to `server.url`,
    OpenAI clients to `server.url + "/v1"`. A request beyond the script gets an error that no client
    tries again; one whose history leaves a tool call without a result is rejected, as it would be.
    """

    def __init__(self, *script: Step) -> None:
        self.bodies: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.asked = threading.Event()
        self.closing = threading.Event()
        self._script: Iterator[Step] = iter(script)
        self._lock = threading.Lock()
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def next_step(self, body: Json, headers: dict[str, str]) -> Reply | Fault | Gate | Hang:
        with self._lock:
            self.bodies.append(body)
            self.asked.set()
            self.headers.append(headers)
            step = next(self._script, _EXHAUSTED)
        return step if isinstance(step, Reply | Fault | Gate | Hang) else step(body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


_EXHAUSTED = Fault(
    status=500, message="the script is exhausted", headers={"x-should-retry": "false"}
)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output clean."""

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        dialect = dialect_of(self.path.partition("?")[0])
        step = self.server.owner.next_step(body, headers)
        if left := dialect.unanswered(body):
            step = Fault(status=400, kind="invalid_request_error", message=f"no result: {left}")
        try:
            self._answer(step, body, dialect)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away, as clients do when cancelled

    def _answer(self, step: Reply | Fault | Gate | Hang, body: Json, dialect: Dialect) -> None:
        if isinstance(step, Hang):
            self.server.owner.closing.wait()
            self.close_connection = True
        elif isinstance(step, Fault):
            self._send(step.status, dialect.error(step), step.headers)
        elif isinstance(step, Reply) and not body.get("stream"):
            self._send(200, dialect.whole(step, body["model"]), {})
        else:
            self._stream(self._frames(step, body, dialect))

    def _frames(self, step: Reply | Gate, body: Json, dialect: Dialect) -> Iterator[str]:
        reply = step.reply if isinstance(step, Gate) else step
        for number, frame in enumerate(dialect.frames(reply, body)):
            if isinstance(step, Gate) and number == step.after:
                self._wait(step.opened)
            if number == reply.break_after:
                yield dialect.broken()
                return
            yield frame

    def _wait(self, opened: threading.Event) -> None:
        while not opened.wait(0.01) and not self.server.owner.closing.is_set():
            pass

    def _send(self, status: int, body: Json, headers: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, frames: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for frame in frames:
            content = frame.encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
