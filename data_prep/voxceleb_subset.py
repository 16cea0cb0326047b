r"""Draw a small training list from a VoxCeleb folder, and trials for validation.

Held-out speakers come first: their trials are to choose models by, so that the test
trials are seen once. Of the others, utterances are drawn at random until the limits
are met: the hours (that many at least, by less than an utterance more), the speakers
drawn from, and how many utterances one may have. The same seed and part give, for
lower limits of hours or of speakers, a part of what they give for higher ones, and the
same validation. With ``--every`` only every n-th utterance of the whole part counts:
with 100, of VoxCeleb2 there are 10,921, and some speakers have none. Written into the
output folder:

``dev_trials.csv``
    Trials of the held-out speakers (`data_prep.trials`), ids as in ``dev_list.txt``.
    Each speaker has one utterance a video, so that all target trials are across
    videos.
``dev_list.txt``, ``train_list.txt``
    Lines ``speaker path`` (`data_prep.voxceleb_lists`), the training list last.

Ten hours of VoxCeleb2, every hundredth utterance of it, or at most five utterances of
every speaker of VoxCeleb1::

    python -m data_prep.voxceleb_subset --voxceleb_folder voxceleb2/dev/aac \
        --output_folder data/voxceleb2_10h --part voxceleb2_dev --hours 10
    python -m data_prep.voxceleb_subset --voxceleb_folder voxceleb2/dev/aac \
        --output_folder data/voxceleb2_1of100 --part voxceleb2_dev --every 100
    python -m data_prep.voxceleb_subset --voxceleb_folder voxceleb1/wav \
        --output_folder data/voxceleb1_5 --part voxceleb1_dev --max_utterances 5
"""

import argparse
import logging
from pathlib import Path

from data_prep.trials import draw_trials, write_trials
from data_prep.voxceleb import PARTS, find_utterances
from data_prep.voxceleb_draw import describe, draw_utterances, hold_out, thin
from data_prep.voxceleb_lists import Listed, write_list

logger = logging.getLogger(__name__)


def build_subset(
    voxceleb_folder,
    output_folder,
    part,
    hours=None,
    n_speakers=None,
    max_utterances=None,
    every=1,
    n_dev_speakers=40,
    n_dev_trials=10000,
    seed=1986,
):
    """Draw training utterances and validation trials, and write their lists.

    Parameters
    ----------
    voxceleb_folder, output_folder : str or Path
        Folder of the speakers' folders, and of the lists.
    part : str
        One of `data_prep.voxceleb.PARTS`.
    hours : float, optional
        Of speech to train on; None: all there is.
    n_speakers, max_utterances : int, optional
        Speakers to train on, and most utterances of each; None: all.
    every : int
        Train on every n-th utterance alone, counted in the order of names before
        anybody is held out.
    n_dev_speakers, n_dev_trials : int
        Speakers held out, and trials of them.
    seed : int
        Seed of all draws.

    Raises
    ------
    FileNotFoundError
        If there is no utterance of the part.
    ValueError
        If a limit is not above 0, or there is less than was asked for.
    """
    limits = {
        "hours": hours,
        "n_speakers": n_speakers,
        "max_utterances": max_utterances,
        "every": every,
    }
    for name, limit in limits.items():
        if limit is not None and not limit > 0:
            raise ValueError(f"{name} is {limit}, expected more than 0, or none")
    if n_dev_trials < 2 or seed < 0:
        raise ValueError(
            f"n_dev_trials is {n_dev_trials} and seed {seed}, expected 2 or more and 0"
            " or more"
        )
    found = find_utterances(voxceleb_folder, part)
    dev = hold_out(found, n_dev_speakers, seed)
    rest = {spk: paths for spk, paths in thin(found, every).items() if spk not in dev}
    train, seconds = draw_utterances(rest, hours, n_speakers, max_utterances, seed)
    if len(train) < 2:
        raise ValueError(
            f"of these limits {len(train)} speakers are left to train on, expected 2 or"
            " more to tell apart; raise them, or hold out fewer"
        )
    folder = Path(output_folder)
    folder.mkdir(parents=True, exist_ok=True)
    listed = _as_listed(dev, voxceleb_folder)
    spk_ids, names = zip(*listed, strict=True)
    trials = draw_trials(names, spk_ids, n_dev_trials, seed)
    write_trials(folder / "dev_trials.csv", trials)
    write_list(folder / "dev_list.txt", listed)
    write_list(folder / "train_list.txt", _as_listed(train, voxceleb_folder))
    logger.info(
        "train: %s", describe([len(paths) for paths in train.values()], seconds)
    )
    logger.info(
        "dev: %s trials, %s utterances of %d speakers, none of them in training",
        *(f"{len(trials):,}", f"{len(listed):,}", len(dev)),
    )


def _as_listed(utterances, root):
    return [
        Listed(spk, path.relative_to(root).as_posix())
        for spk, paths in utterances.items()
        for path in paths
    ]


def main():
    """Run `build_subset` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voxceleb_folder", required=True)
    parser.add_argument("--output_folder", required=True)
    parser.add_argument("--part", required=True, choices=PARTS)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--n_speakers", type=int)
    parser.add_argument("--max_utterances", type=int)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--n_dev_speakers", type=int, default=40)
    parser.add_argument("--n_dev_trials", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        build_subset(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
