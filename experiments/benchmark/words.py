"""The text of docs/performance.md. What stands in braces is filled in from what was measured."""

PAGE = """\
# Performance

<!-- Made by `python -m experiments.benchmark docs=true`, of performance.json. -->

What a week of one run costs, and what comes on top of it. Measured on {machine}; {versions}.
The load average was {load:.2f} at the start; in the {minutes:.0f} minutes that it took, other
work had {others:.0f} % of the processors' time.{priority}

## What is compared

Three programs simulate the same runs of the same scenarios: the same rules, the same noise, the
same numbers. Each leaves one row per run with every summary metric (`record=summary`). Tests hold
worlds, events and rows equal to 1e-9 (`tests/test_oracle.py`,
`tests/engines/test_compiled.py`).

- **Mesa peer** (`tests/oracle`): the model as one would write it with
Mesa in plain Python. States are agents, Mesa's data collectors record. It looks only at pairs
with a stake or a dispute where that is all that matters, and at routes on which something
moves.

- **Reference engine**: the rulebook on NumPy, one run at a time.

- **Compiled engine**: the same rulebook under JAX in float64, a block of runs at a time.

In the clock: the weeks, the record, the row. Outside it: imports, reading the scenario,
compiling, a warm-up. Two things favour the peer: its noise lies ready as numbers and its agents
are made before the clock starts, while the engines draw their noise inside it; and the engines
check each week that every number is in its range.

Each program has a process of its own with one thread for linear algebra, pinned to one core
before it loads a library. They take turns for {rounds} rounds of samples of about {a_sample:g}
s, longer where one run or block is. A figure is the median over rounds, with its quartiles in
brackets; a ratio is taken round by round, then its median. A world lists the ordered pairs that
it names together; their share of all stands beside their number. The synthetic world has
{routes_8} routes at 8 states and {routes_200:,} at 200. A run has {weeks} weeks, {fewer_weeks}
from {many} states on.

## A week of one run

Microseconds a run-week on one core, and how many times as fast the compiled engine is.

{speed}

![Time for a week of one run against the number of states](performance.png)

Among 300 states a sample is one run of half a year after half a minute in which others ran, so
that nothing of it lies in the processor's cache. Run after run (by hand) the same program took
17.3 to 18.9 ms a run-week; so two processes, which set off right after it, gain more than two.

## What was aimed at

{aims}

What the aims do not reckon with is that the peer is sparse. {stakes_8:.0f} % of the ordered
pairs have a stake among 8 states and {stakes_200:.0f} % among 200; in most weeks little moves on
most routes. Plain Python passes the others over. An array program computes every listed pair,
every leg of every route and every rule that any state might follow, each week; and between all
states affinity, tension, sanctions and condemnations.

A listed pair's week costs the peer {peer_8} µs among 8 states and {peer_200} µs among 200; the
compiled engine {pair_8} µs and {pair_200} µs. So its lead over the peer goes from {lead_4} times
at 4 states to {lead_200} times at 200.

## Processes or threads

The compiled engine on all {cores} cores, microseconds a run-week. Processes: one a core,
pinned, warm, set off together, their speeds added up. Threads: one process, its work spread
over the cores by XLA. `sim.run` takes processes.

{ways}

## Where a compiled week goes

The default scenario on one core, by JAX's profiler: microseconds a run-week by the file of the
phase that an operation comes from. What XLA fused of several lines counts for the last of them.
A week is {operations:,.0f} operations on {block} runs at once, {operation:.1f} µs each on
average; in all {traced} µs a run-week, against {untraced} µs without the profiler. The largest
part is {largest:.0f} %: the time is in going over many small arrays.

{files}

## Compiling and starting

Seconds to make the program of the default scenario with nothing kept from before; median (least
to most).

{compiling}

Seconds from the start of a process to its end, on all cores. A program is compiled once a
structure and kept in the user's cache folder.

{starting}

{break_even}

## A job by part

`armsflow runs={a_job:,}` of the default scenario, all its weeks, `record=full`, in one process on
one core, the program kept: processor seconds, median (least to most).

{job}

Figures and page against those of before pairs were a list, by hand, in turns: 12.9 s where they
took 20.8. Without the SVGs, which came since, 12.6 and 14.3 where they took 25.3 and 26.6 in a
slower hour: half, as was aimed at.

Small jobs, `record=summary`, with the program loaded: processor milliseconds.

{small}

Aimed at were 30 ms a run and 1.5 ms a point: missed. One run fills a block. By hand: a program of
one lane takes 36 ms for its 156 weeks alone, and has other last digits; one of 8 lanes 107 ms, with
the same digits, but then a first job of one run and a first job of many would each compile. Of a
point the run itself is most.

## Memory

`sim.run` of the default scenario, {default_weeks} weeks, `record=summary`, all cores, the
program kept: the largest resident memory of all its processes together (pages that two share
count twice), its seconds, and the size of what it leaves.

{memory}

When routes got a table of their own, `dyads` and `routes` together went from 215 to 135 MB in
memory at the same columns (37 % less; a quarter was aimed at) and from 16.75 to 15.69 MB on disk
(6 % less; missed: of six encodings the best for each column takes off another 6.5 %, and other
orders of the rows at most 2 %; the rest is digits that nothing shortens).

## Lines of code

Without comments, docstrings and blank lines; the engines share the rulebook ({rules:,}) and the
metrics ({metrics:,}). Scenarios and noise serve all three and are not counted.

{lines}

## What was tried

Microseconds a run-week of the compiled engine, the default scenario, one core of the same kind
of machine, where nothing else is named. These were measured while the engine was built, each row on
the build of its day, and written down by hand.

{tried}
"""

