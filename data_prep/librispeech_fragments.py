"""Cut a LibriSpeech folder into fragments to compare voices by.

`data_prep.librispeech` says where the corpus comes from and how its folder must look.
`data_prep.fragment_manifests` tells what stands in the prepared folder: manifests
alone, in which ``$data_root`` is the LibriSpeech folder. No audio is written.
"""

from tqdm import tqdm

from data_prep.fragment_manifests import write_fragments
from data_prep.fragments import count_lengths, keep_long, whole_utterance
from data_prep.librispeech import (
    CORPUS_RATE,
    count_samples,
    find_utterances,
)
from data_prep.librispeech_readers import read_listed
from data_prep.manifest import DATA_ROOT
from data_prep.prepared_folder import digest_files, replacing_folder
from data_prep.splits import assign_speakers, check_roles

VERSION = 1  # raise it whenever the same input and settings give other output


def prepare_librispeech_fragments(
    librispeech_folder,
    prepared_folder,
    subsets,
    n_speakers,
    choose,
    test_speakers,
    fragment_seconds,
    hop_seconds,
    test_hop_seconds,
    late_seconds,
    n_seen_speakers,
    seed,
    valid_is_test=False,
    n_map_speakers=10,
    n_map_fragments=10,
):
    """Write the manifests of a LibriSpeech folder, unless they are there already.

    Parameters
    ----------
    librispeech_folder : str or Path
        Folder that holds the subsets.
    prepared_folder : str or Path
        Folder for the manifests; made, or replaced if this function made it.
    subsets : dict of str to str
        Role (train, valid, test) to the subset its readers are from. Roles may name the
        same subset: they never share a reader.
    n_speakers : dict of str to int or None
        Role to number of readers; None: all that are left.
    choose : {"random", "lowest"}
        Readers drawn by the seed, or those of the lowest numbers.
    test_speakers : str or Path
        Text file with a reader a line, ``#`` before a comment: the test has no others,
        and no other role has these. ``"any"``: there is no list.
    fragment_seconds : float
        Length of each fragment.
    hop_seconds, test_hop_seconds : float
        From the start of a fragment to that of the next, in training and in tests.
    late_seconds : float
        Length of the late part, at least.
    n_seen_speakers : int
        Readers trained on whose late part is kept for tests.
    seed : int
        Chooses the readers.
    valid_is_test : bool
        Whether the readers of validation are those of the test.
    n_map_speakers, n_map_fragments : int
        Readers in ``map.csv``, and fragments of each.

    Raises
    ------
    ValueError
        If a setting, a file of the corpus or the prepared folder is not as expected.
    FileNotFoundError
        If a subset or the file of test readers is missing.
    """
    seconds = fragment_seconds, hop_seconds, test_hop_seconds, late_seconds
    lengths = count_lengths(CORPUS_RATE, *seconds)
    check_roles("subsets", subsets)
    if valid_is_test:
        subsets = {**subsets, "valid": subsets["test"]}
    readers = {
        subset: find_utterances(librispeech_folder, [subset])
        for subset in sorted({*subsets.values()})
    }
    listed = read_listed(test_speakers, readers[subsets["test"]], subsets["test"])
    fingerprint = {
        "kind": "LibriSpeech fragments",
        "version": VERSION,
        "files_sha256": digest_files(librispeech_folder, list_files(readers)),
        "subsets": dict(subsets),
        "n_speakers": dict(n_speakers),
        "choose": choose,
        "test_speakers": listed,
        "lengths": lengths._asdict(),
        "n_seen_speakers": n_seen_speakers,
        "seed": seed,
        "valid_is_test": valid_is_test,
        "n_map": [n_map_speakers, n_map_fragments],
    }
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging:
            utterances = measure_utterances(librispeech_folder, readers)
            utterances = keep_long(utterances, lengths)
            pools = _pools(utterances, readers, subsets, listed)
            roles = assign_speakers(pools, n_speakers, choose, seed, valid_is_test)
            write_fragments(
                staging,
                librispeech_folder,
                utterances,
                roles,
                lengths,
                n_seen_speakers,
                (n_map_speakers, n_map_fragments),
                valid_is_test,
            )


def list_files(readers):
    """Return the files of all readers of all subsets.

    Parameters
    ----------
    readers : dict of str to dict of str to list of Path
        Subset to what `find_utterances` found in it.

    Returns
    -------
    paths : list of Path
        In the order of the subsets and readers.
    """
    return [
        path
        for spoken in readers.values()
        for paths in spoken.values()
        for path in paths
    ]


def measure_utterances(folder, readers):
    """Describe the utterances of each reader.

    Parameters
    ----------
    folder : str or Path
        The LibriSpeech folder.
    readers : dict of str to dict of str to list of Path
        As of `list_files`.

    Returns
    -------
    utterances : dict of str to list of Fragment
        Reader to whole utterances.

    Raises
    ------
    ValueError
        If a file is not what LibriSpeech holds.
    """
    utterances = {}
    progress = tqdm(list_files(readers), "lengths", unit=" files", disable=None)
    for path in progress:
        reader, chapter = path.parts[-3:-1]
        wav = f"{DATA_ROOT}/{path.relative_to(folder).as_posix()}"
        whole = whole_utterance(
            path.stem, wav, count_samples(path), CORPUS_RATE, reader, chapter
        )
        utterances.setdefault(reader, []).append(whole)
    return utterances


def _pools(utterances, readers, subsets, listed):
    """Return the readers that each role may have."""
    pools = {
        role: [reader for reader in utterances if reader in readers[subset]]
        for role, subset in subsets.items()
    }
    if listed is None:
        return pools
    return {
        role: [reader for reader in pool if (reader in listed) == (role == "test")]
        for role, pool in pools.items()
    }
