r"""Draw a small training list from a VoxCeleb folder, and trials for validation.

Held-out speakers come first: their trials are to choose models by, so that the test
trials are seen once. Of the others, utterances are drawn at random until the limits
are met: the hours (that many at least, by less than an utterance more), the speakers
drawn from, and how many utterances one may have. The same seed and part give, for
lower limits of hours or of speakers, a part of what they give for higher ones, and the
same validation. Written into the output folder:

``dev_trials.csv``
    Trials of the held-out speakers (`data_prep.trials`), ids as in ``dev_list.txt``.
    Each speaker has one utterance a video, so that all target trials are across
    videos.
``dev_list.txt``, ``train_list.txt``
    Lines ``speaker path`` (`data_prep.voxceleb_lists`), the training list last.

Ten hours of VoxCeleb2, or at most five utterances of every speaker of VoxCeleb1::

    python -m data_prep.voxceleb_subset --voxceleb_folder voxceleb2/dev/aac \
        --output_folder data/voxceleb2_10h --part voxceleb2_dev --hours 10
    python -m data_prep.voxceleb_subset --voxceleb_folder voxceleb1/wav \
        --output_folder data/voxceleb1_5 --part voxceleb1_dev --max_utterances 5
"""

import argparse
import logging
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from data_prep.splits import split_speakers
from data_prep.trials import draw_trials, write_trials
from data_prep.voxceleb import PARTS, find_utterances, measure_seconds
from data_prep.voxceleb_lists import Listed, write_list

logger = logging.getLogger(__name__)


def build_subset(
    voxceleb_folder,
    output_folder,
    part,
    hours=None,
    n_speakers=None,
    max_utterances=None,
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
    }
    for name, limit in limits.items():
        if limit is not None and not limit > 0:
            raise ValueError(f"{name} is {limit}, expected more than 0, or none")
    found = find_utterances(voxceleb_folder, part)
    dev = hold_out(found, n_dev_speakers, seed)
    rest = {spk: paths for spk, paths in found.items() if spk not in dev}
    train, seconds = draw_utterances(rest, hours, n_speakers, max_utterances, seed)
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


def hold_out(found, n_speakers, seed):
    """Draw speakers to validate on, and one utterance of each of their videos.

    Parameters
    ----------
    found : dict of str to list of Path
        Speaker -> files, from `data_prep.voxceleb.find_utterances`.
    n_speakers : int
        At least 2; only speakers of two videos or more are drawn.
    seed : int
        Seed of the draw.

    Returns
    -------
    dev : dict of str to list of Path
        Speaker -> the first file of each video.

    Raises
    ------
    ValueError
        If there are too few speakers.
    """
    firsts = [
        (spk, path)
        for spk, paths in found.items()
        for path in {path.parent: path for path in reversed(paths)}.values()
    ]
    spk_ids = [spk for spk, _ in firsts]
    try:
        _, held_out = split_speakers(spk_ids, n_speakers, seed)
    except ValueError as error:
        raise ValueError(f"dev: {error} (a segment: a video of a speaker)") from error
    dev = {}
    for i in held_out:
        dev.setdefault(firsts[i][0], []).append(firsts[i][1])
    return {spk: sorted(paths) for spk, paths in dev.items()}


def draw_utterances(found, hours, n_speakers, max_utterances, seed):
    """Draw utterances in random order, up to the limits.

    Parameters
    ----------
    found : dict of str to list of Path
        Speaker -> files.
    hours, n_speakers, max_utterances : float, int and int, or None
        As in `build_subset`.
    seed : int
        Seed of the draw.

    Returns
    -------
    drawn : dict of str to list of Path
        Speaker -> files, both in the order of their names; a speaker of whom none was
        drawn before the hours were full is not in it.
    seconds : float
        Length of all.

    Raises
    ------
    ValueError
        If there are fewer speakers, or less speech, than asked for.
    """
    # Both orders are of all there is, so that a smaller draw is part of a larger one.
    rng = np.random.default_rng([seed, 1])
    speakers = set(rng.permutation(sorted(found))[:n_speakers].tolist())
    spoken = [(spk, path) for spk in sorted(found) for path in found[spk]]
    if len(speakers) < (n_speakers or 0):
        raise ValueError(
            f"n_speakers is {n_speakers}, but without those held out there are"
            f" {len(speakers)}; ask for fewer"
        )
    drawn, seconds, wanted = {}, 0.0, (hours or np.inf) * 3600
    order = rng.permutation(len(spoken))
    for i in tqdm(order, "draw", unit=" utterances", disable=None):
        spk, path = spoken[i]
        full = max_utterances and len(drawn.get(spk, ())) == max_utterances
        if spk in speakers and not full:
            drawn.setdefault(spk, []).append(path)
            seconds += measure_seconds(path)
            if seconds >= wanted:
                break
    if hours and seconds < wanted:
        raise ValueError(
            f"hours is {hours:g}, but {describe(map(len, drawn.values()), seconds)};"
            " ask for less, or raise n_speakers or max_utterances"
        )
    return {spk: sorted(drawn[spk]) for spk in sorted(drawn)}, seconds


def describe(n_utterances, seconds):
    """Word how much speech there is, and how evenly it is spread over the speakers.

    Parameters
    ----------
    n_utterances : sequence of int
        Of each speaker, at least 1.
    seconds : float
        Length of all.

    Returns
    -------
    text : str
        Hours, speakers, utterances, and how many speakers have how many: each number
        for itself up to 5, in doubling ranges above.

    Examples
    --------
    >>> describe([1, 1, 2, 7, 12], 5400)
    '1.50 h, 5 speakers, 23 utterances; speakers with 1/2/6-10/11-20 of them: 2/1/1/1'
    """
    n_utterances = list(n_utterances)
    shares = Counter(map(_range_of, n_utterances))
    ranges = sorted(shares)
    names = [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
    return (
        f"{seconds / 3600:,.2f} h, {len(n_utterances):,} speakers,"
        f" {sum(n_utterances):,} utterances; speakers with {'/'.join(names)} of them:"
        f" {'/'.join(str(shares[bounds]) for bounds in ranges)}"
    )


def _range_of(n):
    """Return the first and the last number of the range that a number is told in."""
    high = 5
    if n <= high:
        return n, n
    while n > high:
        high *= 2
    return high // 2 + 1, high


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
