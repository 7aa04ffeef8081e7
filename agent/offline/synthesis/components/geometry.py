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
        "circle", "(math.pi * {0} ** 2)", "num", 5, "circle, cylinder, cone, sphere, disk, area",
        guard="abs({0}) < 10**9",
    ),
    one(
        "circumference", "(2 * math.pi * {0})", "num", 5,
        "circumference, perimeter, circle, cylinder, lateral",
    ),
    one("third", "({0} / 3)", "num", 5, "cone, pyramid, tetrahedron, third, sphere"),
    one(
        "half_of", "({0} / 2)", "num", 4,
        "half, triangle, area, trapezium, rhombus, median, radius, average",
    ),
    one("degrees", "math.degrees({0})", "num", 6, "degree, radian, angle"),
    one("radians", "math.radians({0})", "num", 6, "degree, radian, angle"),
    one("sine", "math.sin({0})", "num", 7, "sine, angle"),
    one("cosine", "math.cos({0})", "num", 7, "cosine, angle"),
    one("tangent", "math.tan({0})", "num", 7, "tangent, polygon, angle"),
)  # fmt: skip
