"""Numbers: primes, sequences, numerals, units, rounding."""

from __future__ import annotations

import math

from ._primes import LARGEST_DECIDED, decide_prime
from ._units import convert
from ._words import in_words

_ROMAN = {"M": 1000, "CM": 900, "D": 500, "CD": 400, "C": 100, "XC": 90, "L": 50, "XL": 40}
_ROMAN |= {"X": 10, "IX": 9, "V": 5, "IV": 4, "I": 1}
_LARGEST_FACTORED = 10**15
_LARGEST_SIEVE = 10_000_000
_LONGEST_SEQUENCE = 10_000


def is_prime(number: int) -> bool:
    """Check whether a number is a prime number: divisible by 1 and itself only.

    Args:
        number: An integer below 3.3e24.

    Returns:
        True if it is prime.

    Raises:
        ValueError: The number is not an integer, or too large to be sure.

    Examples:
        >>> is_prime(97)
        True
        >>> is_prime(1)
        False
    """
    number = _integer(number)
    if number >= LARGEST_DECIDED:
        msg = f"{number} is too large; numbers below {LARGEST_DECIDED} can be decided"
        raise ValueError(msg)
    return decide_prime(number)


def prime_factors(number: int) -> list[int]:
    """Find the prime factors of a number: its factorization, smallest first.

    Args:
        number: An integer from 1 to 1e15.

    Returns:
        The primes whose product it is, each as often as it divides it; none for 1.

    Raises:
        ValueError: The number is not such an integer.

    Examples:
        >>> prime_factors(360)
        [2, 2, 2, 3, 3, 5]
        >>> prime_factors(97)
        [97]
    """
    rest = _integer(number)
    if not 1 <= rest <= _LARGEST_FACTORED:
        msg = f"{number} can't be factored; give an integer from 1 to {_LARGEST_FACTORED}"
        raise ValueError(msg)
    factors: list[int] = []
    candidate = 2
    while candidate * candidate <= rest:
        while rest % candidate == 0:
            factors.append(candidate)
            rest //= candidate
        candidate += 1 if candidate == 2 else 2
    return [*factors, rest] if rest > 1 else factors


def primes_up_to(limit: int) -> list[int]:
    """List all prime numbers up to a limit (sieve of Eratosthenes).

    Args:
        limit: The largest number to consider, at most 10 million.

    Returns:
        The primes in order.

    Raises:
        ValueError: The limit is not an integer, or too large.

    Examples:
        >>> primes_up_to(20)
        [2, 3, 5, 7, 11, 13, 17, 19]
        >>> len(primes_up_to(10000))
        1229
    """
    limit = _integer(limit)
    if limit > _LARGEST_SIEVE:
        msg = f"{limit} is too large; the limit may be {_LARGEST_SIEVE} at most"
        raise ValueError(msg)
    sieve = bytearray([1]) * max(limit + 1, 2)
    sieve[:2] = b"\0\0"
    for number in range(2, math.isqrt(max(limit, 0)) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(sieve[number * number :: number]))
    return [number for number, prime in enumerate(sieve) if prime]


def fibonacci_numbers(count: int) -> list[int]:
    """List the first Fibonacci numbers: 0, 1, and then each the sum of the two before it.

    Args:
        count: How many, 0 to 10,000.

    Returns:
        The numbers, beginning with 0.

    Raises:
        ValueError: The count is negative or too large.

    Examples:
        >>> fibonacci_numbers(8)
        [0, 1, 1, 2, 3, 5, 8, 13]
        >>> fibonacci_numbers(0)
        []
    """
    count = _integer(count)
    if not 0 <= count <= _LONGEST_SEQUENCE:
        msg = f"can't list {count} numbers; give a count from 0 to {_LONGEST_SEQUENCE}"
        raise ValueError(msg)
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]


