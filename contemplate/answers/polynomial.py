"""Exact sums of `coefficient * sqrt(radicand) * symbols`: enough to see that 1/sqrt(2) is sqrt(2)/2, and 2(2a-1) is 4a-2.

Every operation is bounded; what would pass a bound, or leave the form (a division by a sum, the root of a symbol), raises
`NotReadable`, and the expression then counts by its normal form as text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

MAX_TERMS = 32
MAX_BITS = 700
MAX_POWER = 64
MAX_RADICAND = 10**8

Monomial = tuple[int, tuple[tuple[str, int], ...]]
"""A square-free radicand, and the symbols with their exponents in alphabetical order."""

_UNIT: Monomial = (1, ())


class NotReadable(Exception):  # noqa: N818 - not an error of the program; it never leaves the package
    """The text is no expression of this form, or out of bounds."""


@dataclass(frozen=True)
class Polynomial:
    """A sum of terms; no coefficient is 0."""

    terms: Mapping[Monomial, Fraction]

    @classmethod
    def of(cls, value: Fraction | int) -> Polynomial:
        """The constant `value`."""
        return _bounded({_UNIT: Fraction(value)})

    @classmethod
    def symbol(cls, name: str) -> Polynomial:
        """The symbol `name`."""
        return cls({(1, ((name, 1),)): Fraction(1)})

    @property
    def constant(self) -> Fraction | None:
        """The rational value, if it is one."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(_UNIT) if len(self.terms) == 1 else None

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -factor for monomial, factor in self.terms.items()})

    def __add__(self, other: Polynomial) -> Polynomial:
        total = defaultdict(Fraction, self.terms)
        for monomial, factor in other.terms.items():
            total[monomial] += factor
        return _bounded(total)

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: defaultdict[Monomial, Fraction] = defaultdict(Fraction)
        for left, left_factor in self.terms.items():
            for right, right_factor in other.terms.items():
                factor, monomial = _product(left, right)
                total[monomial] += left_factor * right_factor * factor
        return _bounded(total)

    def __truediv__(self, other: Polynomial) -> Polynomial:
        if len(other.terms) != 1:
            raise NotReadable
        ((radicand, symbols), factor) = next(iter(other.terms.items()))
        inverse = (radicand, tuple((name, -power) for name, power in symbols))
        return self * Polynomial({inverse: 1 / (factor * radicand)})

    def power(self, exponent: Fraction) -> Polynomial:
        """The power of this with a small whole number."""
        times = abs(exponent)
        if times.denominator != 1 or times > MAX_POWER:
            raise NotReadable
        result = Polynomial.of(1)
        for _ in range(int(times)):
            result = result * self
        return result if exponent >= 0 else Polynomial.of(1) / result

    def root(self, index: Fraction | None = None) -> Polynomial:
        """The square root of a non-negative rational number, or another root that is a rational number itself."""
        value = self.constant
        if index is not None and index != 2:  # noqa: PLR2004 - the square root
            return Polynomial.of(_exact_root(value, index))
        if value is None or value < 0 or value.numerator * value.denominator > MAX_RADICAND:
            raise NotReadable
        outside, inside = _square_free(value.numerator * value.denominator)
        return _bounded({(inside, ()): Fraction(outside, value.denominator)})

    def __str__(self) -> str:
        """The canonical form: terms in a fixed order."""
        if (value := self.constant) is not None:
            return str(value)
        terms = sorted(self.terms.items(), key=lambda term: (term[0][1], term[0][0]))
        return " + ".join(_product_form(factor, monomial) for monomial, factor in terms)


def _exact_root(value: Fraction | None, index: Fraction) -> Fraction:
    if (
        value is None
        or index.denominator != 1
        or not 1 <= index <= MAX_POWER
        or max(abs(value.numerator), value.denominator) > MAX_RADICAND
    ):
        raise NotReadable
    sign = -1 if value < 0 and index % 2 else 1
    root = sign * Fraction(*(round(part ** (1 / int(index))) for part in (abs(value.numerator), value.denominator)))
    if root**index != value:
        raise NotReadable
    return root


def _product_form(coefficient: Fraction, monomial: Monomial) -> str:
    radicand, symbols = monomial
    factors = [str(coefficient)] if coefficient != 1 or monomial == _UNIT else []
    if radicand != 1:
        factors.append(f"sqrt({radicand})")
    return "*".join(factors + [name if power == 1 else f"{name}^{power}" for name, power in symbols])


def _product(left: Monomial, right: Monomial) -> tuple[int, Monomial]:
    """The product of two monomials, and the whole number that comes out of the roots."""
    common = gcd(left[0], right[0])
    powers: defaultdict[str, int] = defaultdict(int, left[1])
    for name, power in right[1]:
        powers[name] += power
    symbols = tuple(sorted((name, power) for name, power in powers.items() if power))
    return common, ((left[0] // common) * (right[0] // common), symbols)


def _square_free(number: int) -> tuple[int, int]:
    """`(outside, inside)` with `number == outside**2 * inside` and `inside` square-free."""
    if number == 0:
        return 0, 1
    outside, inside, divisor = 1, number, 2
    while divisor * divisor <= inside:
        while inside % (divisor * divisor) == 0:
            inside //= divisor * divisor
            outside *= divisor
        divisor += 1
    return outside, inside


def _bounded(terms: Mapping[Monomial, Fraction]) -> Polynomial:
    kept = {monomial: factor for monomial, factor in terms.items() if factor}
    if len(kept) > MAX_TERMS:
        raise NotReadable
    for (radicand, symbols), factor in kept.items():
        if max(factor.numerator.bit_length(), factor.denominator.bit_length(), radicand.bit_length()) > MAX_BITS:
            raise NotReadable
        if any(abs(power) > MAX_POWER for _, power in symbols):
            raise NotReadable
    return Polynomial(kept)
