"""The pace of one endpoint: departures spread evenly, and what it bears as its refusals and headers tell."""

from __future__ import annotations

import math

from contemplate.models.backends.allowance import Allowance

_LATE = 0.02
"""Seconds by which a departure may be late, as timers are, without the pace falling behind."""
_LEAST = 1e-6
"""A shorter wait is none: a clock may be too coarse to tell when it is over."""
_BACK = 0.95
"""After a refusal: so much of what got through is tried from then on."""
_NEAR = 0.9
"""Above so much of what was refused, growth is slow."""
_FAST, _SLOW = 0.1, 0.0005
"""Growth of the pace with each reply: below what was refused, and near it."""
_SLOW_REPLIES = 60
"""After so many replies without a refusal slow growth is twice as fast, after twice as many nine times: it goes by the cube."""
_NO_PACE = 1e6
"""So many calls a second are no limit."""
_ENOUGH = 10
"""From so many calls that got through between two refusals it can be told how many do."""
_LEAST_KEPT, _FEW_LEAST, _PAUSED_LEAST = 0.75, 0.25, 0.1
"""The least part of the pace that is kept: as a rule, where few calls tell of it, and where a pause made most of the time."""
_BORNE, _FORGOTTEN = 0.6, 0.8
"""Refused by chance, calls keep so much of the pace that was borne; at each refusal of a limit so much of that is remembered."""
_UNEVEN, _BY_CHANCE, _PLENTY, _NEWS = 1.3, 4, 500, 1 / 16
"""Refusals are by chance where the mean square of the calls between two of them is so many times the square of their mean (a
limit's come evenly: 1; those of pure chance: 2), and so many calls get through between two on average. More than the third number
count as that many; so much weighs the latest."""
_SLOWEST = 0.04
"""Calls a second: refusals alone never make an endpoint slower than that; limits of three a minute are met in the wild."""
_SCARCE = 0.1
"""So much of a limit is little."""
_LONGEST = 120.0
"""Seconds; the limit of an hour or a day is used up and not spread."""


class Pace:
    """A rate that is kept evenly: the generic cell rate algorithm, as for ATM networks.

    Attributes:
        rate: units a second; infinite for no limit.
        burst: units that may leave at once, at least 1.
    """

    def __init__(self, rate: float, burst: float) -> None:
        """Begin with nothing on its way."""
        self.rate, self.burst = rate, max(burst, 1.0)
        self._until = -math.inf

    def wait(self, now: float, units: float) -> float:
        """Seconds until so many units may leave; more than a burst holds leaves when all before it is made up for."""
        wait = self._until - max(self.burst - units, 0.0) / self.rate - now
        return wait if wait > _LEAST else 0.0

    def take(self, now: float, units: float) -> None:
        """Count units that leave now."""
        self._until = max(self._until, now - _LATE) + units / self.rate

    def correct(self, units: float) -> None:
        """Count so many units more, or fewer if it is below 0, for what has left."""
        self._until += units / self.rate


