r"""Make what a group hands in: the report, the answer and the code that makes it anew.

    python hand_in.py hparams/hand_in.yaml --submission results/ecapa_cpu/1986/test \
        --measured results/ecapa_cpu/1986/held_out

``--submission`` is what ``verify.py`` wrote for the test to hand in, whose speakers
nobody tells; ``--measured`` what it wrote, by the same model, for speakers with labels.
Names, numbers and texts stand in the YAML. The result is ``report.pdf``, one page of
content, and ``group_<n>.zip``: report, ``answer.txt``, YAMLs and code. Unpacked,
the script in it, ``make_answer``, trains and verifies again and compares the bytes.
"""

from pathlib import Path

from local.evaluation.gallery import split_trials
from local.experiment import load_experiment, run
from local.input.labels import read_labels
from local.output.hand_in.architecture import trace_blocks
from local.output.hand_in.archive import write_archive
from local.output.hand_in.finished_run import (
    read_answer,
    read_figures,
    read_run,
    read_settings,
)
from local.output.hand_in.paper import write_paper
from local.output.hand_in.paper_content import check_details, collect_content
from local.output.hand_in.regeneration import regeneration_files
from local.output.plots import read_training_log
from local.scoring.model_folder import load_encoder, read_sample_rate


def measured_trials(hparams, folder):
    """Return the scores of target and of nontarget trials, as answer.txt ranks them.

    Raises
    ------
    ValueError
        If nothing tells where the labels are.
    """
    settings, _ = read_settings(folder / "hyperparams.yaml")
    labels = hparams["test_labels"] or settings.get("test_labels")
    if labels is None:
        raise ValueError(f"{folder}: measured with which labels? Give --test_labels")
    distances = read_answer(folder / "answer.txt")
    return split_trials(-distances, read_labels(labels, len(distances)))


def report_details(hparams):
    """Return what the YAML says of the report, checked."""
    about = {key: hparams[key] for key in ("title", "group", "codalab_account")}
    texts = {text: hparams[text] for text in ("summary", "discussion", "references")}
    tables = {table: hparams[table] for table in ("authors", "settings", "figures")}
    page = {
        part: hparams[part]
        for part in ("n_blocks", "fonts", "font_folders", "font_size")
    }
    details = about | texts | tables | page
    check_details(details)
    return details


def make_report(hparams, details, finished, path):
    """Write the report of a finished run."""
    folder = Path(hparams["measured"] or hparams["submission"])
    metrics = read_figures(folder, finished)
    log_rows = read_training_log(finished.trainings[0].folder / "train_log.txt")
    encoder = load_encoder(finished.model_folder, "cpu")
    second = read_sample_rate(finished.model_folder)
    blocks = trace_blocks(encoder, second, details["n_blocks"])
    content = collect_content(details, finished, metrics, blocks, log_rows)
    write_paper(path, content, details, measured_trials(hparams, folder), log_rows)


def main(arguments):
    """Report, then pack.

    Raises
    ------
    ValueError
        If nothing is handed in.
    """
    hparams, _, _ = load_experiment(arguments, needed=("submission",))
    details = report_details(hparams)
    if hparams["submission"] is None:
        raise ValueError("what is handed in? Give --submission <folder of verify.py>")
    for place in ("submission", "measured", "model", "test_labels"):
        if not isinstance(hparams[place], str | None):
            raise ValueError(f"--{place}: expected a path, got {hparams[place]}")
    finished = read_run(hparams["submission"], hparams["model"])
    read_answer(finished.folder / "answer.txt")
    output = Path(hparams["output_folder"])
    make_report(hparams, details, finished, output / "report.pdf")
    files = regeneration_files(finished, hparams["title"], hparams["group"])
    for path in (output / "report.pdf", finished.folder / "answer.txt"):
        files[path.name] = path.read_bytes()
    archive = output / f"group_{hparams['group']}.zip"
    write_archive(archive, files)
    print(f"Hand-in: {archive} ({len(files)} files)")


if __name__ == "__main__":
    run(main)
