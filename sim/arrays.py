"""The few helpers that rules share, written against the Python array API standard.

Every helper takes its namespace from its arguments, so the same line runs on NumPy, under
`array-api-strict` and inside a JAX trace. None branches on data, none writes in place.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Any

from jaxtyping import Float, Int, Shaped

Array = Any
MOST = 15
"""The largest count that `poisson` and `binomial` return: more trials a week are not drawn."""
LEAST = 1e-290
"""What is smaller, in any unit, is nothing: amounts are at most some 1e15, floats 1e308."""
MOST_TESTS = 5.0
"""The largest mean of tests a week: there the cut at MOST takes 2e-5 of them, at 15 a tenth."""


def sigma(x: Float[Array, "*axes"]) -> Float[Array, "*axes"]:
    """Return the logistic `1 / (1 + exp(-x))`, by a tanh that cannot overflow."""
    xp = x.__array_namespace__()
    return 0.5 + 0.5 * xp.tanh(0.5 * x)


def ratio(a: Float[Array, "..."], b: Float[Array, "..."]) -> Float[Array, "..."]:
    """`a / b` where b > 0, and 0 elsewhere (0/0 = 0), without a warning.

    What is below LEAST counts as 0: the quotient of an amount by it could overflow.

    Args:
        a: The numerator.
        b: The denominator, of any sign.
    """
    xp = b.__array_namespace__()
    some = b > LEAST
    return xp.where(some, a, 0.0) / xp.where(some, b, 1.0)


def share(part: Float[Array, "..."], whole: Float[Array, "..."]) -> Float[Array, "..."]:
    """The factor in [0, 1] by which `whole` must shrink to fit into `part`; 1 where it fits.

    Args:
        part: What there is room for, at least 0.
        whole: What there is, at least 0.
    """
    xp = whole.__array_namespace__()
    short = whole > part
    return xp.where(short, part, 1.0) / xp.where(short, whole, 1.0)


def number(x: Shaped[Array, "*axes"], like: Float[Array, "..."]) -> Float[Array, "*axes"]:
    """Return a boolean or an integer array as floats of `like`'s kind.

    Args:
        x: Booleans or integers.
        like: An array of the kind that is wanted.
    """
    return like.__array_namespace__().astype(x, like.dtype)


def clip(x: Float[Array, "*axes"], low: Any, high: Any) -> Float[Array, "*axes"]:
    """`x` held in [low, high]: two ufuncs, several times quicker than NumPy's own clip.

    Args:
        x: Any numbers.
        low: The least, a number or an array.
        high: The most, a number or an array.
    """
    xp = x.__array_namespace__()
    return xp.minimum(xp.maximum(x, low), high)


def power(base: Float[Array, "*axes"], exponent: Int[Array, "*axes"]) -> Float[Array, "*axes"]:
    """`base ** exponent` for whole exponents from 0 to 7, by squaring: compiled, much quicker.

    Args:
        base: Any numbers.
        exponent: Whole numbers from 0 to 7.
    """
    xp = base.__array_namespace__()
    square = base * base
    result = xp.where(exponent & 1 > 0, base, 1.0)
    result = result * xp.where(exponent & 2 > 0, square, 1.0)
    return result * xp.where(exponent & 4 > 0, square * square, 1.0)


def row(x: Shaped[Array, " state"]) -> Shaped[Array, "state one"]:
    """Return a state's value as the actor, in a table of all states: [state, 1]."""
    return x[:, None]


def col(x: Shaped[Array, " state"]) -> Shaped[Array, "one state"]:
    """Return a state's value as the target, in a table of all states: [1, state]."""
    return x[None, :]


def poisson(u: Float[Array, "*axes"], rate: Float[Array, "*axes"]) -> Int[Array, "*axes"]:
    """Return a Poisson count with mean `rate`, by inversion of one uniform, cut off at MOST.

    The count is the number of cumulative probabilities below u; `P(k + 1) = P(k) rate / (k + 1)`.

    Args:
        u: Uniforms in [0, 1).
        rate: The mean, at least 0.
    """
    xp = u.__array_namespace__()
    mass = below = xp.exp(-rate)
    count = number(u > below, u)
    for k in range(1, MOST):
        mass = mass * rate * (1.0 / k)
        below = below + mass
        count = count + number(u > below, u)
    return xp.astype(count, xp.int64)


