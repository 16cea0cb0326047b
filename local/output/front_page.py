"""The pictures of the README: the model that ships, on speakers it never heard.

They come from the run of its verification. Where that is not at hand, as in a fresh
checkout, the pictures of before stay.
"""

import logging
from pathlib import Path

from sklearn.decomposition import PCA

from local.input.labels import read_labels
from local.output.hand_in.finished_run import read_settings
from local.output.maps import embed_in_plane, plot_points
from local.output.pictures import collect_pictures
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import read_facts
from local.scoring.similarity import length_normalize

logger = logging.getLogger(__name__)

SHIPPED = Path("pretrained", "voice-reid-1s")
TEST_SET = "dev_ls"
SIZE = (7.6, 5.4)  # of the map, inches


def write_pictures(results_folder):
    """Write ``det.png`` and ``map.png`` into the folder of all results.

    Parameters
    ----------
    results_folder : str or Path
        With the model that ships and the run it is from.

    Returns
    -------
    there : list of str
        Names of those that are there then, of before or of now.

    Raises
    ------
    ValueError
        If something of the run is malformed.
    """
    folder = Path(results_folder)
    if not (folder / SHIPPED).is_dir():
        return []
    facts = read_facts(folder / SHIPPED)
    run = folder / facts["experiment"] / str(facts["seed"]) / TEST_SET
    draw_map(run, SHIPPED.name)
    # The run measures every re-ranking there is; curves are those of verify.py as it
    # comes, in its own output folder.
    det = folder / "verify" / TEST_SET / "det.png"
    return collect_pictures({"det": [det], "map": [run / "map.png"]}, folder)


def draw_map(run, model):
    """Draw the map of a verification beside its other figures.

    Parameters
    ----------
    run : Path
        Output folder of ``verify.py``. Without embeddings, or the labels it was given,
        nothing is drawn.
    model : str
        What the title calls it.
    """
    # Of other models there, earlier: the last is that of the figures.
    found = sorted(run.glob("embeddings-*.npz"), key=lambda path: path.stat().st_mtime)
    if not found:
        return
    settings, _ = read_settings(run / "hyperparams.yaml")
    labels = Path(settings["test_labels"] or "")
    if not labels.is_file():
        logger.info("%s: its labels are not here, so no map is drawn", run)
        return
    matrix = load_embeddings(found[-1]).matrix
    spk_ids = read_labels(labels, len(matrix))
    points = embed_in_plane(length_normalize(matrix), settings["seed"])
    # A map has no top of its own: its longer side goes with the lines of the page.
    points = PCA(2).fit_transform(points)
    n_readers, n_clips = len(set(spk_ids)), len(matrix)
    title = (
        f"{n_readers} readers it never heard, {n_clips} clips of one second\n"
        f"{run.name}, embeddings by {model}; t-SNE, seed {settings['seed']}"
    )
    plot_points(points, spk_ids, run / "map", "t-SNE", title, True, SIZE)
