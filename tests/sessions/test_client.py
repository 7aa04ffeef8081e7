"""What a kernel says about a request is complete, and what else it says does no harm."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from sessions import Limits, Session
from sessions.client import Client, KernelGone, Unanswered
from sessions.errors import KernelError

NOT_LOADED = {"zmq", "jupyter_client", "tornado", "traitlets", "ipykernel", "IPython"}

# What the kernel's own sockets are, seen from a cell without the guard.
OUTPUT_SOCKET = (
    "import os, socket, time\n"
    "def output():\n"
    "    for d in range(3, 200):\n"
    "        try: s = socket.socket(fileno=os.dup(d))\n"
    "        except OSError: continue\n"
    "        try:\n"
    "            s.getpeername()\n"
    "            if s.family == socket.AF_UNIX and str(s.getsockname()).endswith('s-2'): return s\n"
    "        except OSError: pass\n"
    "        s.close()\n"
    "def flood(piece, rounds=10**9):\n"
    "    pipe = output()\n"
    "    pipe.setblocking(True)\n"
    "    for _ in range(rounds): pipe.sendall(piece)\n"
)


@pytest.fixture
async def client(session: Session) -> AsyncIterator[Client]:
    """One more connection to the kernel of a session."""
    another = Client(session._kernel.sandbox.connection)
    await another.open()
    yield another
    await another.close()


@pytest.fixture
async def bare(workspace: Path) -> AsyncIterator[Session]:
    async with Session(workspace, Limits.quick(), policy=None) as opened:
        yield opened


async def kinds(client: Client, code: str) -> list[str]:
    return [message["msg_type"] async for message in client.execute(code)]


async def texts(client: Client, code: str) -> str:
    found = [m["content"]["text"] async for m in client.execute(code) if m["msg_type"] == "stream"]
    return "".join(found)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def test_a_cell_s_messages_come_with_reply_and_idle(client: Client) -> None:
    found = await kinds(client, "print('a'); 1")
    assert sorted(found) == [
        *("execute_input", "execute_reply", "execute_result", "status", "status", "stream")
    ]


async def test_nothing_is_missed_right_after_opening(session: Session) -> None:
    for number in range(20):
        client = Client(session._kernel.sandbox.connection)
        await client.open()
        assert await texts(client, f"print({number})") == f"{number}\n"
        await client.close()


async def test_requests_of_several_clients_are_told_apart(session: Session, client: Client) -> None:
    both = await asyncio.gather(
        *(texts(c, f"print({n})") for n, c in enumerate([session._kernel.client, client] * 10))
    )
    assert both == [f"{n}\n" for n in range(20)]


async def test_waiting_for_a_message_may_be_cancelled(client: Client) -> None:
    request = client.execute("import time; time.sleep(0.3); print('there')")
    found = []
    while True:
        try:
            found.append(await asyncio.wait_for(anext(request), 0.01))
        except TimeoutError:
            continue
        except StopAsyncIteration:
            break
    assert [m["content"]["text"] for m in found if m["msg_type"] == "stream"] == ["there\n"]


async def test_questions_are_answered_or_not(client: Client) -> None:
    async for _ in client.execute("number = 1"):
        pass
    assert "number" in json.dumps(await client.ask("variables"))
    with pytest.raises(Unanswered):
        await client.ask("what nobody knows")
    assert client._waiting == {}


async def test_a_flood_that_nobody_takes_waits_outside_and_can_be_interrupted(
    client: Client,
) -> None:
    request, before = client.execute("while True: print('x' * 10_000)"), resident()
    await asyncio.sleep(2)
    assert resident() - before < 50 << 20
    client.interrupt()
    found = [message async for message in request]
    assert any(m["msg_type"] == "error" for m in found)
    assert sum(len(m["content"]["text"]) for m in found if m["msg_type"] == "stream") > 20 << 20
    assert await texts(client, "print('well')") == "well\n"


async def test_letting_go_of_a_flood_lets_the_next_request_through(client: Client) -> None:
    request = client.execute("for _ in range(3000): print('x' * 10_000)")
    await asyncio.sleep(1)
    request.close()
    assert await texts(client, "print('next')") == "next\n"


@pytest.mark.parametrize(
    "piece",
    [
        r"b'\x01\xff' + bytes(255)",
        r"b'\x01\x00' * 1000",
        r"b'\x03' + (1 << 20).to_bytes(8, 'big') + bytes(1 << 20)",
    ],
)
async def test_endless_frames_cost_the_cell_its_kernel_and_the_host_no_memory(
    bare: Session, piece: str
) -> None:
    await bare.execute("kept = 1")
    before = resident()
    started = time.monotonic()
    execution = await bare.execute(f"{OUTPUT_SOCKET}flood({piece})")
    assert execution.status == "killed"
    assert time.monotonic() - started < 20
    assert resident() - before < 100 << 20
    assert (await bare.execute("1 + 1")).value == 2


async def test_a_kernel_that_breaks_its_connection_between_cells_is_replaced(
    bare: Session,
) -> None:
    late = (
        "import threading\n"
        "def later():\n    time.sleep(0.5)\n    flood(b'rubbish', 1)\n"
        "threading.Thread(target=later).start()"
    )
    assert (await bare.execute(OUTPUT_SOCKET + late)).ok
    await asyncio.sleep(1)
    execution = await bare.execute("1 + 1")
    assert (execution.status, execution.value) == ("ok", 2)
    assert execution.restored is not None


@pytest.mark.parametrize(
    "content",
    ["b'no json'", "b'{\"a\":' * 100_000", 'b\'{"text": "\\\\ud800", "name": "stdout"}\''],
)
async def test_what_a_cell_forges_is_left_out(session: Session, content: str) -> None:
    code = (
        "import json\n"
        "kernel = get_ipython().kernel\n"
        "parent = json.dumps(kernel.get_parent()['header'], default=str).encode()\n"
        f"parts = [b'{{\"msg_type\": \"stream\"}}', parent, b'{{}}', {content}]\n"
        "for signature in (kernel.session.sign(parts), b'0' * 64):\n"
        "    kernel.iopub_socket.send_multipart([b'<IDS|MSG>', signature, *parts])\n"
        "print('real')"
    )
    execution = await session.execute(code)
    assert (execution.status, execution.stdout) == ("ok", "real\n")


async def test_the_last_words_of_a_kernel_are_kept(session: Session) -> None:
    code = (
        "import os, time\nprint('last words', flush=True)\ntime.sleep(0.2)\nos.kill(os.getpid(), 9)"
    )
    execution = await session.execute(code)
    assert (execution.status, execution.stdout) == ("killed", "last words\n")


async def test_a_request_to_who_is_gone_says_so(client: Client) -> None:
    request = client.execute("import time; time.sleep(60)")
    await anext(request)
    client.gone()
    with pytest.raises(KernelGone):
        async for _ in request:
            pass
    with pytest.raises(KernelGone):
        await client.ask("variables")
    assert client._waiting == {}


@pytest.mark.parametrize("listens", [True, False])
async def test_who_never_answers_is_given_up(tmp_path: Path, listens: bool) -> None:
    begun = time.monotonic()
    with impostor(tmp_path, b"") if listens else nullcontext():
        client = Client(connection(tmp_path))
        with pytest.raises(KernelError, match="did not answer"):
            await client.open(seconds=0.3)
        await client.close()
    assert time.monotonic() - begun < 3


async def test_who_is_no_kernel_is_told_at_once(tmp_path: Path) -> None:
    with impostor(tmp_path, b"HTTP/1.1 400 Bad Request\r\n"):
        client = Client(connection(tmp_path))
        with pytest.raises(KernelError, match="hung up"):
            await client.open()
        await client.close()


async def test_a_path_that_can_t_be_a_socket_is_an_error(tmp_path: Path) -> None:
    client = Client(connection(tmp_path / ("x" * 150)))
    with pytest.raises(KernelError, match="can't be connected to"):
        await client.open()
    await client.close()


def test_a_session_loads_nothing_of_jupyter_on_the_host(workspace: Path) -> None:
    code = (
        "import asyncio, json, sys\n"
        "from sessions import Session\n"
        "async def main():\n"
        f"    async with Session({str(workspace)!r}) as session:\n"
        "        assert (await session.execute('1')).ok\n"
        "        await session.variables()\n"
        "asyncio.run(main())\n"
        "print(json.dumps(list(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not set(json.loads(loaded.stdout)) & NOT_LOADED


def test_a_command_that_runs_a_cell_loads_nothing_of_jupyter(workspace: Path) -> None:
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))\n"
        "from agent.cli import main\n"
        f"main(['exec', '-', '--workspace', {str(workspace)!r}])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input=b"6 * 7", check=True, capture_output=True)
    assert b"42" in done.stdout
    assert not set(json.loads(done.stderr.splitlines()[-1])) & NOT_LOADED


def connection(folder: Path) -> dict[str, Any]:
    ports = {"shell_port": 1, "iopub_port": 2, "control_port": 4}
    return {**ports, "transport": "ipc", "ip": str(folder / "s"), "key": b"key"}


@contextmanager
def impostor(folder: Path, told: bytes) -> Iterator[None]:
    """Listens as a kernel does, and says one thing to whoever calls."""

    def tell(listener: socket.socket) -> None:
        with listener.accept()[0] as peer, suppress(OSError):
            peer.sendall(told)
            while peer.recv(4096):
                pass

    folder.mkdir(exist_ok=True)
    with ExitStack() as open_things:
        for port in (1, 2, 4):
            listener = open_things.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(str(folder / f"s-{port}"))
            listener.listen()
            thread = threading.Thread(target=tell, args=(listener,))
            thread.start()
            open_things.callback(thread.join, 10)
        yield
