"""`python -m experiments.efficiency` runs, and tells what it measured."""

from typing import Any

import pytest

from experiments import efficiency

distributed = pytest.importorskip("distributed", reason="the extra `sweep` brings Dask")
pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("cluster")]


def test_the_efficiency_of_two_workers_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[int] = []
    cluster = distributed.LocalCluster

    def here(n_workers: int, **keys: Any) -> Any:
        """Workers that are threads begin at once."""
        begun.append(n_workers)
        threads = {"processes": False, "protocol": "tcp://"}
        return cluster(n_workers=n_workers, **keys | threads)

    took = iter((0.1, 0.2, 6.0, 4.0, 9.0, 5.0, 7.0, 3.0))
    play = efficiency.seconds
    monkeypatch.setattr(distributed, "LocalCluster", here)
    monkeypatch.setattr(efficiency, "seconds", lambda *job: play(*job) and next(took))
    assert efficiency.main(["runs=2", "weeks=1", "rounds=3"]) == 0
    assert begun == [1, 2]
    assert capsys.readouterr().out.splitlines() == [
        "2 runs of 1 weeks, engine reference, median of 3",
        "1 worker: 7.00 s",
        "2 workers: 4.00 s",
        "efficiency of two workers: 0.88",
    ]
