"""A small parser of arithmetic and LaTeX expressions into polynomials: nothing is evaluated but + - * / ^ and roots."""

from __future__ import annotations

from fractions import Fraction

from contemplate.answers.polynomial import NotReadable, Polynomial
from contemplate.text.patterns import regex

MAX_LENGTH = 400
MAX_DEPTH = 30

_TOKEN = regex(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+|\\[A-Za-z]+|[A-Za-z]+|[-+*/^(){}\[\]])")
_MAX_DIGITS = 100
_NUMERIC = frozenset(".0123456789")
_NO_FACTOR = frozenset("+-)}]^")
_PRODUCT = {"*", "\\cdot", "\\times"}
_QUOTIENT = {"/", "\\div"}
_FRACTIONS = {"\\frac", "\\dfrac", "\\tfrac", "\\cfrac"}
_ROOTS = {"\\sqrt", "sqrt"}
_SYMBOLS = frozenset(
    {
        "\\pi",
        "\\alpha",
        "\\beta",
        "\\gamma",
        "\\delta",
        "\\epsilon",
        "\\varepsilon",
        "\\zeta",
        "\\eta",
        "\\theta",
        "\\kappa",
        "\\lambda",
    }
    | {"\\mu", "\\nu", "\\xi", "\\rho", "\\sigma", "\\tau", "\\phi", "\\varphi", "\\chi", "\\psi", "\\omega", "\\infty", "\\ell"}
    | {"\\Gamma", "\\Delta", "\\Theta", "\\Lambda", "\\Sigma", "\\Phi", "\\Psi", "\\Omega"}
)
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_LONGEST_PRODUCT = 2


def parse(text: str) -> Polynomial:
    """The polynomial that `text` denotes.

    Raises:
        NotReadable: it denotes none, or is longer than `MAX_LENGTH` or nested deeper than `MAX_DEPTH`.
    """
    parser = _Parser(_tokens(text))
    result = parser.total()
    if parser.rest:
        raise NotReadable
    return result


def _tokens(text: str) -> list[str]:
    """The tokens of `text`, the first one last."""
    if len(text) > MAX_LENGTH:
        raise NotReadable
    tokens, position, text = list[str](), 0, text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise NotReadable
        position = match.end()
        tokens.extend(_letters(match[1]) if match[1].isalpha() else [match[1]])
    return tokens[::-1]


def _letters(word: str) -> list[str]:
    """A run of letters as factors; a longer one is a word, and no product."""
    if word in {"pi", "sqrt"}:
        return [word if word == "sqrt" else "\\pi"]
    if len(word) > _LONGEST_PRODUCT or not word.isascii():
        raise NotReadable
    return list(word)


class _Parser:
    """Recursive descent; `rest` holds the tokens that are left, the next one last."""

    def __init__(self, rest: list[str]) -> None:
        self.rest = rest
        self.depth = 0

    def peek(self) -> str:
        return self.rest[-1] if self.rest else ""

    def take(self) -> str:
        if not self.rest:
            raise NotReadable
        return self.rest.pop()

    def total(self) -> Polynomial:
        result = self.term()
        while self.peek() in {"+", "-"}:
            negative = self.take() == "-"
            term = self.term()
            result = result + (-term if negative else term)
        return result

    def term(self) -> Polynomial:
        result = self.signed()
        while token := self.peek():
            if token in _PRODUCT:
                self.take()
                result = result * self.signed()
            elif token in _QUOTIENT:
                self.take()
                result = result / self.signed()
            elif token[0] in _NUMERIC or token in _NO_FACTOR:
                break
            else:
                result = result * self.factor()
        return result

    def signed(self) -> Polynomial:
        negative = False
        while self.peek() in {"+", "-"}:
            negative ^= self.take() == "-"
        factor = self.factor()
        return -factor if negative else factor

    def factor(self) -> Polynomial:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        self.enter()
        exponent = (self.signed() if self.peek() in {"+", "-"} else self.atom()).constant
        self.depth -= 1
        if exponent is None:
            raise NotReadable
        return base.power(exponent)

    def atom(self) -> Polynomial:
        token = self.take()
        if token[0] in _NUMERIC:
            return self.number(token)
        if token in _FRACTIONS:
            return self.argument() / self.argument()
        if token in _ROOTS:
            return self.root()
        if token in {"(", "{", "["}:
            return self.group(token)
        if token in _SYMBOLS or (len(token) == 1 and token.isalpha()):
            return Polynomial.symbol(token.removeprefix("\\"))
        return self.unreadable()

    def root(self) -> Polynomial:
        """The root behind its sign, a square root unless an index in brackets says another."""
        if self.peek() != "[":
            return self.argument().root()
        index = self.group(self.take()).constant
        return self.argument().root(index) if index is not None else self.unreadable()

    def number(self, token: str) -> Polynomial:
        """A number; before a fraction of numbers it is the whole part of a mixed one."""
        if len(token) > _MAX_DIGITS:
            raise NotReadable
        value = Polynomial.of(Fraction(token))
        if self.peek() not in _FRACTIONS or "." in token:
            return value
        part = self.atom()
        mixed = part.constant is not None and 0 <= part.constant < 1
        return value + part if mixed else value * part

    def argument(self) -> Polynomial:
        """The argument of a command: a group, or one character."""
        token = self.take()
        if token in {"(", "{"}:
            return self.group(token)
        if token.isdigit():
            if len(token) > 1:
                self.rest.append(token[1:])
            return Polynomial.of(int(token[0]))
        self.rest.append(token)
        return self.atom() if token in _SYMBOLS or token in _FRACTIONS | _ROOTS or token.isalpha() else self.unreadable()

    def group(self, opening: str) -> Polynomial:
        self.enter()
        result = self.total()
        if self.take() != _CLOSING[opening]:
            raise NotReadable
        self.depth -= 1
        return result

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotReadable

    def unreadable(self) -> Polynomial:
        raise NotReadable
