"""Compare two voices, and recognise enrolled ones, in a page on this machine.

    python app.py

opens the page on http://127.0.0.1:7860 with the model that ships; another model, and
where enrolled voices are kept:

    python app.py hparams/app.yaml --model results/ecapa_cpu/1986 --enrolled_folder mine

Nothing leaves the machine: the page is served to it alone and asks no other host for
anything; other users of the machine can open it, too. Recordings are deleted, at the
latest when it closes; of enrolled voices embeddings are kept. Needs
``pip install -r requirements-app.txt``.
"""

from local.experiment import load_experiment, run
from local.help_page import usual_yaml
from local.output.app.page import build_page
from local.output.app.server import (
    check_loopback,
    check_numbers,
    private_gradio,
    serve,
)
from local.output.app.studio import Studio
from local.output.judge import load_judge
from local.scoring.embeddings import model_digest
from local.scoring.enrolment import Enrolment
from local.scoring.model_folder import check_sample_rate, find_model, read_facts

NEEDED = ("enrolled_folder", "operating_points", "read_clip")


def open_enrolment(hparams, model_folder):
    """Return the enrolled voices, which must be of this model."""
    facts = read_facts(model_folder)
    name = f"{facts['experiment']}, seed {facts['seed']}"
    model = model_digest(model_folder), name
    most = {
        limit: hparams[limit] for limit in ("max_voices", "max_clips", "longest_name")
    }
    enrolment = Enrolment(hparams["enrolled_folder"], *model, **most)
    enrolment.read()
    return enrolment


def make_studio(hparams, device):
    """Return what the page can do."""
    model_folder = find_model(hparams["model"])
    check_sample_rate(model_folder, hparams["sample_rate"])
    enrolment = open_enrolment(hparams, model_folder)
    judge = load_judge(hparams, model_folder, device)
    settings = {
        part: hparams[part]
        for part in ("read_clip", "longest_s", "most_channels", "operating_points")
    }
    return Studio(judge, enrolment, p_target=hparams["pair_p_target"], **settings)


def main(arguments):
    """Serve the page until it is closed."""
    if not arguments or arguments[0].startswith("-"):
        arguments = [usual_yaml(__doc__), *arguments]
    hparams, run_opts, _ = load_experiment(arguments, NEEDED)
    numbers = {key: hparams[key] for key in ("port", "max_file_mb", "close_after_s")}
    kept_s = hparams["recordings_kept_s"]
    check_loopback(hparams["host"])
    check_numbers(**numbers, recordings_kept_s=kept_s)
    with private_gradio() as gradio:
        studio = make_studio(hparams, run_opts["device"])
        page = build_page(gradio, studio, kept_s)
        serve(gradio, page, hparams["host"], **numbers)


if __name__ == "__main__":
    run(main)
