"""The tables of the speaker recipe are made of its runs and the published figures."""

import pytest
from made_up import cells
from made_up_runs import (
    headings,
    made_up_result,
    made_up_run,
    made_up_system,
    share,
    write_run,
)
from PIL import Image

from local.output.generated import END, START
from recipes.wav2vec2_speaker_id.report import write_report
from recipes.wav2vec2_speaker_id.sections import main_split

PAGE = f"# Speakers\n\n{START}old\n{END}\n## References\n"
REASON = "all 211 speakers have one utterance: utterance-disjoint needs two or more"
ARI = {"mean": 0.25, "low": 0.2, "high": 0.3}
EXPLORATION = {
    "run": "wav2vec2",
    "seed": 1,
    "feats": "wav2vec2",
    "layer": 4,
    "n_chunks": 2000,
    "pca": {"n_for_85": 30, "between_speakers": {"first_two": 0.125, "all": 0.5}},
    "neighbours": {
        "tsne": {"any": 0.9, "other_utterance": None},
        "all": {"any": 0.95, "other_utterance": 0.75},
    },
    "clusters": {
        "kmeans": {"ari": ARI, "nmi": 0.5, "silhouette": 0.125, "matched": 0.4}
        | {"largest": 0.1, "ari_of_starts": [0.2, 0.26]}
    },
    "true_silhouette": 0.0625,
    "chance": {"ari": {"mean": -0.01, "low": -0.02, "high": 0.01}, "neighbours": 0.025},
}


def speaker_run(run="speaker_id_wav2vec2", splits=("chunk", "utterance"), **changes):
    """Return a run of two classifiers, the worse first, by some ways to split."""
    systems = {
        "kNN": made_up_system("wav2vec2"),
        "BiLSTM": made_up_system("wav2vec2", "frame"),
    }
    results = []
    for n, split in enumerate(splits):
        loss = 0.05 * n
        results += [
            made_up_result("kNN", 0.9 - 2 * loss, split, "chunk"),
            made_up_result("kNN", 0.94 - 2 * loss, split, "utterance", "vote"),
            made_up_result("kNN", 0.95 - 2 * loss, split, "utterance", "mean", n=2703),
            made_up_result("BiLSTM", 0.5, split, "frame"),
            made_up_result("BiLSTM", 0.95 - loss, split, "chunk", "mean"),
        ]
    return made_up_run(run, systems, results, **changes)


def report(tmp_path, *runs, exploration=None):
    """Return the page made of runs."""
    for run in runs:
        folder = tmp_path / "results" / run["run"]
        write_run(folder, run)
        if exploration:
            write_run(folder, exploration, "exploration.json")
    readme = tmp_path / "README.md"
    readme.write_text(PAGE, encoding="utf-8")
    write_report(tmp_path / "results", readme)
    return readme.read_text(encoding="utf-8")


def table(page, heading):
    """Return the rows of the table under a heading."""
    return cells(page.split(f"### {heading}\n")[1].split("\n### ")[0])


def test_ways_to_split_stand_side_by_side_above_the_published(tmp_path):
    rows = table(report(tmp_path, speaker_run()), "Ways to split (%)")
    assert rows[0][2:] == ["chunks at random", "blocks of time", "utterances apart"] + [
        *("chapters apart", "inflation")
    ]
    assert rows[1] == ["wav2vec2", "BiLSTM", "95.0 [90.0, 100.0]", "–"] + [
        *("90.0 [85.0, 95.0]", "–", "+5.0 (utterances apart)")
    ]
    assert rows[2][:3] == ["wav2vec2", "kNN", "90.0 [85.0, 95.0]"]
    assert rows[2][-1] == "+10.0 (utterances apart)"
    assert rows[3] == ["*published*", "*Morris, wav2vec2 and 2 x BiLSTM*"] + [
        *("–", "–", "97.0", "–", "–")
    ]
    assert rows[4][2] == "96.0"


def test_what_was_not_possible_is_told_with_its_reason(tmp_path):
    data = {"left_out": {"utterance": REASON, "chapter": 9, "block": 0}}
    run = speaker_run("speaker_id_mfcc", ("chunk", "block"), data=data)
    page = report(tmp_path, run)
    assert f"- mfcc, utterances apart: {REASON}\n" in page
    assert "- mfcc, chapters apart: 9 readers left out" in page
    assert "mfcc, blocks" not in page
    assert table(page, "Ways to split (%)")[1][-1] == "+5.0 (blocks of time)"


