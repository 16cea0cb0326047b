"""Voices that are known by name: a folder with a file a voice.

A file holds embeddings, no audio, and which model made them: those of another model
mean nothing to this one.
"""

import hashlib
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock

from local.files import replacing
from local.scoring.pair import Voice

# Letters of any script, digits, and what stands in names: nothing of a path or of HTML.
NAME = re.compile(r"\w[\w .,'’()-]*")


class Enrolled(NamedTuple):
    """What the file of a voice holds.

    Attributes
    ----------
    name : str
        Of the voice.
    identity, model : str
        Digest and name of the model.
    embeddings : ndarray, (n_clips, emb_dim)
        Mean direction of the views of each clip.
    n_views : ndarray of int, (n_clips,)
        How many each has.
    """

    name: str
    identity: str
    model: str
    embeddings: np.ndarray
    n_views: np.ndarray


def check_name(name, longest):
    """Return the name of a voice, tidied.

    Parameters
    ----------
    name : str
        As typed.
    longest : int
        Characters it may have.

    Returns
    -------
    name : str
        With single spaces, none around it.

    Raises
    ------
    ValueError
        If it is empty, too long, or has characters that no name needs.

    Examples
    --------
    >>> check_name("  Zoë  O'Hara ", 40)
    "Zoë O'Hara"
    """
    name = " ".join(unicodedata.normalize("NFC", name or "").split())
    if not name:
        raise ValueError("whose voice is it? Give a name")
    if len(name) > longest:
        raise ValueError(f"the name has {len(name)} characters; at most {longest}")
    if not NAME.fullmatch(name):
        raise ValueError(
            "a name begins with a letter or digit and has letters, digits, spaces and"
            " . , ' ( ) - _ only"
        )
    return name