def negative_binomial(
    u: Float[Array, "*axes"], n: Int[Array, "*axes"], mean: Float[Array, "*axes"]
) -> Int[Array, "*axes"]:
    """Return the sum of n geometric counts of a mean each, by inversion of one uniform, to MOST.

    As `poisson`, with `P(k + 1) = P(k) (n + k) / (k + 1) mean / (1 + mean)`.

    Args:
        u: Uniforms in [0, 1).
        n: How many counts are added, at least 0.
        mean: The mean of each, at least 0.
    """
    xp = u.__array_namespace__()
    parts, more = number(n, u), mean / (1.0 + mean)
    mass = below = xp.exp(-parts * xp.log1p(mean))
    count = number(u > below, u)
    for k in range(1, MOST):
        mass = mass * more * (parts + (k - 1.0)) * (1.0 / k)
        below = below + mass
        count = count + number(u > below, u)
    return xp.astype(count, xp.int64)


def binomial(
    u: Float[Array, "*axes"], n: Int[Array, "*axes"], p: Float[Array, "*axes"]
) -> Int[Array, "*axes"]:
    """Return a binomial count out of n <= MOST trials, by inversion of one uniform.

    As `poisson`, with `P(k + 1) = P(k) (n - k) / (k + 1) p / (1 - p)`.

    Args:
        u: Uniforms in [0, 1).
        n: Trials, at most MOST.
        p: The probability of each.
    """
    xp = u.__array_namespace__()
    p = clip(p, 1e-12, 1.0 - 1e-12)
    trials, odds = number(n, u), p / (1.0 - p)
    mass = below = xp.exp(trials * xp.log1p(-p))
    count = number(u > below, u)
    for k in range(1, MOST):
        mass = mass * odds * (trials - (k - 1.0)) * (1.0 / k)
        below = below + mass
        count = count + number(u > below, u)
    return xp.minimum(xp.astype(count, xp.int64), n)


def listed(
    x: Float[Array, " item *axes"], places: Int[Array, "*places"], fill: float = 0.0
) -> Float[Array, "..."]:
    """Return the items at the places of a list.

    Args:
        x: A value, or a row of them, per item.
        places: Places of items; one past the last is the place of no item.
        fill: What stands at that place.
    """
    xp = x.__array_namespace__()
    filled = xp.concat([x, xp.zeros_like(x[:1, ...]) + fill], axis=0)
    found = xp.take(filled, xp.reshape(places, (-1,)), axis=0)
    return xp.reshape(found, (*places.shape, *x.shape[1:]))


def each(
    x: Float[Array, " item *axes"], groups: Int[Array, "group member"]
) -> Float[Array, " group *axes"]:
    """Return the sum over the members of each group: `each(flow, wiring.exports)`.

    Args:
        x: A value, or a row of them, per item.
        groups: The places of each group's members, filled up with one past the last item.
    """
    return x.__array_namespace__().sum(listed(x, groups), axis=1)


def highest(
    x: Float[Array, " item *axes"], groups: Int[Array, "group member"]
) -> Float[Array, " group *axes"]:
    """Return the largest value among the members of each group; 0 without any.

    Args:
        x: A value of at least 0, or a row of them, per item.
        groups: The places of each group's members, filled up with one past the last item.
    """
    xp = x.__array_namespace__()
    if x.ndim > 1:  # row upon row: no table of all members' rows is laid out
        found = [listed(x, groups[:, member]) for member in range(groups.shape[1])]
        return reduce(xp.maximum, found)
    return xp.max(listed(x, groups), axis=1)


def between(x: Shaped[Array, "state state"], cell: Int[Array, " item"]) -> Shaped[Array, " item"]:
    """Return what a table of all states holds for each item.

    Args:
        x: A value for every two states.
        cell: The place of an item's two states in the flattened table.
    """
    xp = x.__array_namespace__()
    return xp.take(xp.reshape(x, (-1,)), cell)