def test_the_main_split_is_the_strictest_of_all_readers():
    splits = ("chunk", "block", "utterance", "chapter")
    assert main_split(speaker_run(splits=splits)) == "utterance"
    assert main_split(speaker_run(splits=splits[:2])) == "block"
    assert main_split(speaker_run(splits=())) is None
    some = {"left_out": {"chunk": 0, "block": 0, "utterance": 3}}
    assert main_split(speaker_run(splits=splits, data=some)) == "block"


def test_chunks_and_utterances_are_told_apart(tmp_path):
    page = report(tmp_path, speaker_run())
    rows = table(page, "Chunks and utterances (%)")
    assert [row[1:3] for row in rows[1:]] == [
        ["BiLSTM", "chunk"],
        ["kNN", "chunk"],
        ["kNN", "utterance by vote"],
        ["kNN", "utterance by mean posterior"],
    ]
    assert rows[4][3:5] == ["85.0 [80.0, 90.0]", "85.0 [83.0, 87.0]"]
    assert rows[4][5:] == [
        *("84.0 [79.0, 89.0]", "83.0 [78.0, 88.0]", "82.0 [77.0, 87.0]", "2,703")
    ]
    assert "can be in: utterances apart." in " ".join(page.split())


def test_clusters_stand_between_the_readers_and_chance(tmp_path):
    page = report(tmp_path, speaker_run(), exploration=EXPLORATION)
    rows = table(page, "Clusters")
    assert [row[2] for row in rows[1:]] == [
        *("k-means", "readers themselves", "shuffled readers")
    ]
    assert rows[1][1] == "wav2vec2, layer 4, 2,000 chunks"
    assert rows[1][3:] == ["0.25 [0.20, 0.30]", "0.50", "0.12", "40.0"]
    assert rows[2][3:] == ["–", "–", "0.06", "–"]
    assert rows[3][3] == "-0.01 [-0.02, 0.01]"


def test_maps_are_told_by_what_lies_nearest(tmp_path):
    page = report(tmp_path, speaker_run(), exploration=EXPLORATION)
    assert table(page, "Maps and neighbours")[1:] == [
        ["wav2vec2", "t-SNE", "90.0", "–", "–"],
        ["wav2vec2", "all dimensions", "95.0", "75.0", "50.0"],
        ["wav2vec2", "chance", "2.5", "2.5", "0.0"],
    ]


def test_runs_are_told_apart_by_features_and_seed(tmp_path):
    runs = [speaker_run(), speaker_run(seed=2), speaker_run("speaker_id_mfcc")]
    page = report(tmp_path, *runs)
    rows = table(page, "Ways to split (%)")
    names = ["mfcc", "wav2vec2, seed 1", "wav2vec2, seed 2", "*published*"]
    assert list(dict.fromkeys(row[0] for row in rows[1:])) == names
    assert [row[0] for row in table(page, "Data")[1:]] == names[:3]


def test_a_run_of_nothing_has_few_sections(tmp_path):
    page = report(tmp_path, made_up_run("speaker_id_new", {}, []))
    assert headings(page) == ["Ways to split (%)", "Data", "Runs"]


def test_each_run_has_pictures_of_its_own(tmp_path):
    for run in ("mfcc", "wav2vec2"):
        path = tmp_path / f"results/speaker_id_{run}/1/map_tsne.png"
        path.parent.mkdir(parents=True)
        Image.effect_noise((900, 600), 80).save(path)
    page = report(tmp_path, speaker_run(), speaker_run("speaker_id_mfcc"))
    for run in ("mfcc", "wav2vec2"):
        assert f"by t-SNE: {run}](figures/{run}-map_tsne.png)" in page
        path = tmp_path / f"figures/{run}-map_tsne.png"
        assert path.stat().st_size < 150_000


@pytest.mark.parametrize(
    ("name", "part", "problem"),
    [
        ("exploration", {"clusters": {"ward": {"ari": 0.5}}}, "clusters.ward.ari: ex"),
        (
            "exploration",
            {"neighbours": {"pca": {"any": 5}}},
            "neighbours.pca.any: expe",
        ),
        ("classification", {"results": [{"f1": share(0.5)}]}, "results.0: expected an"),
    ],
)
def test_a_malformed_file_is_named_and_keeps_the_page_of_before(
    name, part, problem, tmp_path
):
    page = report(tmp_path, speaker_run(), exploration=EXPLORATION)
    whole = {"exploration": EXPLORATION, "classification": speaker_run()}[name]
    folder = tmp_path / "results/speaker_id_wav2vec2"
    write_run(folder, whole | part, f"{name}.json")
    with pytest.raises(ValueError, match=f"{name}.json: {problem}"):
        write_report(tmp_path / "results", tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == page
