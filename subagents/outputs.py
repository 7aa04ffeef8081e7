"""What sub-agents hand back: frozen pydantic models, which the model's answer must fit."""

from __future__ import annotations

import ast
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools_registry.source import SourceError, parse

Verdict = Literal["approve", "change", "reject"]
Severity = Literal["blocker", "major", "minor"]
Subject = Literal["code", "tests"]
Side = Literal["code", "test", "open"]


class Output(BaseModel):
    """Base of all outputs: can't be changed, and has no field that nobody asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Draft(Output):
    """A proposal: code of a function, or the file of a new agent."""

    name: str = Field(description="Name of the function or agent.", max_length=64)
    signature: str = Field(
        description="`name(parameter: type, ...) -> type` on one line.", max_length=2000
    )
    source: str = Field(description="The complete code; empty only if you ask questions.")
    explanation: str = Field(default="", description="How it works, in a few sentences.")
    assumptions: tuple[str, ...] = Field(
        default=(), description="What the request leaves open and how you decided it."
    )
    questions: tuple[str, ...] = Field(
        default=(), description="What only the person can decide; none if you can go on."
    )


class Case(Output):
    """One input with the output that the request demands."""

    call: str = Field(description="One call of the function, e.g. `f([1, 2], key='a')`.")
    expected: str = Field(description="The value it must give, as a Python expression.")
    reason: str = Field(description="The words of the request that demand it.")

    @field_validator("call")
    @classmethod
    def _is_call(cls, text: str) -> str:
        if not isinstance(_expression(text), ast.Call):
            msg = f"{text[:80]!r} is not one call of a function"
            raise ValueError(msg)  # pydantic reports ValueErrors
        return text

    @field_validator("expected")
    @classmethod
    def _is_expression(cls, text: str) -> str:
        _expression(text)
        return text

    @property
    def example(self) -> str:
        """As a comparison, e.g. `f(1) == (2, 3)`."""
        sides = _expression(self.call), _expression(self.expected)
        return ast.unparse(ast.Compare(sides[0], [ast.Eq()], [sides[1]]))


class TestSuite(Output):
    """Tests of a function that its author has not seen, and who have not seen the function."""

    __test__: ClassVar[bool] = False  # pytest would take it for tests

    source: str = Field(
        description="pytest functions that import the function from `learned_skills.NAME`."
    )
    cases: tuple[Case, ...] = Field(default=(), description="Inputs and outputs, edges included.")
    properties: tuple[str, ...] = Field(
        default=(),
        description="What holds for every input that the request allows, as an expression over "
        "the parameters, e.g. `f(f(text)) == f(text)`.",
    )
    questions: tuple[str, ...] = Field(
        default=(), description="Inputs for which the request does not say what must come out."
    )

    @field_validator("properties")
    @classmethod
    def _are_expressions(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        for text in found:
            _expression(text)
        return found

    @property
    def examples(self) -> tuple[str, ...]:
        """The cases as comparisons, e.g. `f(1) == 2`."""
        return tuple(case.example for case in self.cases)


class Remark(Output):
    """One thing that a reviewer found."""

    severity: Severity = Field(description="blocker: wrong or unsafe; major: must change; minor.")
    about: Subject = Field(default="code", description="code; tests if these alone must change.")
    line: int = Field(ge=0, description="Line of the code, from 1; 0 if it is about the whole.")
    what: str = Field(description="What is wrong.")
    why: str = Field(description="Why it matters: the input that goes wrong, or the harm.")
    fix: str = Field(description="What to do instead.")


class Review(Output):
    """The judgement of a second pair of eyes."""

    verdict: Verdict = Field(description="approve, change (it can be mended), or reject.")
    findings: tuple[Remark, ...] = Field(default=(), description="The worst first.")
    summary: str = Field(description="One or two sentences for the person.")


class Decision(Output):
    """Which side of one disagreement is wrong."""

    number: int = Field(ge=1, description="Number of the test in the list.")
    wrong: Side = Field(description="code; test; open if the request does not decide.")
    why: str = Field(description="One sentence, for the person.")
    quote: str = Field(
        default="", description="Words of the person's, copied exactly; empty only if it is open."
    )
    correct: str = Field(
        default="",
        description="If the test is wrong: what it should demand of the same call, as one "
        "expression, e.g. `f(3) == 6`; empty if no expression can say it.",
    )

    @field_validator("correct")
    @classmethod
    def _is_claim(cls, text: str) -> str:
        if text.strip():
            _expression(text)
        return text.strip()


class Ruling(Output):
    """The decisions on a dispute."""

    decisions: tuple[Decision, ...] = Field(description="One for each test in dispute.")


def _expression(text: str) -> ast.expr:
    try:
        body = parse(text.strip()).body
    except SourceError as error:
        msg = f"{text[:80]!r} {error}"
        raise ValueError(msg) from None
    match body:
        case [ast.Expr(value=value)]:
            return value
    msg = f"{text[:80]!r} is not one expression"
    raise ValueError(msg)
