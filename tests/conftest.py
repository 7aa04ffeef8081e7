"""What every test relies on: nobody's settings or keys, and property tests that repeat."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tools_registry.search.weights import locate

# New random examples belong to the soak; a shared machine makes deadlines a matter of luck.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("soak", deadline=None, database=None)
settings.load_profile("soak" if "SOAK_SECONDS" in os.environ else "repeatable")


@pytest.fixture(scope="session", autouse=True)
def nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No provider's key and no setting of the person who runs the tests reaches a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name == "AGENT_WEIGHTS_DIR":
                continue  # a place, and the same weights for everybody
            if name.startswith("AGENT_") or name.endswith(("_API_KEY", "_AUTH_TOKEN")):
                patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        if weights := locate():  # they lie in the person's cache; most tests of search need them
            patch.setenv("AGENT_WEIGHTS_DIR", str(weights))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
