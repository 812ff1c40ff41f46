"""Learn: research, lessons, trials, launches.

    d tech   = research / 52 effort (T - A) ((1 - b) + b A / T)        own research
             + absorption (least + (1 - least) A / T) lessons           taught by others
             + (T - A) (1 - (1 - per_trial)^n)                          every trial, failed ones too
             + (T - A) (1 - exp(-feedback U))           what others use of its make, USD bn a week
    U_i      = sum_jk price_k expenditure_jk delivered_ijk / had_jk      had: all that j ever held
    n        = days + extra, days ~ Poisson(tests / (1 + salvo)), extra the sum over the days of
               geometric counts of mean salvo; in campaigns, a two-state regime
    P(success) = sigma(first + by_tech A + by_trials ln(1 + trials))
    T       *= exp(growth / 52)

b = 0 is Nelson & Phelps (1966), b = 1 the logistic form of Benhabib & Spiegel (2005), whose
threshold leaves the backward behind. Levels, 1 = frontier at the start. A launch is prepared, seen
and announced; one that is ready may be put off or called off; after a failure there is a pause. The
programme's own hazard waits until the timetable has no launch left. A satellite in orbit improves
reconnaissance. A redesign keeps a part of the trials.
"""

from dataclasses import dataclass

from jaxtyping import Float64

from ..arrays import (
    MOST,
    binomial,
    clip,
    each,
    negative_binomial,
    number,
    poisson,
    ratio,
    sigma,
)
from ..params import Params
from ..world import YEAR, Action, Array, Noise, Observation, Technology, World, after


def success(params: Params, world: World) -> Float64[Array, "state technology"]:
    """The probability that the next trial succeeds."""
    t = params.technologies
    return sigma(t.first + t.by_tech * world.tech + t.by_trials * log1p(world.trials))


def log1p(x: Float64[Array, "*axes"]) -> Float64[Array, "*axes"]:
    """`ln(1 + x)` in x's own namespace."""
    return x.__array_namespace__().log1p(x)


@dataclass(frozen=True)
class Launches:
    """What happened on the launch pads in a week, each 0/1 a state."""

    preparation: Float64[Array, " state"]
    announced: Float64[Array, " state"]
    launched: Float64[Array, " state"]
    postponed: Float64[Array, " state"]  # put off to the next week, or called off


def prepare(
    params: Params, world: World, seen: Observation, desk: Technology, noise: Noise
) -> Launches:
    """Move preparations on; what is ready is launched, put off or called off.

    The timetable's launches are ready.

    Where no technology is one of launches, nothing is prepared or announced.
    """
    xp, c = world.stock.__array_namespace__(), params.rules.learn
    able = xp.max(params.wiring.launched) > 0.0
    ordered = able & (params.agenda.of(seen.summons, "launch") > 0.0)
    free = (seen.pause <= 0.0) & (seen.scheduled == 0.0)
    starts = able & free & (noise["launch_start"] < desk.launch)
    begun = (world.preparation > 0.0) | starts
    done = xp.where(begun, world.preparation + desk.prepare, 0.0)
    done = xp.where(ordered, 1.0, xp.minimum(done, 1.0))
    ready, luck = done > 1.0 - 1e-9, noise["launch"]
    called_off = ready & (luck < c.scrubbed)
    launched = ready & (luck >= c.scrubbed + c.postponed)
    threshold = c.announcement
    announced = (done >= threshold) & (world.preparation < threshold)
    return Launches(
        preparation=xp.where(launched | called_off, 0.0, done),
        announced=number(announced, done),
        launched=number(launched, done),
        postponed=number(ready & ~launched, done),
    )


def used_abroad(params: Params, world: World) -> Float64[Array, "state technology"]:
    """USD bn a week of each state's make that its buyers use, by technology.

    Of what a buyer ever held, a supplier's part is taken for its part of what is used.
    """
    xp, wiring = world.stock.__array_namespace__(), params.wiring
    shipped = each(world.shipped, wiring.exports)
    had = world.stock + world.expended + world.retired + shipped
    part = ratio(world.delivered, xp.take(had, wiring.target, axis=0))
    use = xp.take(params.munitions.price * world.expenditure, wiring.target, axis=0)
    used = each(use * part, wiring.exports)
    return xp.matrix_transpose(each(xp.matrix_transpose(used), wiring.arms))


def learn(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Research, absorb, test, launch."""
    xp = world.stock.__array_namespace__()
    c, t, desk = params.rules.learn, params.technologies, action.technology
    tested, launched = params.wiring.tested, params.wiring.launched
    relative = clip(world.tech / world.frontier, 0.0, 1.0)
    gap = xp.maximum(world.frontier - world.tech, 0.0)
    shape = 1.0 - t.threshold + t.threshold * relative
    found = xp.minimum(t.research / YEAR * desk.research * shape, 1.0) * gap
    absorbed = (
        c.absorption * (c.least_absorption + (1.0 - c.least_absorption) * relative) * world.lessons
    )

    ends = noise["campaign"] < desk.campaign_off
    begins = noise["campaign"] < desk.campaign_on
    campaign = number(xp.where(world.campaign > 0.0, ~ends, begins), world.stock)
    rate = campaign[:, None] * desk.tests + (1.0 - campaign)[:, None] * desk.quiet_tests
    pads = prepare(params, world, seen, desk, noise)
    days = poisson(noise["tests"], rate * tested / (1.0 + t.salvo))
    more = negative_binomial(noise["salvo"], days, t.salvo + 0.0 * rate)
    tests = xp.minimum(days + more, MOST)
    trials = tests + xp.astype(launched * pads.launched[:, None], xp.int64)
    good = number(binomial(noise["success"], trials, success(params, world)), rate)
    count = number(trials, rate)
    taught = gap * (1.0 - (1.0 - t.per_trial) ** count)
    orbited = xp.sum(good * launched, axis=1)
    image = gap * params.wiring.watching * (1.0 - (1.0 - c.image) ** orbited)[:, None]

    again = number(noise["redesign"] < desk.redesign, rate)
    kept = 1.0 - again * (1.0 - t.kept)
    failed = count - good
    events = {
        "test": xp.sum(count * tested, axis=1),
        "test_day": xp.sum(number(days, rate), axis=1),
        "test_failed": xp.sum(failed * tested, axis=1),
        "launch_announced": pads.announced,
        "launch_postponed": pads.postponed,
        "launch_succeeded": orbited,
        "launch_failed": xp.sum(failed * launched, axis=1),
    }
    crashed = xp.sum(failed * launched, axis=1) > 0.0
    absorbed = xp.minimum(absorbed, gap)
    seen_in_war = gap * (1.0 - xp.exp(-c.feedback * used_abroad(params, world)))
    gained = xp.minimum(found + taught + image + seen_in_war, gap - absorbed)
    return after(
        world,
        tech=world.tech + gained + absorbed,
        lessons=world.lessons - absorbed,
        frontier=world.frontier * xp.exp(t.growth / YEAR),
        trials=(world.trials + count) * kept,
        failures=(world.failures + failed) * kept,
        campaign=campaign,
        preparation=pads.preparation,
        pause=xp.where(crashed, c.pause, xp.maximum(world.pause - 1.0, 0.0)),
        provocation=count @ t.provocation,
    ), events