TRIED = (
    ("blocks of 8 runs; 16; 32; 64; 128; 256", "39.6; 35.0; 33.0; 32.4; 37.3; 37.0", "32"),
    ("XLA's fusion emitters: on; off", "57 (10.3 s to compile); 37 (5.0 s)", "off"),
    ("XLA's backend optimization level 2; default", "62; 54", "default"),
    ("XLA without its expensive LLVM passes", "no gain", "with them"),
    ("vectors of 512 bits", "no gain", "as it comes"),
    (
        "counts by recursion in place of tables of logarithms, totals of events added up once,"
        " ranges checked field by field: before; after",
        "66; 39",
        "after",
    ),
    ("Philox's words computed again by each reader: before; after", "43; 60", "before"),
    ("runs on the first axis; on the last (`sim/engines/lanes.py`)", "49; 36", "last"),
    (
        "with that, YNNPACK's sums and products: on; off, and what all runs share done once,"
        " squares and roots in place of powers",
        "36; 30",
        "off, once, roots",
    ),
    ("with that, sums and products of up to 28 terms unrolled", "half as slow again", "as loops"),
    ("optimisation barriers against terms computed again", "no change", "none"),
    (
        "a division by a runtime 1 against that: before; unrounded values of 12 steps or more;"
        " of 6; sums and products too (other last digits), from 12; 30",
        "42.0; 32.5; 34.7; 31.4; 32.9",
        "unrounded, 12",
    ),
    ("events added up kind by kind in place of one stack: before; after", "26; 28", "before"),
    ("with runs last, XLA's optimisation level 0; 1; default", "134; 46; 35", "default"),
    (
        "what a list reads often laid down before it, Philox's words two in one",
        "1.06, 1.31, 1.08 and 1.14 times as fast at 8, 32, 200 and 300 states",
        "both",
    ),
    ("with that, blocks of 8 runs in place of 1 at 200 states", "a sixth faster", "1"),
    (
        "words of the noise by halves in place of one list of both, in which no loop over runs one"
        " by one was vectorised: 300 states",
        "20.1; 18.7 ms",
        "by halves",
    ),
    (
        "the largest of a list's rows, all at once; one member after another: 300 states",
        "21.9; 18.3 ms",
        "one after another",
    ),
    ("the sum of a list's rows likewise: 300 states", "18.5; 22.1 ms", "at once"),
    (
        "two products of all states by all; one and a sum over routes: 300 states",
        "20.7; 19.9 ms",
        "one",
    ),
    ("blocks of 1; 2; 4; 8 runs at 100 states", "3.3; 3.8; 2.6; 2.6 ms", "4"),
    ("at 128", "4.5; 5.5; 3.8; 3.8 ms", "4"),
    ("at 200", "9.9; 12.2; 9.4; 10.3 ms", "4"),
    ("at 300", "21.1; 28.8; 22.1; 23.9 ms", "1"),
    ("XLA's tree reductions: on; off", "no gain", "on"),
    (
        "sums and range checks as products with ones: no; yes",
        "55.9; 54.0 at 8 states, slower from 32 on",
        "no",
    ),
    (
        "LLVM unrolls small loops: yes; no",
        "59; 61 (23 and 12 processor seconds to compile)",
        "no",
    ),
)
"""What was tried, microseconds a run-week (or what is said), what was taken."""
