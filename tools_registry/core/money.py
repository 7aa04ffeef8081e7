"""Money over time: interest, loans, growth. Rates are percent a year."""

from __future__ import annotations

import math


def compound_interest(amount: float, rate: float, years: float, times_a_year: int = 1) -> float:
    """Calculate compound interest: what an amount grows to (future value) at a yearly rate.

    Args:
        amount: Money at the beginning.
        rate: Interest in percent a year, above -100.
        years: How long, 0 or more.
        times_a_year: How often interest is added: 1 yearly, 12 monthly, 365 daily.

    Returns:
        The money at the end, unrounded, in the same currency.

    Raises:
        ValueError: `rate`, `years` or `times_a_year` is out of range.

    Examples:
        >>> compound_interest(1000, rate=5, years=2)
        1102.5
        >>> round(compound_interest(1000, 5, 1, times_a_year=12), 2)
        1051.16
    """
    if times_a_year < 1 or years < 0 or rate / times_a_year <= -100:
        msg = f"rate {rate}, years {years} or times_a_year {times_a_year} is out of range"
        raise ValueError(msg)
    return amount * math.pow(1 + rate / 100 / times_a_year, times_a_year * years)


def loan_payment(amount: float, rate: float, years: float) -> float:
    """Calculate the monthly payment (instalment, annuity) of a loan or mortgage.

    Args:
        amount: Money that is borrowed.
        rate: Interest in percent a year, 0 or more.
        years: Time to pay it back in equal monthly payments, above 0.

    Returns:
        The payment a month, unrounded, in the same currency.

    Raises:
        ValueError: `rate` or `years` is out of range.

    Examples:
        >>> round(loan_payment(200_000, rate=3.5, years=30), 2)
        898.09
        >>> loan_payment(1200, rate=0, years=1)
        100.0
    """
    months = round(years * 12)
    if months < 1 or rate < 0:
        msg = f"rate {rate} or years {years} is out of range; give 0 or more, and a month or more"
        raise ValueError(msg)
    monthly = rate / 1200
    if monthly == 0:
        return amount / months
    return -amount * monthly / math.expm1(-months * math.log1p(monthly))


def growth_rate(first: float, last: float, years: float) -> float:
    """Calculate the yearly growth rate from a first to a last value (CAGR, average growth).

    Args:
        first: Value at the beginning, above 0.
        last: Value at the end, 0 or more.
        years: Time between them, above 0.

    Returns:
        The growth in percent a year that leads from one to the other, unrounded.

    Raises:
        ValueError: A value is out of range.

    Examples:
        >>> round(growth_rate(100, 121, years=2), 9)
        10.0
        >>> growth_rate(100, 50, years=1)
        -50.0
    """
    if first <= 0 or last < 0 or years <= 0:
        msg = f"first {first}, last {last} or years {years} is out of range; all must be above 0"
        raise ValueError(msg)
    return 100 * (math.pow(last / first, 1 / years) - 1)
