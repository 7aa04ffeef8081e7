"""Which skill imports which, and in which order that puts them."""

from __future__ import annotations

import ast
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.skills.dependencies import Graph, imports_of, may_import_skills
from tools_registry.source import SourceError


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import json", ()),
        ("from learned_skills.b import b\nfrom learned_skills.a import a, b", ("a", "b")),
        ("import learned_skills.a, learned_skills.b as c", ("a", "b")),
        ("from learned_skills.a.b import c", ("a",)),
        ("def f():\n    if 1:\n        from learned_skills.a import a", ("a",)),
        ("from \uff4cearned_skills.a import a", ("a",)),
        ("from learned_skills_of_mine import a", ()),
        ("x = 'from learned_skills.a import a'", ()),
    ],
)
def test_imports_are_found_wherever_they_are(source: str, names: tuple[str, ...]) -> None:
    assert imports_of(ast.parse(source)) == names
    assert may_import_skills(source) or not names


@pytest.mark.parametrize(
    "source",
    [
        "import learned_skills",
        "import learned_skills as skills",
        "from learned_skills import a",
        "from learned_skills import *",
        "from . import a",
        "from.a import a",
        "from \\\n  .a import a",
    ],
)
def test_an_import_that_does_not_name_one_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(SourceError, match="import each skill by name") as caught:
        imports_of(ast.parse("\n\n" + source))
    assert caught.value.line == 3
    assert may_import_skills(source)


CHAIN = {"a": (), "b": ("a",), "c": ("b",), "d": ("a", "c"), "alone": ("absent",)}


def test_what_is_imported_comes_first() -> None:
    graph = Graph(CHAIN)

    assert graph.order.index("a") < graph.order.index("b") < graph.order.index("c")
    assert graph.dependencies("d") == ("a", "b", "c")
    assert graph.dependents("a") == ("b", "c", "d")
    assert graph.dependents("d") == graph.dependencies("alone") == ()
    assert (graph.cyclic, graph.cycles(), graph.cycle_of("a")) == ((), [], ())


def test_cycles_are_told_with_what_builds_on_them() -> None:
    graph = Graph({**CHAIN, "a": ("c",), "me": ("me",)})

    assert graph.order == ("alone",)
    assert graph.cyclic == ("a", "b", "c", "d", "me")
    assert graph.cycles() == [("a", "c", "b", "a"), ("me", "me")]
    assert graph.cycle_of("b") == ("b", "a", "c", "b")
    assert graph.cycle_of("d") == ()


def test_a_chain_of_many_needs_no_stack() -> None:
    names = [f"s{n}" for n in range(20_000)]
    imports = dict(zip(names, [(), *((name,) for name in names)], strict=False))

    assert Graph(imports).order == tuple(names)
    assert len(Graph(imports).dependents("s0")) == 19_999
    assert len(Graph({**imports, "s0": ("s19999",)}).cycles()[0]) == 20_001


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.frozensets(NAMES, max_size=4)))
def test_any_graph(imports: dict[str, frozenset[str]]) -> None:
    graph = Graph(imports)

    assert sorted((*graph.order, *graph.cyclic)) == sorted(imports)
    for name in graph.order:
        known = {other for other in imports[name] if other in imports}
        assert known <= set(graph.order[: graph.order.index(name)])
        assert graph.cycle_of(name) == ()
    for cycle in graph.cycles():
        assert cycle[0] == cycle[-1]
        assert all(b in imports[a] for a, b in itertools.pairwise(cycle))
    assert bool(graph.cyclic) == bool(graph.cycles()) == any(map(graph.cycle_of, imports))
    for name in imports:
        for other in imports:
            assert (other in graph.dependents(name)) == (name in graph.dependencies(other))
