"""A `metrics.json` is read whole, or refused with what is wrong where."""

import json

import pytest
from made_up import KEYS, made_up_metrics

from local.output.metrics import figures_of, read_metrics


def write(folder, metrics):
    path = folder / "metrics.json"
    path.write_text(json.dumps(metrics), encoding="utf-8")
    return path


def test_what_is_read_is_what_the_file_holds(tmp_path):
    metrics = made_up_metrics(n_flops=12345)
    assert read_metrics(write(tmp_path, metrics)) == metrics


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("systems",), "missing key systems"),
        (("model", "epochs"), "missing key model.epochs"),
        (("trials", "n_speakers"), "missing key trials.n_speakers"),
        (("bootstrap", "over"), "missing key bootstrap.over"),
        (("systems", "cosine", "eer", "value"), "key systems.cosine.eer.value"),
        (("systems", "cosine", "cmc@3", "value"), "key systems.cosine.cmc@3.value"),
    ],
)
def test_a_missing_key_is_named_with_its_file(place, message, tmp_path):
    metrics = made_up_metrics()
    part = metrics
    for key in place[:-1]:
        part = part[key]
    del part[place[-1]]
    with pytest.raises(ValueError, match=f"metrics.json: .*{message}"):
        read_metrics(write(tmp_path, metrics))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": None}, "model is not an object: None"),
        ({"systems": {"cosine": 0.8}}, "systems.cosine is not an object: 0.8"),
        (
            {"systems": {"cosine": {"eer": {"value": "3 %"}}}},
            "systems.cosine.eer.value: expected a number, got '3 %'",
        ),
        (
            {"model": made_up_metrics(train_seconds="long")["model"]},
            "model.train_seconds: expected a number, got 'long'",
        ),
    ],
)
def test_a_wrong_kind_of_value_is_named(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read_metrics(write(tmp_path, made_up_metrics() | changes))


def test_what_is_no_json_is_refused(tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text('{"test_set": "dev",', encoding="utf-8")
    with pytest.raises(ValueError, match="metrics.json: not JSON"):
        read_metrics(path)


def test_figures_are_those_of_the_metrics_whatever_their_ranks_and_priors():
    metrics = made_up_metrics()
    cosine = metrics["systems"]["cosine"]
    cosine["cmc@20"], cosine["min_dcf@0.5"] = cosine["cmc@1"], cosine["min_dcf@0.05"]
    headings = [figure.heading for figure in figures_of([metrics])]
    assert headings.index("CMC@20 %") == headings.index("mAP %") - 1
    assert headings.index("minDCF(0.5)") == headings.index("AUC") - 1
    assert len(headings) == len(KEYS) + 2


def test_figures_that_have_no_heading_are_not_shown():
    metrics = made_up_metrics()
    metrics["systems"]["cosine"]["novel"] = "any"
    assert [figure.key for figure in figures_of([metrics])] == KEYS
