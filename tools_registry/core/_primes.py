"""Whether a large number is prime, by the test of Miller and Rabin."""

# These witnesses prove or disprove every number below the limit.
_WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
LARGEST_DECIDED = 3_317_044_064_679_887_385_961_981


def decide_prime(number: int) -> bool:
    """Tell whether the number, below `LARGEST_DECIDED`, is prime."""
    if number < 2 or any(number % prime == 0 for prime in _WITNESSES):
        return number in _WITNESSES
    return all(_passes(number, witness) for witness in _WITNESSES)


def _passes(number: int, witness: int) -> bool:
    """Tell whether the witness finds nothing against the odd number's being prime."""
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    power = pow(witness, (number - 1) >> twos, number)
    if power == 1:
        return True
    for _ in range(twos):
        if power == number - 1:
            return True
        power = power * power % number
    return False
