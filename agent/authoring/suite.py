"""The tests in hand: written from the request, corrected where a referee says so."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from agent.authoring.test_module import Place, TestModule, assertion_of
from agent.validation.assertions import Claim, NotSimpleError, claims_of
from agent.validation.examples import read_examples
from subagents.outputs import TestSuite


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Tests of one function.

    Attributes:
        name: The function.
        source: Test functions, which import it from `learned_skills.NAME`.
        properties: What holds for any input, as expressions.
        notes: What was changed and why, a line each.
        written: How many assertions there were at first.
        struck: How many were taken out and not replaced.
    """

    name: str
    source: str
    properties: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    written: int = 0
    struck: int = 0

    @classmethod
    def of(cls, name: str, suite: TestSuite, examples: Iterable[str] = ()) -> Self:
        """What a tester wrote, without what contradicts the person.

        Args:
            name: The function.
            suite: The tests; cases that no test function holds become one.
            examples: What the person said must hold.
        """
        examples = tuple(examples)
        module = TestModule(name, suite.source)
        there = set(module.assertions)
        if missing := [case for case in suite.examples if case not in there]:
            module.add("test_cases", missing)
        wrong = [claim for claim in _claims(module, name) if stated(claim, examples) is False]
        notes = tuple(f"{claim.text} went: the person said otherwise" for claim in wrong)
        module.change({(claim.test, claim.text): "" for claim in wrong})
        return cls(
            name=name,
            source=module.source,
            properties=suite.properties,
            notes=notes,
            written=len(module.assertions),
        )

    @property
    def is_thin(self) -> bool:
        """Whether more was taken out than was left."""
        left = len(TestModule(self.name, self.source).assertions)
        return self.struck > 0 and left <= self.struck

    def changed(self, changes: Mapping[Place, str], notes: Iterable[str]) -> Self:
        """The same, demanding something else at some places.

        Args:
            changes: What to demand at a place; "" to demand nothing there. A property is at the
                place ("", PROPERTY).
            notes: What is said of the changes.
        """
        module = TestModule(self.name, self.source)
        module.change(changes)
        struck = [test for (test, _), text in changes.items() if test and not text]
        return replace(
            self,
            source=module.source,
            properties=tuple(p for p in self.properties if ("", p) not in changes),
            notes=(*self.notes, *notes),
            struck=self.struck + len(struck),
        )

    def joined(self, other: Suite) -> Self:
        """These tests and others for the same function."""
        module, more = TestModule(self.name, self.source), TestModule(self.name, other.source)
        module.join(more)
        return replace(
            self,
            source=module.source,
            properties=tuple(dict.fromkeys([*self.properties, *other.properties])),
            notes=(*self.notes, *other.notes),
            written=self.written + other.written,
        )

    def saying(self, examples: Iterable[str]) -> str:
        """The module with a test of what the person said."""
        found = [assertion_of(self.name, e) for e in read_examples(examples, self.name)]
        module = TestModule(self.name, self.source)
        there = set(module.assertions)
        if claims := [claim for claim in found if claim and claim not in there]:
            module.add("test_examples", claims)
        return module.source


def stated(claim: Claim, examples: Iterable[str]) -> bool | None:
    """What the person's examples say of a claim: true, false, or None if they don't decide it."""
    known = {
        (name, repr(example.arguments)): example.expected
        for name in {ast.unparse(call.func) for call in claim.calls}
        for example in read_examples(examples, name)
    }
    values = {}
    for call, (positional, named) in claim.calls.items():
        key = (ast.unparse(call.func), repr(positional))
        if named or key not in known:
            return None
        values[call] = known[key]
    try:
        return claim.holds(values)
    except NotSimpleError:
        return None


def claim_of(text: str, name: str) -> Claim | None:
    """An expression as a claim of one function; None if it can't be judged here."""
    module = TestModule(name, "")
    module.add("test_it", [text])
    claims = claims_of(module.tests[0], name)
    return claims[0] if claims else None


def _claims(module: TestModule, name: str) -> list[Claim]:
    return [claim for test in module.tests for claim in claims_of(test, name) or ()]
