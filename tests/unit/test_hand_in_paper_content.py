"""The report says what its authors and the files of the run say."""

import pytest
from finished import write_finished
from ruamel.yaml import YAML

from local.output.hand_in.architecture import Block
from local.output.hand_in.finished_run import read_figures, read_run
from local.output.hand_in.paper_content import check_details, collect_content, describe

DETAILS = {
    "title": "A title",
    "group": 7,
    "authors": [{"name": "Ada", "student_number": "0123"}],
    "codalab_account": "ada",
    "summary": None,
    "discussion": None,
    "references": [],
    "settings": {"Loss": ["loss"], "Batches": ["batch_size"], "None": ["nothing"]},
    "figures": ["eer"],
}


def test_content_is_filled_from_the_files_of_the_run(tmp_path):
    run = read_run(write_finished(tmp_path))
    blocks = [Block("fc", "Linear", (1, 192), 1234, (0,))]
    metrics = read_figures(run.folder, run)
    content = collect_content(DETAILS, run, metrics, blocks, [])
    assert content["authors"] == ["Ada (0123)"]
    assert content["blocks"][0]["shape"] == "1 × 192"
    rows = dict(content["experiments"])
    assert rows["Loss"] == "ScheduledAAM (scale 30)"
    assert rows["Batches"] == "batch size 64"
    assert "None" not in rows
    assert rows["Data"] == "9,600 clips of 600 speakers"
    assert content["results"][0] == ["System", "EER %"]
    assert len(content["appendix"][0]) > 3
    assert content["discussion"][0].startswith("The submitted score")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"authors": []}, "no authors: write them"),
        ({"group": None, "title": ""}, "no title, group"),
        (
            {"authors": [{"name": "Ada", "student_number": 123}]},
            "in quotes if it is a number",
        ),
        ({"authors": [{"name": "Ada"}]}, "authors.0: expected an object"),
        ({"authors": [{"name": " ", "student_number": "1"}]}, "authors.0.name: exp"),
        ({"group": "/../../x"}, "group: expected a number, or letters"),
        ({"summary": 5}, "summary: expected a text"),
        ({"discussion": "It is good."}, "discussion: expected a list"),
        ({"discussion": [{"a": 1}]}, "discussion.0: expected a text"),
    ],
)
def test_what_a_report_needs_is_asked_for(changes, message):
    with pytest.raises(ValueError, match=message):
        check_details(DETAILS | changes)


def test_what_is_switched_off_is_not_said():
    text = "x: !new:a.Chain\n    steps:\n" + "".join(
        f"        - !new:a.{name} {{prob: {prob}}}\n"
        for name, prob in (("Gain", 0.5), ("Reverb", 0.0))
    )
    assert describe(YAML().load(text)["x"], "x") == "Chain (Gain)"
    none = YAML().load(text.replace("0.5", "0.0"))
    assert describe(none["x"], "x") == ""
