"""All that the synthesiser builds with."""

from __future__ import annotations

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.components import (
    aggregates,
    arithmetic,
    arrangements,
    comparisons,
    conversions,
    digits,
    divisibility,
    geometry,
    mappings,
    patterns,
    series,
    sets,
    slices,
    tables,
    tallies,
    text,
)

COMPONENTS: tuple[Component, ...] = (
    *arithmetic.COMPONENTS,
    *comparisons.COMPONENTS,
    *conversions.COMPONENTS,
    *digits.COMPONENTS,
    *divisibility.COMPONENTS,
    *series.COMPONENTS,
    *geometry.COMPONENTS,
    *text.COMPONENTS,
    *patterns.COMPONENTS,
    *slices.COMPONENTS,
    *aggregates.COMPONENTS,
    *arrangements.COMPONENTS,
    *tallies.COMPONENTS,
    *tables.COMPONENTS,
    *sets.COMPONENTS,
    *mappings.COMPONENTS,
)
