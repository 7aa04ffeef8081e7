"""What may be asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import UsageError
from sessions.packages.requirements import canonical, missing, parsed


@pytest.mark.parametrize(
    ("text", "given_to_pip"),
    [
        ("polars", "polars"),
        ("polars >= 1, < 2", "polars<2,>=1"),
        ("dask[array, distributed]==2024.1", "dask[array,distributed]==2024.1"),
        ("zope.interface", "zope.interface"),
    ],
)
def test_names_with_extras_and_versions_are_taken(text: str, given_to_pip: str) -> None:
    assert [canonical(requirement) for requirement in parsed([text])] == [given_to_pip]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-r evil.txt",
        "--index-url=https://evil.example",
        "-e .",
        ".",
        "./package",
        "/tmp/x.whl",
        "x.whl @ file:///tmp/x.whl",
        "polars @ https://evil.example/polars-1-py3-none-any.whl",
        "git+https://evil.example/x",
        "polars; python_version > '3'",
        "polars --global-option=x",
        "polars\n--index-url https://evil.example",
        "polars\x00",
        "polars;rm -rf /",
        "$(touch x)",
        "pоlars",  # noqa: RUF001 -- a Cyrillic o
        "p" * 500,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"not the name of a package|has a"):
        parsed([text])


def test_nothing_and_too_much_are_refused() -> None:
    for texts in ([], ["a"] * 51):
        with pytest.raises(UsageError, match="name one to 50"):
            parsed(texts)


@given(st.text(max_size=40))
def test_what_pip_gets_is_never_an_option_a_path_or_an_address(text: str) -> None:
    try:
        [requirement] = parsed([text])
    except UsageError:
        return
    told = canonical(requirement)
    assert told[0].isalnum()
    assert not set(told) & set("/\\@; \t\n:'\"$")


def test_what_is_there_is_left_out_and_never_replaced() -> None:
    there = {"numpy": "2.3.1", "zope-interface": "7.0"}
    wanted = parsed(["NumPy>=2", "Zope_Interface", "numpy[extra]", "polars"])
    assert [canonical(r) for r in missing(wanted, there)] == ["numpy[extra]", "polars"]
    with pytest.raises(UsageError, match=r"numpy 2\.3\.1 is there already and is not replaced"):
        missing(parsed(["numpy<2"]), there)
