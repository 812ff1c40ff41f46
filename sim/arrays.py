"""The few helpers that rules share, written against the Python array API standard.

Every helper takes its namespace from its arguments, so the same line runs on NumPy, under
`array-api-strict` and inside a JAX trace. None branches on data, none writes in place.
"""

from typing import Any

from jaxtyping import Float, Int, Shaped

Array = Any
MOST = 15
"""The largest count that `poisson` and `binomial` return: more trials a week are not drawn."""


def sigma(x: Float[Array, "*axes"]) -> Float[Array, "*axes"]:
    """Return the logistic `1 / (1 + exp(-x))`, by a tanh that cannot overflow."""
    xp = x.__array_namespace__()
    return 0.5 + 0.5 * xp.tanh(0.5 * x)


def ratio(a: Float[Array, "..."], b: Float[Array, "..."]) -> Float[Array, "..."]:
    """`a / b` where b > 0, and 0 elsewhere (0/0 = 0), without a warning.

    Args:
        a: The numerator.
        b: The denominator, of any sign.
    """
    xp = b.__array_namespace__()
    some = b > 0.0
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
    """Return a state's value as the actor of a dyad: [state, 1]."""
    return x[:, None]


def col(x: Shaped[Array, " state"]) -> Shaped[Array, "one state"]:
    """Return a state's value as the target of a dyad: [1, state]."""
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


def dyads(
    outof: Float[Array, "state route"], into: Float[Array, "state route"], x: Float[Array, " route"]
) -> Float[Array, "state state"]:
    """Route values as a [supplier, recipient] matrix.

    Args:
        outof: 1 where a state is a route's supplier.
        into: 1 where it is its recipient.
        x: A value per route.
    """
    return (outof * x) @ into.__array_namespace__().matrix_transpose(into)


def fold(
    values: Float[Array, "*rows munition"],
    weight: Float[Array, " munition"],
    family: Float[Array, "munition munition"],
) -> Float[Array, "*rows munition"]:
    """Sums over a calibre family, in units of each munition, one weighing as its firepower.

    Args:
        values: Amounts in units of each munition.
        weight: What one unit weighs.
        family: 1 where two munitions are of one family.
    """
    return ((values * weight) @ family) / weight


def firepower(lethality: Float[Array, " munition"]) -> Float[Array, " munition"]:
    """Return what one unit weighs in its family: its lethality, or 1 for a munition without any."""
    return lethality.__array_namespace__().where(lethality > 0.0, lethality, 1.0)


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
