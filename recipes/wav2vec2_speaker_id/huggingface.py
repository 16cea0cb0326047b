"""wav2vec 2.0 by Hugging Face's library, through SpeechBrain's part for it."""

from pathlib import Path

from recipes.wav2vec2_speaker_id.hidden_states import SAMPLE_RATE, HiddenStates
from recipes.wav2vec2_speaker_id.weights import SOURCES, find_file, read_weights

SETTINGS = ("config.json", "preprocessor_config.json")


class HuggingFaceWav2Vec2(HiddenStates):
    """Hidden states of a wav2vec 2.0 of Hugging Face, base or another.

    All layers are computed, whichever are wanted.

    Parameters
    ----------
    weights : str or Path
        Folder on this machine with the files of ``facebook/wav2vec2-base``; nothing is
        downloaded.
    sample_rate, pooling, layers, dtype
        As in `HiddenStates`.
    normalize_wav : bool
        Whether each wave is normalised to mean 0 and deviation 1. SpeechBrain would
        believe the folder, which says yes even of the base model, trained without.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If transformers is not installed, or the weights do not fit the settings or
        were fine-tuned.
    """

    def __init__(
        self,
        weights,
        sample_rate=SAMPLE_RATE,
        pooling="mean_std",
        layers="all",
        dtype="float16",
        normalize_wav=False,
    ):
        require_files(Path(weights))
        encoder = import_wav2vec2()(
            source=str(weights),
            save_path=str(weights),
            output_all_hiddens=True,
            freeze=True,
        )
        # transformers fills up what a file lacks with random numbers.
        read_weights(weights, encoder.model)
        encoder.normalize_wav = normalize_wav
        n_layers = encoder.model.config.num_hidden_layers
        super().__init__(n_layers, sample_rate, pooling, layers, dtype)
        self.normalize_wav = normalize_wav
        self.encoder = encoder

    def states(self, wavs):
        """Return the layers from 0 on, each (batch, frames, dims)."""
        return self.encoder(wavs)


def require_files(folder):
    """See that a folder holds what the library looks for, or it would ask the network.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    """
    for name in SETTINGS:
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder}: no {name}; expected a folder with the files of {SOURCES[2]}"
            )
    find_file(folder)


def import_wav2vec2():
    """Return SpeechBrain's class.

    Raises
    ------
    ValueError
        If transformers is not installed.
    """
    try:
        from speechbrain.integrations.huggingface.wav2vec2 import Wav2Vec2
    except ImportError as error:
        raise ValueError(
            "models of Hugging Face need transformers:"
            " pip install -r requirements-wav2vec2.txt"
        ) from error
    return Wav2Vec2
