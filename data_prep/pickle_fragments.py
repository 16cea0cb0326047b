"""Prepare a pickle ``[data, labels]`` to compare voices by: WAVs and manifests.

Each segment is an utterance of its own, and a fragment. Into the prepared folder go

``wav/clip-000000.wav``, ...
    One WAV a segment, named by its position in the pickle.
``train.csv``, ...
    The manifests of `data_prep.fragment_manifests`, in which ``$data_root`` is the
    prepared folder. A late part is the last segments of a speaker.
"""

from data_prep.fragment_manifests import write_fragments
from data_prep.fragments import count_lengths, keep_long, whole_utterance
from data_prep.manifest import DATA_ROOT
from data_prep.prepared_folder import file_sha256, replacing_folder
from data_prep.sample_scale import write_wavs
from data_prep.segment_checks import read_checked
from data_prep.splits import ROLES, assign_speakers

VERSION = 1  # raise it whenever the same input and settings give other output


def prepare_pickle_fragments(
    data_pickle,
    prepared_folder,
    n_speakers,
    late_seconds,
    n_seen_speakers,
    seed,
    sample_rate=11025,
    segment_samples=11025,
    n_map_speakers=10,
    n_map_fragments=10,
):
    """Write the prepared folder of a labelled pickle, unless it is there already.

    Parameters
    ----------
    data_pickle : str or Path
        Segments and labels, in a form that `data_prep.task_file` reads.
    prepared_folder : str or Path
        Folder for all that is written; made, or replaced if this function made it.
    n_speakers : dict of str to int or None
        Role (train, valid, test) to number of speakers; None: all that are left.
    late_seconds : float
        Length of the late part, at least.
    n_seen_speakers : int
        Speakers trained on whose late part is kept for tests.
    seed : int
        Chooses the speakers.
    sample_rate : int
        Rate of the segments, Hz.
    segment_samples : int
        Length of each segment.
    n_map_speakers, n_map_fragments : int
        Speakers in ``map.csv``, and segments of each at most.

    Raises
    ------
    ValueError
        If the pickle, a setting or the folder is not as expected.
    FileNotFoundError
        If the pickle does not exist.
    """
    seconds = segment_samples / sample_rate
    lengths = count_lengths(sample_rate, seconds, seconds, seconds, late_seconds)
    fingerprint = {
        "kind": "pickle fragments",
        "version": VERSION,
        "data_sha256": file_sha256(data_pickle),
        "n_speakers": dict(n_speakers),
        "lengths": lengths._asdict(),
        "n_seen_speakers": n_seen_speakers,
        "seed": seed,
        "n_map": [n_map_speakers, n_map_fragments],
    }
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging:
            checked = read_checked(
                data_pickle,
                labelled=True,
                segment_samples=segment_samples,
                on_wrong_length="error",
                rescale=False,
            )
            utterances = keep_long(_describe(checked.labels, lengths), lengths)
            pools = dict.fromkeys(ROLES, list(utterances))
            roles = assign_speakers(pools, n_speakers, "random", seed)
            write_wavs(
                staging / "wav", _names(checked.labels), checked.samples, sample_rate
            )
            write_fragments(
                staging,
                staging,
                utterances,
                roles,
                lengths,
                n_seen_speakers,
                (n_map_speakers, n_map_fragments),
            )


def _names(labels):
    return [f"clip-{i:06d}" for i in range(len(labels))]


def _describe(labels, lengths):
    """Describe the segments of each speaker as utterances."""
    utterances = {}
    for name, spk_id in zip(_names(labels), labels, strict=True):
        wav = f"{DATA_ROOT}/wav/{name}.wav"
        whole = whole_utterance(
            name, wav, lengths.fragment, lengths.sample_rate, spk_id, chapter=""
        )
        utterances.setdefault(spk_id, []).append(whole)
    return utterances
