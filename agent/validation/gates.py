"""All gates, the cheapest first."""

from __future__ import annotations

from agent.validation.gate import HIGH, LOW, MEDIUM, Gate
from agent.validation.running import behaviour, generality, mutation, performance, properties
from agent.validation.static import (
    dependencies,
    lint,
    policy,
    secret_values,
    security,
    syntax,
    typecheck,
)

GATES: tuple[Gate, ...] = (
    Gate(signal="syntax", judge=syntax.syntax, cost=0.1, weight=HIGH),
    Gate(signal="evidence", judge=syntax.evidence_given, cost=0.1, weight=HIGH),
    Gate(signal="policy", judge=policy.policy, cost=0.5, weight=HIGH),
    Gate(signal="secrets", judge=secret_values.secrets, cost=0.6, weight=HIGH),
    Gate(signal="dangers", judge=security.dangerous_code, cost=0.8, weight=HIGH),
    Gate(signal="dependencies", judge=dependencies.dependencies, cost=1, weight=MEDIUM),
    Gate(signal="lint", judge=lint.lint, cost=15, weight=MEDIUM),
    Gate(signal="security", judge=security.security, cost=16, weight=HIGH),
    Gate(signal="examples", judge=behaviour.examples, cost=20, needs_kernel=True, weight=HIGH),
    Gate(signal="tests", judge=behaviour.tests, cost=30, needs_kernel=True, weight=HIGH),
    Gate(signal="types", judge=typecheck.types, cost=200, weight=MEDIUM),
    Gate(signal="generality", judge=generality.generality, cost=100, needs_kernel=True),
    Gate(signal="mutation", judge=mutation.mutation, cost=101, needs_kernel=True, weight=LOW),
    Gate(
        signal="performance", judge=performance.performance, cost=150, needs_kernel=True, weight=LOW
    ),
    Gate(signal="properties", judge=properties.properties, cost=300, needs_kernel=True, weight=LOW),
)
