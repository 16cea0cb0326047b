"""eSpeak NG, the speech synthesiser of the demo corpus, driven by ctypes.

eSpeak NG comes in the package ``espeakng_loader`` under the GPL, so it is an extra of
the demo alone and is imported nowhere else. The installed package is only ever read.
"""

import ctypes
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

# Numbers of eSpeak's speak_lib.h.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_FROM_CHARACTER = 1
_TEXT_IS_UTF8 = 1
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4

_ENGLISH_DATA = ("en_dict", "intonations", "phondata", "phonindex", "phontab")
_ON_SPEECH = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """Speak English with voices of one's own making; a context manager.

    Every instance loads its own copy of the library, because eSpeak carries state
    from one utterance to the next (the phase of the flutter, the gain control, a
    random generator started by the clock): only a fresh copy speaks the same again.

    Parameters
    ----------
    seed : int
        Seed of the noise in eSpeak's breath.

    Raises
    ------
    ModuleNotFoundError
        If the package ``espeakng_loader`` is not installed.
    RuntimeError
        If eSpeak cannot start.

    Examples
    --------
    >>> with Espeak(seed=0) as espeak:
    ...     espeak.set_voice("en-us", "pitch 160 230")
    ...     wav = espeak.speak("Call me Ishmael.", 175, 50, 50)
    >>> wav.dtype, 0.5 < len(wav) / espeak.sample_rate < 2
    (dtype('int16'), True)
    """

    def __init__(self, seed):
        loader = _import_loader()
        self._folder = tempfile.TemporaryDirectory(
            prefix="espeak_", ignore_cleanup_errors=True
        )
        home = Path(self._folder.name)
        self._data = home / "espeak-ng-data"
        _copy_english(Path(loader.get_data_path()), self._data)
        self._library = _load(shutil.copy(loader.get_library_path(), home))
        self.sample_rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, os.fsencode(home), _DO_NOT_EXIT
        )
        if self.sample_rate <= 0:
            self._folder.cleanup()
            raise RuntimeError(
                f"eSpeak NG could not read its data in {home}; it only knows short"
                " paths, so name a shorter temporary folder by the variable TMPDIR"
            )
        self._library.espeak_ng_SetRandSeed(seed)
        self._blocks = []
        self._on_speech = _ON_SPEECH(self._keep)  # kept: the library holds a pointer
        self._library.espeak_SetSynthCallback(self._on_speech)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.espeak_Terminate()
        self._folder.cleanup()

    def set_voice(self, accent, attributes):
        """Speak with a voice described here from now on.

        Parameters
        ----------
        accent : str
            English of eSpeak: ``en``, ``en-us``, ``en-gb-scotland``, ...
        attributes : str
            Lines of an eSpeak voice file: pitch, formants, roughness, ...

        Raises
        ------
        ValueError
            If eSpeak has no such accent.
        """
        variant = self._data / "voices" / "!v" / "reader"
        variant.write_text(f"language variant\n{attributes}\n", encoding="utf-8")
        if self._library.espeak_SetVoiceByName(f"{accent}+reader".encode()) != 0:
            raise ValueError(f"eSpeak NG has no accent {accent!r}; try en or en-us")

    def speak(self, text, words_per_minute, pitch, pitch_range):
        """Read a text aloud.

        Parameters
        ----------
        text : str
            English, at least a word.
        words_per_minute : int
            Speaking rate, 80 to 450.
        pitch, pitch_range : int
            Height and liveliness of the voice, 0 to 99; 50 is as the voice has it.

        Returns
        -------
        wav : ndarray of int16, (n_samples,)
            Speech at ``sample_rate``.

        Raises
        ------
        RuntimeError
            If eSpeak fails to speak.
        """
        for name, value in (
            (_RATE, words_per_minute),
            (_PITCH, pitch),
            (_PITCH_RANGE, pitch_range),
        ):
            self._library.espeak_SetParameter(name, int(value), 0)
        self._blocks.clear()
        data = text.encode()
        status = self._library.espeak_Synth(
            data, len(data) + 1, 0, _FROM_CHARACTER, 0, _TEXT_IS_UTF8, None, None
        )
        if status != 0 or not self._blocks:
            raise RuntimeError(f"eSpeak NG could not speak {text!r} (status {status})")
        return np.concatenate(self._blocks)

    def _keep(self, samples, n_samples, _):
        """Copy a block out of eSpeak's buffer; 0 asks for more."""
        if samples and n_samples:
            self._blocks.append(np.ctypeslib.as_array(samples, (n_samples,)).copy())
        return 0


def _import_loader():
    """Import the optional package, or say how to install it."""
    try:
        import espeakng_loader
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the demo corpus is spoken by eSpeak NG, and its package espeakng_loader"
            " is missing; run pip install -r requirements-demo.txt"
        ) from error
    return espeakng_loader


def _copy_english(source, destination):
    """Copy the 1 MB of eSpeak's 19 MB of data that English needs."""
    for folder in (Path("lang", "gmw"), Path("voices", "!v")):
        (destination / folder).mkdir(parents=True)
    for name in _ENGLISH_DATA:
        shutil.copyfile(source / name, destination / name)
    for accent in (source / "lang" / "gmw").glob("en*"):
        shutil.copyfile(accent, destination / "lang" / "gmw" / accent.name)


def _load(path):
    """Load a copy of the library and declare the types ctypes cannot guess."""
    library = ctypes.CDLL(str(path))
    library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        *[ctypes.c_uint] * 4,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    return library
