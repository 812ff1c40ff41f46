"""Which tests are left to `make thorough`, and the small form in which others run them.

`make test` is for every change: it must end in eight minutes on two cores. What is long because
it repeats one check over many worlds, parameter sets, kills or coefficients keeps a few of them
there, or in `make slow` (tests/slow.py); `make thorough` runs all. A test that is named on the
command line by its `::` always runs.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NONE: tuple[str, ...] = ()
FEW: dict[str, int | tuple[str, ...]] = {
    # One check over many worlds, sets or coefficients: those that are kept, or every how many-th.
    "engines/test_compiled.py::test_engines_agree_on_every_field_of_every_week": (
        "northeast_asia_2023",
        "synthetic",
        "limit_rudimentary",
    ),
    "engines/test_compiled.py::test_any_number_of_weeks": ("26",),
    "engines/test_compiled.py::test_neither_fellows_nor_place_in_the_block_matter": ("full",),
    "engines/test_compiled.py::test_jobs_of_any_size_hold_the_same_rows": ("full-200",),
    "engines/test_engines.py::test_a_year_needs_no_more_than_the_standard": ("default",),
    "engines/test_engines.py::test_a_year_under_a_trace": ("default",),
    "test_fingerprint.py::test_the_reference_engine_gives_what_is_stored": 3,
    "test_fingerprint.py::test_the_compiled_engine_gives_what_is_stored": ("northeast_asia_2023",),
    "test_oracle.py::test_a_wrong_coefficient_would_be_seen_in_some_drawn_world": 20,
    "test_oracle_rows.py::test_a_metric_that_is_a_little_wrong_is_seen": 3,
    "test_conservation.py::test_every_week_of_any_world_is_sound": ("25",),
    "test_noise_laws.py::test_the_comparisons_see_a_defect": ("bias",),
    "scenario/test_pairs.py::test_a_listed_stranger_changes_nothing_of_a_shipped_scenario": 3,
    "scenario/test_nothing_moves.py::test_both_engines_agree_and_no_table_shows_the_entry": (
        "routes+pairs",
    ),
    "scenario/test_nothing_moves.py::test_page_table_and_story_are_made": ("routes+pairs",),
    "scenario/test_nothing_moves.py::test_the_table_of_routes_is_there_and_has_no_row": (
        "reference",
    ),
    "policy/test_model.py::test_the_path_is_the_engine_s": ("northeast_asia_2023",),
    "ensemble/test_failed_points.py::test_a_failed_run_of_a_point_fails_again": ("words0",),
    "results/test_store.py::test_a_full_disk_stops_a_job_that_then_goes_on": ("1",),
    "documents/test_teaching.py::test_what_a_page_claims_is_what_runs_show": 33,
    "experiments/test_lessons.py::test_the_first_runs_give_what_is_stored": (
        "2_deterrence-arms_for_a_promise",
    ),
    "documents/test_notebooks.py::test_it_runs": ("01_first_run",),
    "documents/test_report_coverage.py::test_what_arises_without_a_timetable": 3,
    "studies/test_limits.py::test_the_shipped_scenario_meets_its_theory": (
        "benhabib_spiegel",
        "fronts",
        "lanchester_square",
        "pipeline",
    ),
    "studies/test_limits.py::test_parameter_sets_that_nobody_chose": (
        "balance",
        "benhabib_spiegel",
        "lanchester_square",
    ),
    "studies/test_limits.py::test_an_override_states_its_own_expectation": 4,
    "documents/test_report_points.py::test_a_point_is_there_and_one_override_removes_it": 4,
    "scenario/test_worlds.py::test_an_isolated_state_changes_nothing_else": 4,
    "studies/test_limits_broken.py::test_a_broken_rule_fails_its_limit": (
        "a millionth falls overboard",
        "aimed fire for area fire",
        "industry makes a tenth more",
        "nothing is ever interdicted",
        "one side's fire kills a hundredth more",
        "the frontier moves a tenth faster",
        "who fights beside another kills a hundredth more",
    ),
    "studies/test_limits_broken.py::test_a_broken_desk_fails_its_limit": (
        "deterrence by the other's strength alone",
        "whatever is demanded is conceded",
        "who should cooperate defects",
    ),
    "app/test_seminar_server.py::test_an_order_is_on_all_screens": ("small",),
    "app/test_seminar_server.py::test_many_connections_are_turned_away_and_the_room_goes_on": (
        "150",
    ),
    "app/test_seminar_server.py::test_a_killed_server_loses_no_order": ("1",),
    "cli/test_launchers.py::test_optuna_searches_for_the_least_mean": ("armsflow",),
    "plots/test_plots.py::test_any_results_can_be_drawn": 2,
    "plots/test_plots.py::"
    "test_the_same_results_give_the_same_bytes_and_matplotlib_stays_as_it_was": ("4",),
    "cli/test_endings.py::test_what_ends_a_job_is_said_with_how_it_goes_on": (
        "job, terminated",
        "sweep, interrupted",
    ),
    # Left out whole; what stands beside each covers the same ground for less.
    "analysis/test_sensitivity.py::test_the_study_and_the_command_line_run_the_same_points": NONE,
    "app/test_app_pages.py::test_the_compiled_engine_serves_the_same_numbers": NONE,
    "app/test_seminar_store.py::test_what_was_acknowledged_outlives_a_kill": NONE,
    "cli/test_cli_failures.py::test_a_failed_run_fails_again_when_its_command_is_pasted": (
        "reference",
    ),
    "cli/test_multirun.py::test_hydras_own_sweeper_and_launcher_give_the_same_rows": NONE,
    "cli/test_multirun.py::test_params_on_the_command_line_reach_hydras_own_sweeper": NONE,
    "documents/test_sweeps_page.py::test_all_of_it_can_be_typed": NONE,
    "documents/test_sweeps_page.py::test_the_cost_of_a_point_can_be_measured": NONE,
    "engines/test_compiled.py::test_a_structure_is_compiled_once": NONE,
    "engines/test_compiled.py::test_the_record_does_not_matter": NONE,
    "ensemble/test_sweeps.py::test_a_point_of_a_sweep_is_a_job_of_its_own": ("reference",),
    "experiments/test_benchmark.py::test_a_quick_look": NONE,
    "experiments/test_benchmark.py::test_the_time_of_a_week_is_found_by_file": NONE,
    "experiments/test_mutants.py::test_most_of_a_sample_are_noticed": NONE,  # CI runs 60 itself
    "plots/test_drawing.py::test_another_process_may_help_to_draw": NONE,
    "plots/test_drawing.py::test_the_command_draws_with_two_processes_where_it_may_have_two": NONE,
    "results/test_store.py::test_a_full_disk_leaves_no_half_a_report": NONE,
    "results/test_store.py::test_a_killed_report_loses_nothing": NONE,
    "results/test_store.py::test_a_long_report_says_what_a_short_one_says": NONE,
    "results/test_store.py::test_kills_lose_nothing": ("1",),
    "results/test_store.py::test_a_report_needs_no_more_memory_for_more_runs": NONE,
    "results/test_store.py::test_kills_lose_nothing_of_a_sweep": NONE,
    "results/test_store.py::test_kills_lose_nothing_of_the_compiled_engine": NONE,
    "results/test_store.py::test_what_ends_a_job_in_a_word_loses_nothing": NONE,
    "scenario/test_nothing_moves.py::"
    "test_a_world_with_one_route_is_another_program_than_one_with_none": NONE,
    "scenario/test_nothing_moves.py::test_it_is_as_with_a_route_on_which_nothing_moves": (
        "reference",
    ),
    "scenario/test_phases.py::test_a_program_follows_what_a_phase_reads_of_its_module": NONE,
    "studies/test_reliability.py::test_what_was_learnt_is_nearer_to_the_truth": ("tit_for_tat",),
    "studies/test_reliability.py::test_who_is_believed_hard_at_p_is_hard_in_a_share_p": NONE,
    "studies/test_ammunition.py::test_better_ammunition_of_north_korea_costs_ukraine_more": (
        "reference-6",
    ),
    "studies/test_accounts.py::"
    "test_russias_share_of_procurement_moves_no_vote_and_in_weeks_of_income_it_did": NONE,
    "studies/test_channels.py::test_a_protector_with_more_forces_deters_more": NONE,
    "studies/test_limits_phases.py::test_cells_off_the_boundary_are_as_theory_says": NONE,
    "studies/test_hindcast.py::test_the_real_folder": NONE,
    "studies/test_lawful_arms.py::"
    "test_lawful_shells_for_russia_cost_china_relations_and_no_coefficient_no_cost": NONE,
    "studies/test_lawful_arms.py::test_a_dated_policy_of_two_hundred_runs_says_the_same": NONE,
    "studies/test_spread.py::test_what_has_no_spread_is_named_with_its_reason": ("reference-6",),
    "studies/test_onsets.py::test_deterrence_stops_some_presses_unless_it_is_off": NONE,
    "studies/test_onsets.py::test_exercises_that_do_not_provoke_leave_no_more_disputes": NONE,
    "studies/test_onsets.py::test_nuclear_arms_keep_from_war_and_not_from_what_lies_below": NONE,
    "studies/test_onsets.py::test_nuclear_states_hardly_ever_go_to_war": NONE,
    "studies/test_onsets.py::test_the_choice_of_crisis_desk_changes_disputes": NONE,
    "studies/test_onsets.py::test_without_restraint_and_deterrence_they_do": NONE,
    "studies/test_plausibility.py::test_no_finding_contradicts_what_is_wanted": NONE,
}
"""Tests by place and name: the ids of parametrised ones that `make test` keeps, or a step."""


def is_kept(place: str, name: str | None, number: int) -> bool:
    """Return whether `make test` runs a test.

    Args:
        place: Its file below tests and its function, as in `FEW`.
        name: Its id where it is parametrised, without a group's name.
        number: How many of the same function come before it.
    """
    kept = FEW.get(place)
    if kept is None:
        return True
    return number % kept == 0 if isinstance(kept, int) else name in kept


def deselect_thorough(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make thorough` alone runs, unless it or a test by name is asked for.

    Raises:
        pytest.UsageError: All tests are collected and `FEW` names one that is not among them.
    """
    if config.getoption("--thorough") or any("::" in word for word in config.args):
        return
    seen: dict[str, list[str | None]] = defaultdict(list)
    kept, left = [], []
    for item in items:
        place = f"{item.path.relative_to(HERE)}::{getattr(item, 'originalname', item.name)}"
        call = getattr(item, "callspec", None)
        name = call and call.id
        (kept if is_kept(place, name, len(seen[place])) else left).append(item)
        seen[place].append(name)
    if config.args == config.getini("testpaths") and (wrong := list(unknown(seen))):
        raise pytest.UsageError(f"tests/thorough.py names no test: {', '.join(wrong)}")
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def unknown(seen: dict[str, list[str | None]]) -> Iterator[str]:
    """Yield what `FEW` names and is not among the ids of the tests that were seen, by place."""
    for place, kept in FEW.items():
        if place not in seen:
            yield place
        elif isinstance(kept, tuple):
            yield from (f"{place}[{name}]" for name in kept if name not in seen[place])