class Bearable:
    """What an endpoint bears, learned from its refusals; until there is one, all that is allowed.

    Calls in flight grow by one for each round of replies, and are halved after a refusal. Once calls were refused for their
    rate (429), there is a pace as well: 95 % of what got through between the last two refusals. It grows back, first quickly
    and then slowly, towards the pace that was refused, and beyond. Refusals of calls that had left before the last cut tell
    nothing new.

    Attributes:
        places: calls in flight at once, at least 1.
        rate: calls a second; infinite while none was refused.
    """

    def __init__(self, most: int, told: float = math.inf) -> None:
        """Begin with all that is allowed.

        Args:
            most: calls in flight.
            told: calls a second, where a limit is given. A refusal near it may be a chance: calls do not arrive as they left.
        """
        self.places, self.rate = float(most), math.inf
        self._told = told
        self._most = most
        self._refused = math.inf  # the rate that was too high
        self._cut_at = -math.inf
        self._mark: tuple[int, float] | None = None  # number and time of the last departure that was refused
        self._mean = self._square = 0.0  # of how many calls got through between two refusals
        self._borne = 0.0  # calls a second
        self._paused = 0.0
        self._replies = 0
        self._rounds = 0

    def left(self, number: int, now: float) -> None:
        """Note a departure; only the first one matters, until one is refused."""
        if self._mark is None:
            self._mark = (number - 1, now)

    def answered(self) -> None:
        """Note a reply."""
        self._rounds = 0
        if self.places < self._most:
            self.places = min(self.places + 1 / self.places, self._most)
        if self.rate < math.inf:
            self._replies += 1
            near = self.rate >= _NEAR * self._refused
            self.rate *= 1 + (_SLOW * (1 + (self._replies / _SLOW_REPLIES) ** 3) if near else _FAST)
            if self.rate > _NO_PACE:
                self.rate = math.inf

    def cut(self, left_at: float, now: float) -> bool:
        """Halve the calls in flight, unless the refused call had left before that was done last; whether it is done."""
        if left_at <= self._cut_at:
            return False
        self._cut_at = now
        self.places = max(self.places / 2, 1.0)
        self._rounds += 1
        return True

    def throttled(self, number: int, left_at: float, now: float, asked: float | None) -> float:
        """Note a call that was refused for its rate.

        Args:
            number: of its departure.
            left_at: when that was.
            now: the time.
            asked: seconds that the endpoint asked to wait; None if it did not say.

        Returns:
            The seconds in which nobody should leave; 0 if the refusal tells nothing new.
        """
        before = self._mark or (number - 1, left_at)
        if number > before[0]:
            self._mark = (number, left_at)
        if not self.cut(left_at, now):
            return asked or 0.0
        self._measure(number - before[0] - 1, left_at - before[1])
        self._replies = 0
        self._paused = asked if asked is not None else min(0.25 * 2 ** (self._rounds - 1), 30.0)
        return self._paused

    def _measure(self, through: int, seconds: float) -> None:
        """Set the pace by how many calls got through between two refusals, and the seconds between them.

        That is an average, too low where the pace had grown meanwhile, or where a pause was longer than it had to be; so the
        pace falls by a quarter only where many got through since, and never to nothing. Where refusals come by chance it stays
        above most of what was borne: an endpoint that refuses one call in twenty, however slowly they come, must not bring it to
        a standstill.
        """
        if through < 1 or seconds <= 0:
            return
        seen, tried = through / seconds, min(self.rate, self._told)
        if tried == math.inf:
            self._refused, self.rate = seen / _BACK if through >= _ENOUGH else math.inf, _BACK * seen
            return  # what a bucket held at first tells nothing of later
        if tried > self._told / 2:
            self._refused, self.rate = tried, max(_BACK * min(seen, tried), _LEAST_KEPT * tried)
        else:
            least = _FEW_LEAST if through < _ENOUGH else _PAUSED_LEAST if self._paused > seconds / 2 else _LEAST_KEPT
            self._refused, self.rate = (min(seen, tried) + tried) / 2, max(_BACK * min(seen, tried), least * tried)
        self._borne = max(seen, self._borne if self._is_by_chance(min(through, _PLENTY)) else _FORGOTTEN * self._borne)
        self.rate = max(self.rate, min(max(_BORNE * self._borne, _SLOWEST), tried))

    def _is_by_chance(self, through: int) -> bool:
        """Note how many calls got through; whether refusals come as unevenly as by chance, and are not most of what comes."""
        if not self._mean:
            self._mean, self._square = through, 2.0 * through**2
        self._mean += _NEWS * (through - self._mean)
        self._square += _NEWS * (through**2 - self._square)
        return self._mean >= _BY_CHANCE and self._square >= _UNEVEN * self._mean**2


def spread(allowance: Allowance, in_flight: int, tokens: float) -> float:
    """Calls a second that an endpoint's own count of what is left allows; infinite where there is plenty.

    A bucket fills up at what is missing by the time until it is full; of a window, what is left is spread over the rest of it.
    Which of them it is nobody says: the faster one is taken, and a refusal tells more.

    Args:
        allowance: what its last reply said.
        in_flight: calls that are on their way.
        tokens: what a call usually takes.
    """
    slowest = math.inf
    for one, each in ((allowance.requests, 1.0), (allowance.tokens, max(tokens, 1.0))):
        if one is None or not 0 < one.seconds <= _LONGEST:
            continue
        if one.left <= _SCARCE * one.most or one.left / each < in_flight:
            slowest = min(slowest, max(one.left, _BACK * (one.most - one.left), each) / each / one.seconds)
    return slowest
