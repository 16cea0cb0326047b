"""A VoxCeleb folder and two trial lists, for the tests of what evaluates on them."""

import numpy as np
from made_up_voxceleb import make_voxceleb

from data_prep.trials import draw_trials, write_trials

DEV, TEST = ("id10001", "id10002", "id10003"), ("id10270", "id10271", "id10272")


def make_trials(folder, n_trials=1000, seconds=0.5):
    """Write noise of six speakers to ``<folder>/wav``, and both lists beside it.

    The lists, ``dev.csv`` and ``test.csv``, are of three speakers each.
    """
    make_voxceleb(folder / "wav", DEV + TEST, seconds=seconds)
    for name, speakers in (("dev", DEV), ("test", TEST)):
        paths = sorted((folder / "wav").glob("*/*/*.wav"))
        names = [path.relative_to(folder / "wav").as_posix() for path in paths]
        names = [listed for listed in names if listed.startswith(speakers)]
        spk_ids = [listed.partition("/")[0] for listed in names]
        trials = draw_trials(names, spk_ids, n_trials, seed=0)
        write_trials(folder / f"{name}.csv", trials)
    return folder


def made_up_crops(spk_ids, rng, n_crops=3, emb_dim=6, spread=0.5):
    """Return embeddings (n, n_crops, emb_dim) that are near those of their speaker."""
    speakers = np.unique(spk_ids, return_inverse=True)[1]
    voices = rng.normal(size=(speakers.max() + 1, 1, emb_dim))
    noise = rng.normal(size=(len(spk_ids), n_crops, emb_dim))
    return (voices[speakers] + spread * noise).astype(np.float32)
