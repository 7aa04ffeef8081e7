"""Transcripts, from a server that answers in the forms that YouTube's do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import PageError, UsageError
from sessions.kernel.lines import MOST_ANSWER
from tests.support.web import Answer, Server, anybody, fetcher, page, serving
from tools_registry.web.captions import in_watch_page, parsed, segments
from tools_registry.web.video import video_id
from tools_registry.web.youtube import YouTube

ID = "dQw4w9WgXcQ"
PLAYER = "/youtubei/v1/player"
SAID = {
    "wireMagic": "pb3",
    "events": [
        {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
        {"tStartMs": 500, "dDurationMs": 2000, "segs": [{"utf8": "two"}, {"utf8": " penguins\n"}]},
        {"tStartMs": 2500, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 2500, "dDurationMs": 1500, "segs": [{"utf8": "walk", "tOffsetMs": 80}]},
    ],
}


def json_page(data: object) -> bytes:
    return page(json.dumps(data), "application/json; charset=UTF-8")


def track(language: str, kind: str = "", query: str = "", origin: str = "") -> dict[str, Any]:
    url = f"{origin}/api/timedtext?v={ID}&lang={language}&fmt=srv3{query}"
    name = {"runs": [{"text": language.upper()}]} if kind else {"simpleText": language.upper()}
    found = {"baseUrl": url, "name": name, "languageCode": language, "isTranslatable": True}
    return {**found, "kind": kind} if kind else found


def told(*tracks: dict[str, Any], status: str = "OK", reason: str = "") -> dict[str, Any]:
    captions = {"playerCaptionsTracklistRenderer": {"captionTracks": list(tracks)}}
    return {
        "playabilityStatus": {"status": status, **({"reason": reason} if reason else {})},
        "videoDetails": {"videoId": ID, "title": "Two penguins"},
        **({"captions": captions} if tracks else {}),
    }


async def transcript(
    answers: dict[str, Answer], language: str = "en", video: str = ID
) -> tuple[dict[str, Any], Server]:
    async with serving(answers) as server:
        youtube = YouTube(fetcher(server), server.url())
        return await youtube.transcript(video, language, anybody), server


async def test_what_was_said_and_when() -> None:
    answers: dict[str, Answer] = {PLAYER: json_page(told(track("en")))}
    found, server = await transcript({**answers, "/api/timedtext": json_page(SAID)})
    assert found == {
        "video": ID,
        "title": "Two penguins",
        "language": "en",
        "generated": False,
        "segments": [
            {"start": 0.5, "duration": 2.0, "text": "two penguins"},
            {"start": 2.5, "duration": 1.5, "text": "walk"},
        ],
        "truncated": False,
    }
    asked = json.loads(server.bodies[0])
    assert asked["videoId"] == ID
    assert asked["context"]["client"]["clientName"] == "ANDROID"
    assert "com.google.android.youtube/" in server.heads[0]
    assert "fmt=json3" in server.heads[1]
    assert "srv3" not in server.heads[1]


@pytest.mark.parametrize(
    ("language", "chosen"),
    [("en", "en"), ("EN", "en"), ("de", "de"), ("pt", "pt-BR"), ("de-AT", "de"), ("fr", "fr")],
)
async def test_people_come_before_machines(language: str, chosen: str) -> None:
    tracks = [track("en", "asr"), track("de", "asr"), track("de"), track("en"), track("pt-BR")]
    tracks += [track("fr", "asr")]
    answers: dict[str, Answer] = {PLAYER: json_page(told(*tracks))}
    answers["/api/timedtext"] = json_page(SAID)
    found, server = await transcript(answers, language)
    assert (found["language"], found["generated"]) == (chosen, chosen == "fr")
    assert f"lang={chosen}&" in server.heads[-1]
    assert "kind=" not in server.heads[-1]


@pytest.mark.parametrize(
    ("player", "said"),
    [
        (told(), "has no captions"),
        (
            told(track("de"), track("fr", "asr")),
            r"no captions in 'en'; it has: 'de, fr \(generated\)'",
        ),
        (told(status="LOGIN_REQUIRED", reason="This video is private"), "private.*without login"),
        (told(status="ERROR", reason="Video unavailable"), "Video unavailable'$"),
        (
            told(status="LOGIN_REQUIRED", reason="Sign in to confirm you\u2019re not a bot"),
            "without login",
        ),
        (told(status="UNPLAYABLE"), "can't be seen: 'UNPLAYABLE'"),
        (told(track("en", query="&exp=xpe")), "to its own players alone"),
        ({}, "tells nothing of the video"),
        ([], "tells nothing of the video"),
        ({"playabilityStatus": 5, "captions": [], "videoDetails": None}, "tells nothing"),
        (
            {
                "playabilityStatus": {"status": "OK"},
                "captions": {"playerCaptionsTracklistRenderer": 1},
            },
            "has no captions",
        ),
    ],
)
async def test_why_there_is_no_transcript(player: object, said: str) -> None:
    watch = page(f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>")
    with pytest.raises(PageError, match=said):
        await transcript({PLAYER: json_page(player), "/watch": watch})


async def test_the_next_way_is_tried() -> None:
    """The apps are not served; the page of the video has captions that everybody gets."""
    watch = f"<script>var ytInitialPlayerResponse = {json.dumps(told(track('en')))};var a</script>"
    answers: dict[str, Answer] = {"/watch": page(watch), "/api/timedtext": json_page(SAID)}
    found, server = await transcript(answers)
    assert len(found["segments"]) == 2
    clients = [json.loads(body)["context"]["client"]["clientName"] for body in server.bodies[:2]]
    assert clients == ["ANDROID", "IOS"]


async def test_captions_that_come_empty_are_no_transcript() -> None:
    answers: dict[str, Answer] = {PLAYER: json_page(told(track("en")))}
    answers |= {"/api/timedtext": page("", "text/html"), "/watch": page("")}
    with pytest.raises(PageError, match="to its own players alone"):
        await transcript(answers)


async def test_captions_elsewhere_are_not_fetched() -> None:
    async with serving({"/api/timedtext": json_page(SAID)}) as other:
        elsewhere = track("en", origin=other.url(host="other.example"))
        answers: dict[str, Answer] = {PLAYER: json_page(told(elsewhere)), "/watch": page("")}
        with pytest.raises(PageError, match="to its own players alone"):
            await transcript(answers)
        assert other.heads == []


async def test_what_comes_is_plain_data() -> None:
    player = told(track("en"))
    player["videoDetails"]["title"] = "\x1b[2J two\n\ud800\u202e"
    said = {"events": [{"tStartMs": 1e300, "dDurationMs": -1, "segs": [{"utf8": "\x1b]0;x\x07a"}]}]}
    answers: dict[str, Answer] = {PLAYER: json_page(player), "/api/timedtext": json_page(said)}
    found, _ = await transcript(answers)
    assert found["title"] == "[2J two ?"
    assert found["segments"] == [{"start": 1e6, "duration": 0.0, "text": "]0;xa"}]
    json.dumps(found, allow_nan=False)


async def test_a_long_talk_fits_an_answer() -> None:
    event = {"tStartMs": 1, "dDurationMs": 1, "segs": [{"utf8": "\U0001f427" * 50}]}
    answers: dict[str, Answer] = {PLAYER: json_page(told(track("en")))}
    answers["/api/timedtext"] = json_page({"events": [event] * 5000})
    found, _ = await transcript(answers)
    assert found["truncated"]
    assert 500 < len(found["segments"]) < 5000
    assert len(json.dumps(found)) < MOST_ANSWER - 1000


@pytest.mark.parametrize(
    "video",
    [
        ID,
        f" {ID}\n",
        f"https://www.youtube.com/watch?v={ID}",
        f"http://youtube.com/watch?feature=share&v={ID}&t=42s#x",
        f"https://m.youtube.com/watch?v={ID}",
        f"https://music.youtube.com/watch?v={ID}&list=RD",
        f"youtube.com/watch?v={ID}",
        f"https://youtu.be/{ID}",
        f"youtu.be/{ID}?si=abc&t=1",
        f"https://www.youtube.com/shorts/{ID}",
        f"https://www.youtube.com/live/{ID}?feature=share",
        f"https://www.youtube.com/embed/{ID}?start=3",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f"https://www.youtube.com/v/{ID}",
        f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{ID}%26feature%3Dshare",
    ],
)
def test_all_forms_of_an_address(video: str) -> None:
    assert video_id(video) == ID


@pytest.mark.parametrize(
    "video",
    [
        "",
        "hello",
        f"{ID}x",
        "https://www.youtube.com/",
        "https://www.youtube.com/@channel",
        f"https://evil.example/watch?v={ID}",
        f"https://youtube.com.evil.example/watch?v={ID}",
        f"ftp://youtube.com/watch?v={ID}",
        "https://youtu.be/../../etc",
        "https://[",
        "a" * 5000,
        f"https://notyoutube.com/watch?v={ID}",
        "https://www.youtube.com/playlist?list=PL123",
    ],
)
def test_what_is_no_video_says_so(video: str) -> None:
    with pytest.raises(UsageError, match="is no video of YouTube: give its address"):
        video_id(video)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["events", "segs", "utf8", "captions", "captionTracks", "name", "runs"])
            | st.sampled_from(["playabilityStatus", "playerCaptionsTracklistRenderer", "baseUrl"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(data=_JSON)
def test_any_answer_is_understood_or_nothing(data: object) -> None:
    text = json.dumps(data)
    assert isinstance(parsed(text).tracks, tuple)
    assert isinstance(in_watch_page(f"ytInitialPlayerResponse = {text};").tracks, tuple)
    assert all(part["text"] for part in segments(text))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"events": [[[]]]}', "NaN"])
def test_what_is_no_json_is_nothing(text: str) -> None:
    assert segments(text) == []
    assert parsed(text).tracks == ()
    assert in_watch_page(f"ytInitialPlayerResponse = {{{text}").tracks == ()
