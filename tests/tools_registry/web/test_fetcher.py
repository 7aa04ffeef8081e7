"""Real sockets: what a hostile server, name server or network can do to a fetch."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
import zlib
from pathlib import Path

import pytest

from sessions.errors import PageError, RefusedError
from tests.support.web import (
    SITE,
    Answer,
    anybody,
    fetcher,
    local,
    page,
    redirect,
    serving,
)
from tools_registry.web.fetcher import Fetcher, FetchLimits, Reply, Request
from tools_registry.web.location import Location
from tools_registry.web.policy import NetworkPolicy

METADATA = "http://169.254.169.254/latest/meta-data/"


async def get(url: str, fetch: Fetcher, admits: object = anybody) -> Reply:
    return await fetch.fetch(Request(location=Location.of(url)), admits)  # type: ignore[arg-type]  # of a test


async def answered(answer: Answer, limits: FetchLimits | None = None) -> Reply:
    async with serving({"/": answer}) as server:
        return await get(server.url(), fetcher(server, limits=limits))


async def test_a_page_comes_with_its_kind() -> None:
    async with serving({"/a?b=c": page("hello é", "Text/HTML; charset=UTF-8")}) as server:
        reply = await get(server.url("/a?b=c#part"), fetcher(server))
    assert (reply.text, reply.kind, reply.status) == ("hello é", "text/html", 200)


async def test_nothing_about_the_person_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    cookie = page("x", "text/plain", "Set-Cookie: a=b")
    async with serving({"/": cookie, "/b": page("y")}) as server:
        fetch = fetcher(server)
        await get(server.url(), fetch)
        assert (await get(server.url("/b"), fetch)).text == "y"
    names = {line.partition(":")[0].lower() for line in server.heads[1].splitlines()[1:] if line}
    assert names == {
        *("host", "user-agent", "accept", "accept-encoding", "accept-language", "connection")
    }
    assert f"Host: {SITE}:{server.port}" in server.heads[0]


async def test_this_machine_is_out_of_reach_by_default() -> None:
    async with serving({"/": page("secret")}) as server:
        for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
            policy = NetworkPolicy(ports=frozenset({server.port}))
            with pytest.raises(RefusedError, match="only public pages are fetched"):
                await get(server.url(host=host), Fetcher(policy))
    assert server.heads == []


async def test_every_address_of_a_name_must_be_allowed() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(RefusedError, match="private network"):
        await get("http://site.example/", Fetcher(NetworkPolicy(resolve=resolve)))


async def test_a_name_that_changes_its_address_leads_to_the_checked_one() -> None:
    """The first answer is good, each later one would lead elsewhere: nobody asks twice."""
    async with serving({"/": page("right")}) as right, serving({"/": page("wrong")}) as wrong:
        asked = []

        async def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

        fetch = Fetcher(local(right, resolve=resolve))
        assert (await get(right.url(), fetch)).text == "right"
        assert asked == [SITE]
        with pytest.raises(RefusedError, match="private network"):
            await get(right.url(), fetch)
    assert wrong.heads == []
    assert len(right.heads) == 1


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
async def test_unusual_ports_are_refused(port: int) -> None:
    with pytest.raises(RefusedError, match=f"port {port} is none of 443, 80|none of 80, 443"):
        await get(f"http://93.184.216.34:{port}/", Fetcher())


async def test_a_host_that_the_person_did_not_admit_is_not_even_resolved() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise AssertionError

    with pytest.raises(RefusedError, match="the person said no"):
        await get(
            "http://site.example/",
            Fetcher(NetworkPolicy(resolve=resolve)),
            lambda host: "the person said no",
        )


async def test_a_name_without_address_says_so() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(PageError, match=r"site\.example has no address"):
        await get("http://site.example/", Fetcher(NetworkPolicy(resolve=resolve)))


async def test_what_is_no_text_is_not_even_loaded() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(30)

    with pytest.raises(PageError, match="'video/mp4'"):
        await answered(endless)


async def test_redirects_are_followed_to_the_end() -> None:
    async with serving({}) as server:
        server.answers |= {
            "/": redirect("/a", 301),
            "/a": redirect("b?x=1", 307),
            "/b?x=1": redirect(f"//{SITE}:{server.port}/c", 308),
            "/c": page("there"),
        }
        reply = await get(server.url(), fetcher(server))
        assert (reply.text, str(reply.location)) == ("there", server.url("/c"))


@pytest.mark.parametrize(
    "target",
    [
        METADATA,
        "http://127.0.0.2/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "//192.168.0.1/",
        "file:///etc/passwd",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://user@site.example/",
        "http://localhost/",
        "javascript:alert(1)",
        "http://site.example:22/",
        "http://[",
        "http://a b/",
    ],
)
async def test_redirects_into_private_networks_are_refused(target: str) -> None:
    async with serving({"/": redirect(target)}) as server:
        policy = local(server, ports=frozenset({80, 443, server.port}))
        with pytest.raises(RefusedError):
            await get(server.url(), Fetcher(policy))
    assert len(server.heads) == 1


async def test_a_redirect_to_a_host_that_was_not_admitted_is_refused() -> None:
    async with serving({}) as server:
        server.answers["/"] = redirect(server.url(host="other.example"))
        with pytest.raises(RefusedError, match=r"other\.example.* is not fetched: not that one"):
            await get(
                server.url(), fetcher(server), lambda h: None if h == SITE else "not that one"
            )
    assert len(server.heads) == 1


async def test_redirects_end_somewhere() -> None:
    async with serving({"/": redirect("/")}) as server:
        with pytest.raises(PageError, match="one redirect too many: 5"):
            await get(server.url(), fetcher(server))
    assert len(server.heads) == 6


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "answered 404: there is no such page"),
        (b"HTTP/1.1 999 No\r\n\r\n", "it is no HTTP"),
        (b"HTTP/2 200\r\n\r\n", "it is no HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "it is no HTTP"),
        (b"", "it ends before it is whole"),
        (b"HTTP/1.1 200 OK\r\n", "it ends before it is whole"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "a header of it is none"),
        (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "a header of it is none"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "a header of it is none"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 20_000 + b"\r\n\r\n", "a line of it is too long"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000, "a line of it is too long"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, "it goes on saying"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "ends 4 bytes too soon"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -9\r\n\r\n", "its length is no number"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "no number"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "larger than 8.0 MB"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "transfer encoding"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not chunked"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "not chunked"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "6 bytes too soon"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", "larger than"),
        (page(b"%PDF-1.7", "application/pdf"), "is a PDF file"),
        (page(b"\x89PNG", "image/png"), "of the kind 'image/png'"),
        (page(b"x", "application/octet-stream"), "octet-stream"),
        (page(b"x", "text/plain", "Content-Encoding: br"), "packed as 'br'"),
        (page(b"x" * 30, "text/plain", "Content-Encoding: gzip"), "can't be unpacked"),
        (page(gzip.compress(b"x" * 99)[:-9], "text/plain", "Content-Encoding: gzip"), "damaged"),
    ],
)
async def test_what_can_not_be_read_says_why(answer: bytes, said: str) -> None:
    with pytest.raises(PageError, match=said):
        await answered(answer)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.0 200 OK\nContent-Type: text/plain\n\nto the end", "to the end"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n1\nc\r\n0\r\n\r\n",
            "abc",
        ),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + page("later"), "later"),
        (page(b"only this much") + b" and no more", "only this much"),
        (page(gzip.compress(b"packed"), "text/plain", "Content-Encoding: gzip"), "packed"),
        (page(zlib.compress(b"packed"), "text/plain", "Content-Encoding: deflate"), "packed"),
        (page(zlib.compress(b"packed")[2:-4], "text/plain", "Content-Encoding: deflate"), "packed"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (page('{"a": 1}', "application/ld+json"), '{"a": 1}'),
        (page("<a/>", "application/atom+xml"), "<a/>"),
        (page("größe".encode("latin-1"), "text/plain; charset=iso-8859-1"), "größe"),
        (page("“x”".encode("cp1252"), "text/plain"), "“x”"),
        (page("größe".encode("latin-1"), 'text/html; charset="nonsense"'), "größe"),
        (page("größe".encode(), "text/html; charset=idna"), "größe"),
        (page("日本".encode("shift_jis"), "text/plain; charset=Shift_JIS"), "日本"),
        (page("\ufeffx".encode("utf-16"), "text/plain"), "\ufeffx"),
        (page("<meta charset=koi8-r>мир".encode("koi8-r")), "<meta charset=koi8-r>РјРёСЂ"[:21]),
        (
            page("<meta charset=koi8-r>мир".encode("koi8-r"), "text/html"),
            "<meta charset=koi8-r>мир",
        ),
        (page(b"\xff\x00\xfe", "text/plain; charset=utf-8"), "\ufffd\x00\ufffd"),
    ],
)
async def test_odd_but_readable_answers_are_read(answer: bytes, text: str) -> None:
    assert (await answered(answer)).text.startswith(text)


@pytest.mark.parametrize("bomb", ["gzip", "plain", "chunked"])
async def test_no_more_is_read_than_may_be(bomb: str) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        chunked = bomb == "chunked"
        coding = b"Transfer-Encoding: chunked\r\n" if chunked else b""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + coding + b"\r\n")
        for _ in range(1000):
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n" if chunked else b"x" * 65536)
            await writer.drain()

    packed = page(gzip.compress(bytes(50_000_000)), "text/plain", "Content-Encoding: gzip")
    with pytest.raises(PageError, match=r"larger than 1\.0 MB"):
        await answered(packed if bomb == "gzip" else endless, FetchLimits(size=1_000_000))


@pytest.mark.parametrize("part", ["head", "header", "body", "chunk", "nothing"])
async def test_a_server_that_dawdles_is_left(part: str) -> None:
    begin = {
        "head": b"HTTP/1.1 2",
        "header": b"HTTP/1.1 200 OK\r\nA: ",
        "body": b"HTTP/1.1 200 OK\r\n\r\n",
        "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1",
        "nothing": b"",
    }[part]

    async def slowly(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        for _ in range(200 if part != "nothing" else 20):
            writer.write(b"" if part == "nothing" else b"0")
            await writer.drain()
            await asyncio.sleep(0.05)

    with pytest.raises(PageError, match=r"took longer than 0\.3 s"):
        await answered(slowly, FetchLimits(seconds=0.3))


async def test_a_closed_port_says_so() -> None:
    async with serving() as server:
        pass
    with pytest.raises(PageError, match="can't be reached"):
        await get(server.url(), fetcher(server))


async def test_a_broken_connection_says_so() -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        await writer.drain()
        writer.transport.abort()

    with pytest.raises(PageError, match=r"too soon|broke"):
        await answered(reset)


async def test_a_fetch_can_be_cancelled() -> None:
    asked = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.sleep(30)

    async with serving({"/": silent}) as server:
        fetching = asyncio.create_task(get(server.url(), fetcher(server)))
        await asked.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching


async def test_few_are_fetched_at_once() -> None:
    waiting = 0
    most = 0

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0.05)
        waiting -= 1
        writer.write(page("x"))

    async with serving({"/": slow}) as server:
        fetch = fetcher(server)
        await asyncio.gather(*(get(server.url(), fetch) for _ in range(12)))
    assert most == 4


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Certificate and key of `site.example`, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-keyout", str(key), "-out", str(cert)]
    command += ["-subj", f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl can't make a certificate here")
    return cert, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


async def test_tls_is_verified_against_the_name_not_the_address(
    certificate: tuple[Path, Path], tls: ssl.SSLContext
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    async with serving({"/": page("over tls")}, tls) as server:
        reply = await get(server.url(scheme="https"), fetcher(server, trusting))
        assert reply.text == "over tls"
        with pytest.raises(PageError, match=r"certificate of other\.example is not valid"):
            await get(server.url(host="other.example", scheme="https"), fetcher(server, trusting))
        with pytest.raises(PageError, match=r"certificate of site\.example is not valid"):
            await get(server.url(scheme="https"), fetcher(server))
    assert len(server.heads) == 1


async def test_https_never_leads_to_http(
    certificate: tuple[Path, Path], tls: ssl.SSLContext
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    async with serving({}, tls) as server:
        server.answers["/"] = redirect(server.url("/b"))
        with pytest.raises(RefusedError, match="from https to http"):
            await get(server.url(scheme="https"), fetcher(server, trusting))


def test_limits_have_their_units() -> None:
    limits = FetchLimits()
    assert (limits.seconds, limits.size, limits.redirects) == (30, 8_000_000, 5)