def to_roman(number: int) -> str:
    """Convert an integer to a Roman numeral.

    Args:
        number: An integer from 1 to 3999.

    Returns:
        The numeral in capitals.

    Raises:
        ValueError: The number is out of range.

    Examples:
        >>> to_roman(1994)
        'MCMXCIV'
        >>> to_roman(4)
        'IV'
    """
    rest = _integer(number)
    if not 1 <= rest <= 3999:
        msg = f"{number} has no Roman numeral; give an integer from 1 to 3999"
        raise ValueError(msg)
    numeral = ""
    for letters, value in _ROMAN.items():
        numeral += letters * (rest // value)
        rest %= value
    return numeral


def from_roman(numeral: str) -> int:
    """Convert a Roman numeral to an integer.

    Args:
        numeral: Such as MCMXCIV, in capitals or small letters.

    Returns:
        The number, 1 to 3999.

    Raises:
        ValueError: It is no numeral, or not written by the rules (IIII).

    Examples:
        >>> from_roman("MCMXCIV")
        1994
        >>> from_roman("iv")
        4
    """
    rest, number = numeral.strip().upper(), 0
    for letters, value in _ROMAN.items():
        while rest.startswith(letters):
            number += value
            rest = rest[len(letters) :]
    if rest or not 1 <= number <= 3999 or to_roman(number) != numeral.strip().upper():
        msg = f"{numeral!r} is not a Roman numeral from I to MMMCMXCIX"
        raise ValueError(msg)
    return number


def convert_units(value: float, unit: str, to: str) -> float:
    """Convert a value between units: length, mass (weight), temperature, time, data and more.

    Args:
        value: The value in `unit`.
        unit: Such as km, miles, ft, kg, lb, C, F, K, hours, days, m/s, mph, MB, GiB, litres.
        to: A unit of the same kind.

    Returns:
        The value in `to`, unrounded.

    Raises:
        ValueError: A unit is unknown, or the two measure different things.

    Examples:
        >>> convert_units(5, "km", "m")
        5000.0
        >>> convert_units(212, "F", "C")
        100.0
    """
    return convert(value, unit, to)


def percent_change(old: float, new: float) -> float:
    """Calculate the percent change (increase, decrease, growth) from an old value to a new one.

    Args:
        old: The value before; not 0.
        new: The value after.

    Returns:
        The change in percent of the old value: 25.0 is a quarter more, -50.0 half.

    Raises:
        ValueError: The old value is 0.

    Examples:
        >>> percent_change(80, 100)
        25.0
        >>> percent_change(200, 100)
        -50.0
    """
    if old == 0:
        msg = "there is no percent change from 0; give an old value that is not 0"
        raise ValueError(msg)
    return 100 * (new - old) / abs(old)


def round_significant(number: float, digits: int = 3) -> float:
    """Round a number to so many significant digits (significant figures).

    Args:
        number: Any number.
        digits: How many digits count, 1 or more.

    Returns:
        The rounded number.

    Raises:
        ValueError: `digits` is below 1.

    Examples:
        >>> round_significant(0.00123456, 2)
        0.0012
        >>> round_significant(123456, 3)
        123000
    """
    if digits < 1:
        msg = f"digits is {digits}; give 1 or more"
        raise ValueError(msg)
    if number == 0 or not math.isfinite(number):
        return number
    return round(number, digits - 1 - math.floor(math.log10(abs(number))))


def number_to_words(number: int) -> str:
    """Write an integer in English words: spell a number out.

    Args:
        number: An integer below 1e15, or above -1e15.

    Returns:
        The words in lower case.

    Raises:
        ValueError: The number is not such an integer.

    Examples:
        >>> number_to_words(1234)
        'one thousand two hundred and thirty-four'
        >>> number_to_words(-20)
        'minus twenty'
    """
    return in_words(_integer(number))


def _integer(number: float) -> int:
    if int(number) != number:
        msg = f"{number} is not an integer"
        raise ValueError(msg)
    return int(number)
