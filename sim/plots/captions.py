"""What each figure shows, in a line for readers who have never seen the model."""

CAPTIONS = {
    "network": "Who ships to whom: the wider the arrow the more containers, the larger the disc "
    "the more valuable the state's stock.",
    "containers": "What left and what arrived on the busiest routes, beside what observers "
    "published of it.",
    "stocks": "How much ammunition the trading states hold, and how many weeks it would last.",
    "barter": "What is paid in cash, goods and technology, against the value of what arrived.",
    "technology": "How technology grew in the state that was taught most, and what it has still "
    "to absorb.",
    "tests": "Weapon tests and satellite launches of the state that makes most of them.",
    "war": "Soldiers, casualties and the movement of the line in the wars that are fought.",
    "exercises": "Who trains with whom, and how ready and how used to each other it leaves them.",
    "observers": "Each observer's figure divided by the true one: above 1 it claims too much, "
    "below 1 too little.",
    "exposure": "What becomes known of the trade, what is said about it, and what the Council "
    "does.",
    "sanctions": "Who is under sanctions or an embargo, who still monitors it, and how much trade "
    "is unlawful.",
    "disputes": "How far disputes rise, from quiet (white) to war (darkest), and the tension "
    "behind them.",
    "escalation": "The same events weighed on three published scales, which do not agree.",
    "timeline": "All events of one run by date; numbers on the right compare it with the others.",
    "response": "What each swept number does to some metrics, whatever else was swept beside it.",
    "heatmap": "Two swept numbers together: where a metric is high (light) and low (dark), and "
    "below it how wide the runs of a cell lie apart.",
    "multiples": "The same number under each doctrine, or other choice that was swept.",
    "points": "How far each point lies from the one that the others are compared with, each run "
    "against the run that met the same luck.",
}
"""By the name of the figure."""
