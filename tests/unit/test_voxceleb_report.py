"""The tables and the picture of the VoxCeleb recipe are made of its comparisons."""

import copy
import json

import pytest
from made_up import cells
from PIL import Image

from local.output.generated import END, START
from recipes.voxceleb.comparison_tables import (
    format_losses,
    format_sizes,
    read_comparison,
    sizes,
)
from recipes.voxceleb.report import write_report
from recipes.voxceleb.size_plot import plot_sizes

PAGE = f"# Lab\n\n{START}old\n{END}\n## References\n"


def figure(value):
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


def made_up_comparison(runs):
    return {
        "data": "one-second segments",
        "scores": "cosine",
        "seeds": [7, 8],
        "test_sets": {
            "one": {"n_speakers": 6, "n_target_trials": 30, "n_nontarget_trials": 1200}
        },
        "bootstrap": {"n": 10, "confidence": 0.95, "seed": 1},
        "runs": runs,
    }


def made_up_size(width, share, eer, difference):
    return {
        "depth": 18,
        "width": width,
        "n_parameters": 1000 * width,
        "speaker_share": share,
        "n_train_speakers": int(800 * share),
        "n_train_segments": int(8000 * share),
        "epochs": 9,
        "eer": figure(eer),
        "eer_of_seeds": {"7": eer, "8": eer},
        "eer_of_test_sets": {"one": figure(eer)},
        "reference": "large",
        "difference": figure(difference),
    }


@pytest.fixture
def study():
    return made_up_comparison(
        {
            "large": made_up_size(32, 0.5, 0.31, 0.0),
            "small": made_up_size(4, 0.5, 0.253, -0.057),
            "small_all": made_up_size(4, 1.0, 0.2, 0.01),
        }
    )


@pytest.fixture
def losses(study):
    runs = {
        name: study["runs"][run] | {"loss_name": name}
        for name, run in (("am", "large"), ("ge2e", "small"))
    }
    return made_up_comparison(copy.deepcopy(runs))


def test_sizes_stand_by_parameters_and_shares_side_by_side(study):
    lines = cells(format_sizes(study, "Sizes"))
    eers = [line for line in lines if line[0].startswith("ResNet")]
    assert eers[0][:2] == ["ResNet-18, width 4", "4,000"]
    assert eers[0][2:] == ["25.3 [23.3, 27.3]", "20.0 [18.0, 22.0]"]
    assert eers[1][2:] == ["31.0 [29.0, 33.0]", "–"]
    assert eers[2][2] == "-5.7 [-7.7, -3.7]"


def test_sizes_name_data_trials_and_seeds(study):
    text = format_sizes(study, "Sizes")
    assert "Data: one-second segments." in text
    assert "`one` (6 speakers, 30 target and 1,200 nontarget trials)" in text
    assert "Seeds: 7, 8." in text


def test_losses_stand_from_best_to_worst(losses):
    lines = cells(format_losses(losses))
    assert [line[0] for line in lines[-2:]] == ["ge2e", "am"]


def test_the_picture_has_a_line_for_each_share(study, tmp_path):
    plot_sizes(sizes(study), tmp_path / "sizes")
    svg = (tmp_path / "sizes.svg").read_text(encoding="utf-8")
    assert "400 speakers" in svg
    assert "800 speakers" in svg
    with Image.open(tmp_path / "sizes.png") as picture:
        assert picture.width > 500


def test_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(ValueError, match="got none"):
        plot_sizes({}, tmp_path / "sizes")


def write(folder, name, content):
    (folder / name).mkdir(parents=True, exist_ok=True)
    path = folder / name / "comparison.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_the_voxceleb_readme_holds_all_comparisons(study, losses, tmp_path):
    write(tmp_path, "voxceleb_study", study)
    write(tmp_path, "voxceleb_losses", losses)
    readme = tmp_path / "README.md"
    readme.write_text(PAGE, encoding="utf-8")
    write_report(tmp_path, readme)
    page = readme.read_text(encoding="utf-8")
    assert page.index("little data?") < page.index("### Losses")
    assert page.endswith("## References\n")
    assert (tmp_path / "figures/voxceleb_study.png").is_file()
    write_report(tmp_path, readme)
    assert readme.read_text(encoding="utf-8") == page


def test_without_comparisons_nothing_is_written(tmp_path):
    with pytest.raises(FileNotFoundError, match="compare or evaluate first"):
        write_report(tmp_path, tmp_path / "README.md")


@pytest.mark.parametrize("key", ["data", "runs", "seeds"])
def test_a_malformed_comparison_is_refused(study, tmp_path, key):
    del study[key]
    path = write(tmp_path, "voxceleb_study", study)
    with pytest.raises(ValueError, match="compare the runs again"):
        read_comparison(path)
