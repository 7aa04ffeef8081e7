"""Components for lengths, areas and volumes."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "hypotenuse", "math.hypot({0}, {1})", "num num", 6,
        "hypotenuse, distance, diagonal, magnitude, complex",
    ),
    one(
        "distance", "math.dist({0}, {1})", "numbers numbers", 6, "distance, euclidean",
        guard="len({0}) == len({1})",
    ),
    one(
        "circle", "({1} * {0} ** 2)", "num pi", 4, "circle, cylinder, cone, disk, area, volume",
        guard="abs({0}) < 10**9",
    ),
    one(
        "circumference", "(2 * {1} * {0})", "num pi", 4,
        "circumference, perimeter, circle, cylinder, lateral, surface",
    ),
    one(
        "half_turn", "({1} * {0})", "num pi", 4, "semicircle, ellipse, cone, lateral, surface, arc",
    ),
    one(
        "sphere", "(4 * {1} * {0} ** 2)", "num pi", 5, "sphere, ball, surface",
        guard="abs({0}) < 10**9",
    ),
    one(
        "ball", "(4 / 3 * {1} * {0} ** 3)", "num pi", 5, "sphere, ball, volume",
        guard="abs({0}) < 10**6",
    ),
    one("third", "({0} / 3)", "num", 5, "cone, pyramid, tetrahedron, third, sphere"),
    one(
        "half_of", "({0} / 2)", "num", 4,
        "half, triangle, area, trapezium, rhombus, median, radius, average",
    ),
    one("degrees", "math.degrees({0})", "num", 6, "degree, radian, angle"),
    one("radians", "math.radians({0})", "num", 6, "degree, radian, angle"),
    one("degrees_by", "({0} * 180 / {1})", "num pi", 6, "degree, radian, angle"),
    one("radians_by", "({0} * {1} / 180)", "num pi", 6, "degree, radian, angle"),
    one("sine", "math.sin({0})", "num", 7, "sine, angle"),
    one("cosine", "math.cos({0})", "num", 7, "cosine, angle"),
    one("tangent", "math.tan({0})", "num", 7, "tangent, polygon, angle"),
)  # fmt: skip
