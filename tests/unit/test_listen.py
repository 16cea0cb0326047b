"""Tests of the command python -m local.output.listen."""

import json

import pytest
from made_up_gallery import page_data

from local.output.listen.__main__ import main


def test_a_verification_becomes_a_page_with_its_figures(verify, capsys):
    folder = verify("run")
    main([str(folder), "--n_pairs", "2", "--n_neighbors", "3"])
    assert capsys.readouterr().out.endswith("MB, open it in a browser\n")
    data = page_data((folder / "listen.html").read_text(encoding="utf-8"))
    metrics = json.loads((folder / "metrics.json").read_text())
    for curve in data["curves"]:
        figures = metrics["systems"][curve["name"]]
        assert curve["eer"] == pytest.approx(figures["eer"]["value"])
        assert curve["auc"] == pytest.approx(figures["auc"]["value"])
    assert data["thresholds"]["n_tar"] == metrics["trials"]["n_target_trials"]
    assert len(data["false_accepts"]) == 2 and len(data["neighbors"][0]) == 3


def test_an_error_is_one_line_and_leaves_the_earlier_page(verify, capsys):
    folder = verify("run")
    (folder / "listen.html").write_text("earlier")
    with pytest.raises(SystemExit) as exit_:
        main([str(folder), "--max_mb", "1"])
    assert exit_.value.code == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("error: no room for the") and "raise --max_mb" in line
    assert (folder / "listen.html").read_text() == "earlier"