class Enrolment:
    """The voices in a folder, read anew each time, for others may write there, too.

    Parameters
    ----------
    folder : str or Path
        Made when the first voice is enrolled.
    identity, model : str
        As from `local.scoring.embeddings.model_digest`, and what people call it.
    max_voices, max_clips : int
        Voices, and clips of one, there may be.
    longest_name : int
        Characters.
    """

    def __init__(self, folder, identity, model, max_voices, max_clips, longest_name):
        self.folder = Path(folder)
        self.identity = identity
        self.model = model
        self.max_voices = max_voices
        self.max_clips = max_clips
        self.longest_name = longest_name

    def read(self):
        """Return the voices.

        Returns
        -------
        enrolled : dict of str to Enrolled
            By name, sorted.

        Raises
        ------
        ValueError
            If a file is none of ours, or a voice was enrolled by another model.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"{self.folder} is no folder; give --enrolled_folder")
        # Those with a dot are being written.
        paths = [p for p in self.folder.glob("*.npz") if not p.name.startswith(".")]
        enrolled = [self._read_file(path) for path in paths]
        return {one.name: one for one in sorted(enrolled, key=sort_key)}

    def voices(self):
        """Return each name's `Voice`: the mean direction of the views of all clips."""
        return {name: merge_clips(one) for name, one in self.read().items()}

    def add(self, name, voice):
        """Enrol a voice, or add a clip to an enrolled one.

        Parameters
        ----------
        name : str
            Checked by `check_name`; capitals make no difference to who it is.
        voice : Voice
            Of one clip.

        Returns
        -------
        enrolled : Enrolled
            With all the clips it has now.

        Raises
        ------
        ValueError
            If the name is not one, the clip is enrolled already, or there is no room.
        """
        name = check_name(name, self.longest_name)
        with self._lock():
            known = self.read()
            path = self._path(name)
            if path.is_file():
                added = add_clip(self._read_file(path), voice, self.max_clips)
            elif len(known) >= self.max_voices:
                raise ValueError(
                    f"{len(known)} voices are enrolled, which is the most; remove one,"
                    " or raise max_voices"
                )
            else:
                clips = voice.embedding[np.newaxis], np.array([voice.n_views])
                added = Enrolled(name, self.identity, self.model, *clips)
            with replacing(path) as temporary:
                np.savez(temporary, **added._asdict())
        return added

    def remove(self, name):
        """Forget a voice.

        Raises
        ------
        ValueError
            If no such voice is enrolled.
        """
        with self._lock():
            if name not in self.read():
                raise ValueError("no such voice is enrolled; choose one of the list")
            self._path(name).unlink()

    def _lock(self):
        """Return a lock on the folder, which its owner alone may enter."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(self.folder / ".lock")

    def _path(self, name):
        """Return the file of a voice, its name a digest: names are of any script."""
        digest = hashlib.sha256(name.casefold().encode()).hexdigest()
        return self.folder / f"{digest[:16]}.npz"

    def _read_file(self, path):
        """Read the file of a voice."""
        try:
            if not path.is_file():  # a folder, or a pipe that would be waited for
                raise ValueError("no file")
            with np.load(path, allow_pickle=False) as arrays:
                texts = (str(arrays[key]) for key in ("name", "identity", "model"))
                clips = (arrays[key] for key in ("embeddings", "n_views"))
                enrolled = Enrolled(*texts, *clips)
            check_clips(enrolled)
            if path != self._path(enrolled.name):
                raise ValueError(f"its voice, {enrolled.name}, has another")
        except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise ValueError(
                f"{path}: not an enrolled voice ({error}); move it elsewhere"
            ) from error
        if enrolled.identity != self.identity:
            raise ValueError(
                f"{self.folder}: {enrolled.name} was enrolled by another model"
                f" ({enrolled.model}) than this one ({self.model}); give that one by"
                " --model, or another --enrolled_folder and enrol again"
            )
        return enrolled


def check_clips(enrolled):
    """Refuse what cannot be clips of a voice.

    Raises
    ------
    ValueError
        If embeddings or their numbers of views are not as of `Enrolled`.
    """
    embeddings, n_views = enrolled.embeddings, enrolled.n_views
    if (
        (embeddings.ndim, n_views.shape) != (2, embeddings.shape[:1])
        or (embeddings.dtype.kind, n_views.dtype.kind) != ("f", "i")
        or not len(n_views)
        or not np.isfinite(embeddings).all()
        or n_views.min() < 1
    ):
        raise ValueError(f"no clips in {embeddings.shape} and {n_views.shape} numbers")


def sort_key(enrolled):
    """Return what voices are listed by."""
    return enrolled.name.casefold()


def add_clip(enrolled, voice, max_clips):
    """Return an enrolled voice with one clip more.

    Parameters
    ----------
    enrolled : Enrolled
        As it was.
    voice : Voice
        Of the clip.
    max_clips : int
        A voice may have.

    Returns
    -------
    enrolled : Enrolled
        As it is now.

    Raises
    ------
    ValueError
        If it has the clip already, or as many as it may have.
    """
    if (enrolled.embeddings == voice.embedding).all(axis=1).any():
        raise ValueError(f"{enrolled.name} is enrolled with this clip already")
    if len(enrolled.embeddings) >= max_clips:
        raise ValueError(f"{enrolled.name} has {max_clips} clips, which is the most")
    return enrolled._replace(
        embeddings=np.vstack([enrolled.embeddings, voice.embedding]),
        n_views=np.append(enrolled.n_views, voice.n_views),
    )


def merge_clips(enrolled):
    """Return a voice as if its clips were one long recording.

    Examples
    --------
    >>> clips = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3, 1])
    >>> merge_clips(Enrolled("Ann", "", "", *clips))
    Voice(embedding=array([0.75, 0.25]), n_views=4)
    """
    mean = np.average(enrolled.embeddings, axis=0, weights=enrolled.n_views)
    mean = mean.astype(enrolled.embeddings.dtype)
    return Voice(mean, int(enrolled.n_views.sum()))
