"""Components for divisors, primes and counting."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

_PRIME = "{0} > 1 and all({0} % d for d in range(2, math.isqrt({0}) + 1))"

COMPONENTS = (
    one(
        "gcd", "math.gcd({0}, {1})", "int int", 4,
        "gcd, common divisor, greatest common, hcf, coprime", symmetric=True,
    ),
    one(
        "lcm", "math.lcm({0}, {1})", "int int", 4, "lcm, common multiple, least common",
        symmetric=True,
    ),
    one(
        "factorial", "math.factorial({0})", "int", 5, "factorial, ways, arrangement, permutation",
        guard="0 <= {0} < 25",
    ),
    one(
        "choose", "math.comb({0}, {1})", "int int", 5,
        "binomial, choose, combination, coefficient, ncr, pascal",
        guard="0 <= {0} < 60 and 0 <= {1} < 60",
    ),
    one(
        "arrange", "math.perm({0}, {1})", "int int", 6, "permutation, npr, arrangement",
        guard="0 <= {0} < 25 and 0 <= {1} < 25",
    ),
    one(
        "central_binomial", "math.comb(2 * {0}, {0})", "int", 7,
        "binomial, catalan, lattice, paths, sequence", guard="0 <= {0} < 30",
    ),
    one(
        "divisors", "[d for d in range(1, {0} + 1) if {0} % d == 0]", "int", 5, "divisor, factor",
        guard="{0} <= 1500", inside=False,
    ),
    one(
        "proper_divisors", "[d for d in range(1, {0}) if {0} % d == 0]", "int", 6,
        "divisor, proper, perfect, factor, amicable, abundant", guard="{0} <= 1500", inside=False,
    ),
    one(
        "divisor_sum", "sum(d for d in range(1, {0}) if {0} % d == 0)", "int", 6,
        "divisor, perfect, amicable, abundant, sum of divisors", guard="{0} <= 1500",
    ),
    one(
        "divisor_count", "sum({0} % d == 0 for d in range(1, {0} + 1))", "int", 6,
        "divisor, factor, count of divisors, number of divisors", guard="{0} <= 1500",
    ),
    one(
        "common_divisors",
        "[d for d in range(1, min({0}, {1}) + 1) if {0} % d == 0 and {1} % d == 0]", "int int", 7,
        "common divisor, common factor", guard="max({0}, {1}) <= 1500", inside=False,
    ),
    one("is_prime", f"({_PRIME})", "int", 6, "prime", guard="{0} <= 10**6"),
    one(
        "is_composite", f"(not ({_PRIME}))", "int", 7, "non prime, not prime, composite",
        guard="{0} <= 10**6",
    ),
    one(
        "primes_below",
        "[p for p in range(2, {0}) if all(p % d for d in range(2, math.isqrt(p) + 1))]", "int", 6,
        "prime, primes less than, prime below", guard="{0} <= 400", inside=False,
    ),
    one(
        "primes_up_to",
        "[p for p in range(2, {0} + 1) if all(p % d for d in range(2, math.isqrt(p) + 1))]", "int",
        6, "prime, up to, primes upto", guard="{0} <= 400", inside=False,
    ),
    one(
        "prime_divisors",
        (
            "[p for p in range(2, {0} + 1) if {0} % p == 0 and all(p % d for d in range(2, "
            "math.isqrt(p) + 1))]"
        ),
        "int", 7, "prime factor, prime divisor, prime", guard="{0} <= 1500", inside=False,
    ),
    one(
        "is_square", "(math.isqrt({0}) ** 2 == {0})", "int", 5,
        "perfect square, square number, square", guard="{0} >= 0",
    ),
    one(
        "is_cube", "(round({0} ** (1 / 3)) ** 3 == {0})", "int", 7, "perfect cube, cube number",
        guard="0 <= {0} < 10**12",
    ),
    one(
        "is_power_of_two", "({0} > 0 and {0} & ({0} - 1) == 0)", "int", 6,
        "power of two, bit, one bit, power of 2",
    ),
    one("all_gcd", "math.gcd(*{0})", "ints", 5, "gcd, common divisor, greatest common"),
    one("all_lcm", "math.lcm(*{0})", "ints", 5, "lcm, common multiple"),
)  # fmt: skip
