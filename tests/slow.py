"""Which tests `make test` leaves to `make slow`, because they take long and guard one thing each.

Browsers, launchers, clusters, signals, commands from their first line to their last file, and what
shows in many runs alone. Continuous integration runs both commands; `make thorough` runs all.
`pytest FILE` runs what it names.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = (
    "analysis/test_calibration.py::test_the_command",
    "analysis/test_sensitivity.py::test_the_command_plays_once_and_tells",
    "app/test_app_pages.py",
    "app/test_app_simulator.py",
    "app/test_seminar_browser.py",
    "app/test_seminar_server.py",
    "cli/test_cli_failures.py::test_a_failed_run_is_told_after_a_resume_too",
    "cli/test_cli_failures.py::test_resume_goes_on",
    "cli/test_endings.py",
    "cli/test_launchers.py",
    "cli/test_multirun.py::test_a_sweep_goes_on_where_it_was_interrupted",
    "cli/test_multirun.py::test_jobs_of_hydras_own_launcher_have_a_folder_each",
    "documents/test_extending.py::test_the_blocks_run",
    "documents/test_notebooks.py::test_it_runs",
    "documents/test_report_coverage.py::test_what_arises_without_a_timetable",
    "documents/test_report_points.py",
    "documents/test_teaching.py::test_what_a_page_claims_is_what_runs_show",
    "engines/test_compiled.py::test_neither_workers_nor_interruptions_change_a_byte",
    "ensemble/test_cluster.py",
    "ensemble/test_failed_points.py",
    "ensemble/test_progress.py",
    "ensemble/test_user_module.py",
    "experiments/test_atlas.py",
    "experiments/test_benchmark.py::test_memory_is_watched",
    "experiments/test_counterfactual.py",
    "experiments/test_evidence.py::test_the_command_in_its_small_form",
    "experiments/test_fuzz.py",
    "policy/test_model.py::test_batch_run_in_processes",
    "policy/test_policies_travel.py",
    "results/test_store.py::test_kills_lose_nothing",
    "scenario/test_broken.py::test_an_interrupted_job_ends_with_130_and_can_go_on",
    "scenario/test_phases.py::test_a_patch_of_a_name_has_no_effect_on_any_engine",
    "scenario/test_worlds.py::test_an_isolated_state_changes_nothing_else",
    "studies/test_ablation.py::test_the_command_compares_as_paired_jobs_do",
    "studies/test_ammunition.py",
    "studies/test_hindcast.py::test_made_data_of_later_years_from_runs_to_files",
    "studies/test_limits.py::test_an_override_states_its_own_expectation",
    "studies/test_limits_broken.py",
    "studies/test_patterns.py::test_every_pattern_is_counted_from_runs",
    "studies/test_reliability.py",
    "studies/test_spread.py",
    "test_typing.py",
)
"""Files below tests, and functions of files."""


def deselect_slow(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow if all tests are asked for; with --slow, leave out all else.

    Raises:
        pytest.UsageError: All tests are collected and `SLOW` names one that is not among them.
    """
    whole, alone = config.args == config.getini("testpaths"), config.getoption("--slow")
    if config.getoption("--thorough") or not (whole or alone):
        return
    seen = {name for item in items for name in names(item)}
    if whole and (wrong := [name for name in SLOW if name not in seen]):
        raise pytest.UsageError(f"tests/slow.py names no test: {', '.join(wrong)}")
    slow = [item for item in items if not names(item).isdisjoint(SLOW)]
    rest = [item for item in items if names(item).isdisjoint(SLOW)]
    config.hook.pytest_deselected(items=rest if alone else slow)
    items[:] = slow if alone else rest


def names(item: pytest.Item) -> set[str]:
    """Return what `SLOW` may call a test: its file, and its function there."""
    file = item.path.relative_to(HERE).as_posix()
    return {file, f"{file}::{getattr(item, 'originalname', item.name)}"}