def fold(
    values: Float[Array, "row munition"],
    weight: Float[Array, " munition"],
    family: Int[Array, "munition relative"],
) -> Float[Array, "row munition"]:
    """Return sums over a family, in units of each munition, one unit weighing as its firepower.

    Args:
        values: Amounts in units of each munition.
        weight: What one unit weighs.
        family: The places of the munitions of each one's family, filled up as for `each`.
    """
    xp = values.__array_namespace__()
    together = each(xp.matrix_transpose(values * weight), family)
    return xp.matrix_transpose(together) / weight


def firepower(lethality: Float[Array, " munition"]) -> Float[Array, " munition"]:
    """Return what one unit weighs in its family: its lethality, or 1 for a munition without any."""
    return lethality.__array_namespace__().where(lethality > 0.0, lethality, 1.0)


def blend(
    mean: Float[Array, "..."],
    amount: Float[Array, "..."],
    other: Float[Array, "..."],
    more: Float[Array, "..."],
) -> Float[Array, "..."]:
    """Return the mean of what there is and of what comes to it; that of nothing stays as it was.

    Args:
        mean: The mean of what there is.
        amount: How much there is, at least 0.
        other: The mean of what comes.
        more: How much comes, at least 0.
    """
    return mean + (other - mean) * ratio(more, amount + more)


def posterior(
    prior: Float[Array, "*axes"], if_so: Float[Array, "..."], if_not: Float[Array, "..."]
) -> Float[Array, "*axes"]:
    """Bayes: the probability after a sign whose likelihoods are `if_so` and `if_not`.

    Args:
        prior: The probability before.
        if_so: The likelihood of the sign if it is so.
        if_not: The likelihood if it is not.
    """
    return prior * if_so / (prior * if_so + (1.0 - prior) * if_not)


@dataclass(frozen=True)
class Pairs:
    """The ordered pairs of states that are listed, by actor and target, and how they are found.

    With a pair its reverse is listed too. A world without any has one inert pair, found by nobody.
    """

    actor: Int[Array, " pair"]
    target: Int[Array, " pair"]
    reverse: Int[Array, " pair"]  # the same two states, the other one acting
    once: Float[Array, " pair"]  # 1 at one of a pair and its reverse
    cell: Int[Array, " pair"]  # actor * N + target, into flattened [state, state]
    of_actor: Int[Array, "bundle member"]  # pairs of one actor, filled up with one past the last
    bundles: Int[Array, "state part"]  # of each actor; one column if no state has more than fit
    place: Int[Array, "state state"]  # the pair of an actor and a target; unlisted, one past

    def of(self, x: Shaped[Array, " state *axes"]) -> Shaped[Array, " pair *axes"]:
        """Return the actor's value on each pair."""
        return x.__array_namespace__().take(x, self.actor, axis=0)

    def toward(self, x: Shaped[Array, " state *axes"]) -> Shaped[Array, " pair *axes"]:
        """Return the target's value on each pair."""
        return x.__array_namespace__().take(x, self.target, axis=0)

    def back(self, x: Shaped[Array, " pair *axes"]) -> Shaped[Array, " pair *axes"]:
        """Return each pair's value as seen from the other side."""
        return x.__array_namespace__().take(x, self.reverse, axis=0)

    def from_table(self, x: Shaped[Array, "state state"]) -> Shaped[Array, " pair"]:
        """Return what a table of all states holds for each pair."""
        return between(x, self.cell)

    def each(self, x: Float[Array, " pair *axes"]) -> Float[Array, " state *axes"]:
        """Return the sum over each actor's pairs."""
        parts = each(x, self.of_actor)
        return each(parts, self.bundles) if self.bundles.shape[1] > 1 else parts

    def highest(self, x: Float[Array, " pair *axes"]) -> Float[Array, " state *axes"]:
        """Return the largest value, of values of at least 0, among each actor's pairs."""
        parts = highest(x, self.of_actor)
        return highest(parts, self.bundles) if self.bundles.shape[1] > 1 else parts

    def to_table(self, x: Float[Array, " pair"]) -> Float[Array, "state state"]:
        """Return the pairs' values as a table of all states, 0 where none is listed."""
        return listed(x, self.place)
