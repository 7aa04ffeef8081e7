"""A found term can be tried on any input without running for ever."""

from __future__ import annotations

import pytest

from agent.offline.synthesis.behaviour import behaviour
from agent.offline.synthesis.component import OutOfRangeError
from agent.offline.synthesis.guarded import guarded
from agent.offline.synthesis.inventory import COMPONENTS

TEMPLATES = {component.name: component.template for component in COMPONENTS}


def test_it_does_what_the_source_says() -> None:
    parts = (TEMPLATES["add"], (TEMPLATES["power"], "a", "2"), "b")
    assert guarded(parts, ("a", "b"))(3, 4) == 13


def test_it_refuses_what_the_search_would_refuse() -> None:
    function = guarded((TEMPLATES["power"], "10", (TEMPLATES["factorial"], "n")), ("n",))
    with pytest.raises(OutOfRangeError):
        function(10**9)


def test_choices_compute_one_branch_only() -> None:
    parts = ("({1} if {0} else {2})", "a", (TEMPLATES["at"], "b", "0"), "a")
    assert guarded(parts, ("a", "b"))([], []) == []


def test_behaviour_notes_failures_and_constants() -> None:
    shown = behaviour(lambda n: 1 // n and 7, [(0,), (1,), (1,)])
    assert shown.outputs == ("!", "7", "7")
    assert shown.failing == pytest.approx(1 / 3)
    assert shown.is_constant
    assert shown.at(0) == ""
