"""`agent exec`: cells that ask the host."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

from tests.agent.cli.conftest import COMMAND, Call, objects


def test_a_cell_looks_up_tools_and_uses_one(call: Call) -> None:
    code = """
import agent_host
found = agent_host.call("search_tools", query="turn a title into a slug", limit=2)
[tool["import"] for tool in found]
# %%
[tool["name"] for tool in agent_host.tools()]
# %%
agent_host.call("search_tools", query=5)
"""
    done = call("exec", "--json", stdin=code)
    imports, tools, wrong = objects(done)
    assert len(imports["value"]) == 2
    assert imports["value"][0].startswith("from agent_tools.")
    assert {"fetch_page", "search_tools", "tools", "youtube_transcript"} <= {*tools["value"]}
    assert "must be str, not int" in json.dumps(wrong["error"])


def test_a_page_that_nobody_can_be_asked_about_is_an_exit_code_of_its_own(call: Call) -> None:
    code = "from agent_tools.web import fetch_page\nfetch_page('https://site.example/')"
    done = call("exec", "--json", stdin=code)
    (cell,) = objects(done)
    assert "AGENT_ALLOW_HOSTS=site.example" in cell["error"]["message"]
    assert done.returncode == 3


def test_the_person_at_the_terminal_is_asked(workspace: Path) -> None:
    """Twice the same host, one question; the address is shown to who wants to see it."""
    call = "    fetch_page('https://site.example/?secret=1')\n"
    fetch = f"try:\n{call}except Exception as error:\n    print(error)\n"
    (workspace / "cell.py").write_text(f"from agent_tools.web import fetch_page\n{fetch}{fetch}")
    outside, inside = pty.openpty()
    try:
        os.write(outside, b"s\nn\n")
        done = subprocess.run(
            [*COMMAND, "exec", "cell.py"],
            cwd=workspace,
            stdin=inside,
            stdout=subprocess.PIPE,
            stderr=inside,
            timeout=90,
            check=False,
        )
        told = os.read(outside, 1 << 16).decode()
    finally:
        os.close(outside)
        os.close(inside)
    assert done.returncode == 0
    assert done.stdout.decode().count("fetch_page was not approved: the person said no") == 2
    assert told.count("let code in the kernel fetch pages from site.example") == 1
    assert '"url": "https://site.example/?secret=1"' in told
