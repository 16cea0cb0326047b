"""VGGish: a network trained on the sound of many videos, as a front-end for speech.

Hershey et al. (2017). CNN architectures for large-scale audio classification. ICASSP.
Its constants are part of the weights, so they stand here and not in a YAML. The weights
are read from a file on this machine, in the form of torchvggish or of torchaudio.
"""

import math
from pathlib import Path

import numpy as np
import torch

from recipes.siamese.mel_bands import mel_triangles

SAMPLE_RATE = 16000
WINDOW, HOP, N_FFT = 400, 160, 512  # samples
N_MELS, LOWEST_HZ, HIGHEST_HZ = 64, 125.0, 7500.0
LOG_OFFSET = 0.01
PATCH_FRAMES = 96
EMB_DIM = 128
LARGEST = 2.0  # of a principal component, before it is rounded to a byte

# Where the weights come from, for those who have none.
WEIGHTS_URL = (
    "https://github.com/harritaylor/torchvggish/releases/download/v0.1/"
    "vggish-10086976.pth"
)
# torchaudio calls the same layers by other names.
OTHER_NAMES = {"features_network.": "features.", "embedding_network.": "embeddings."}


class LogMelPatches(torch.nn.Module):
    """Log-mel patches of 0.96 s, as VGGish was trained on.

    Parameters
    ----------
    hop_s : float
        From patch to patch, seconds, a multiple of 0.01; 0.96 in its training.

    Raises
    ------
    ValueError
        If the hop is no whole number of frames.

    Examples
    --------
    >>> LogMelPatches(0.96)(torch.randn(2, 48000)).shape
    torch.Size([2, 3, 96, 64])
    """

    def __init__(self, hop_s):
        super().__init__()
        frames = hop_s * SAMPLE_RATE / HOP
        self.hop_frames = round(frames)
        if self.hop_frames < 1 or not math.isclose(self.hop_frames, frames):
            raise ValueError(
                f"hop_s of VGGish is {hop_s}, expected a multiple of 0.01 s"
            )
        window = torch.hann_window(WINDOW)
        self.register_buffer("window", window, persistent=False)
        triangles = mel_triangles(SAMPLE_RATE, N_FFT, N_MELS, LOWEST_HZ, HIGHEST_HZ)
        self.register_buffer("triangles", triangles, persistent=False)

    def forward(self, wavs):
        """Return patches (batch, n_patches, 96, 64) of wavs (batch, samples).

        Raises
        ------
        ValueError
            If the wavs are shorter than a patch.
        """
        shortest = (PATCH_FRAMES - 1) * HOP + WINDOW
        if wavs.shape[1] < shortest:
            raise ValueError(
                f"fragments of {wavs.shape[1] / SAMPLE_RATE:g} s, VGGish hears"
                f" {shortest / SAMPLE_RATE:g} s or more; change fragment_seconds"
            )
        frames = wavs.unfold(1, WINDOW, HOP) * self.window
        magnitude = torch.fft.rfft(frames, N_FFT).abs()
        bands = (magnitude @ self.triangles + LOG_OFFSET).log()
        patches = bands.unfold(1, PATCH_FRAMES, self.hop_frames)
        return patches.transpose(2, 3)  # unfold puts the frames last


class VggishNetwork(torch.nn.Module):
    """The network of VGGish; its layers are named as torchvggish names them.

    Parameters
    ----------
    final_relu : bool
        Whether the embedding is cut off at 0, as in torchvggish, in torchaudio and in
        the TensorFlow graph of 2020; the present one is not.
    width : int
        Channels of the first layer: 64, but for tests.

    Examples
    --------
    >>> with torch.device("meta"):
    ...     network = VggishNetwork(final_relu=True)
    >>> sum(weights.numel() for weights in network.parameters())
    72141184
    """

    def __init__(self, final_relu, width=64):
        super().__init__()
        layers, last = [], 1
        for factors in ((1,), (2,), (4, 4), (8, 8)):
            for factor in factors:
                conv = torch.nn.Conv2d(last, factor * width, 3, padding=1)
                layers += [conv, torch.nn.ReLU()]
                last = factor * width
            layers.append(torch.nn.MaxPool2d(2))
        self.features = torch.nn.Sequential(*layers)
        hidden = 64 * width
        self.embeddings = torch.nn.Sequential(
            torch.nn.Linear(PATCH_FRAMES // 16 * (N_MELS // 16) * last, hidden),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, hidden),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, EMB_DIM),
            *([torch.nn.ReLU()] if final_relu else []),
        )

    def forward(self, patches):
        """Return embeddings (n_patches, 128) of patches (n_patches, 96, 64)."""
        maps = self.features(patches.unsqueeze(1))  # (n_patches, channels, 6, 4)
        # TensorFlow, where the weights were learnt, has the channels last.
        return self.embeddings(maps.permute(0, 2, 3, 1).flatten(1))


class Vggish(torch.nn.Module):
    """Embeddings of VGGish over time.

    Parameters
    ----------
    hop_s : float
        As in `LogMelPatches`.
    weights : str or Path
        As in `read_weights`.
    final_relu, width
        As in `VggishNetwork`.
    principal_components : str or Path, optional
        ``vggish_pca_params.npz`` of the TensorFlow release: the embeddings are
        projected on it and rounded to bytes, as those of AudioSet are.
    n_at_once : int
        Patches that go through the network together: bounds memory, 4 MB each.
    """

    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        hop_s,
        weights,
        final_relu=True,
        width=64,
        principal_components=None,
        n_at_once=64,
    ):
        super().__init__()
        self.final_relu = final_relu
        self._n_at_once = n_at_once
        self.patches = LogMelPatches(hop_s)
        self.hop_frames = self.patches.hop_frames
        with torch.device("meta"):  # no memory and no time for what is read below
            network = VggishNetwork(final_relu, width)
        network.load_state_dict(read_weights(weights, network), assign=True)
        self.network = network.eval().requires_grad_(False)
        self.rounding = torch.nn.Identity()
        if principal_components:
            self.rounding = PrincipalBytes(principal_components)
        self.dtype = "uint8" if principal_components else "float32"

    def forward(self, wavs):
        """Return embeddings (batch, n_patches, 128) of wavs (batch, samples)."""
        patches = self.patches(wavs)
        batches = patches.flatten(0, 1).split(self._n_at_once)
        embeddings = torch.cat([self.network(batch) for batch in batches])
        return self.rounding(embeddings).unflatten(0, patches.shape[:2])


class PrincipalBytes(torch.nn.Module):
    """Project embeddings on principal components and round them to bytes.

    Parameters
    ----------
    path : str or Path
        An ``.npz`` with ``pca_eigen_vectors`` (128, 128) and ``pca_means`` (128).

    Raises
    ------
    ValueError
        If it is something else.
    FileNotFoundError
        If there is no such file.
    """

    def __init__(self, path):
        super().__init__()
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"{path}: no principal components of VGGish; they are"
                " vggish_pca_params.npz of its TensorFlow release, or leave them out"
            )
        try:
            with np.load(path, allow_pickle=False) as arrays:
                vectors = arrays["pca_eigen_vectors"].reshape(EMB_DIM, EMB_DIM)
                means = arrays["pca_means"].reshape(EMB_DIM)
        except (ValueError, KeyError, TypeError, EOFError, OSError) as error:
            raise ValueError(
                f"{path}: {error}; expected an .npz with pca_eigen_vectors"
                f" ({EMB_DIM}, {EMB_DIM}) and pca_means ({EMB_DIM})"
            ) from error
        self.register_buffer("vectors", torch.tensor(vectors, dtype=torch.float32))
        self.register_buffer("means", torch.tensor(means, dtype=torch.float32))

    def forward(self, embeddings):
        """Return bytes (n, 128) of embeddings (n, 128)."""
        components = (embeddings - self.means) @ self.vectors.T
        components = components.clamp(-LARGEST, LARGEST)
        return ((components + LARGEST) * (255 / 2 / LARGEST)).round().to(torch.uint8)


def read_weights(path, network):
    """Read the weights of a network from a file of torchvggish or torchaudio.

    Parameters
    ----------
    path : str or Path
        A ``.pth`` on this machine; only tensors are read from it, no code.
    network : VggishNetwork
        Tells names and shapes; may be without data, on the device "meta".

    Returns
    -------
    weights : dict of str to Tensor
        By the names of the network, float32.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds other names or shapes, or no weights.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path}: no weights of VGGish; download {WEIGHTS_URL} (276 MB) and put it"
            " there, or name the file in the YAML"
        )
    try:
        found = dict(torch.load(path, "cpu", weights_only=True))
    except Exception as e:  # a file of anything may fail in any way
        # Not with torch's own words: they advise to run what code the file may hold.
        raise ValueError(
            f"{path}: not weights of VGGish; download {WEIGHTS_URL} anew"
        ) from e
    weights = {}
    for name, tensor in found.items():
        for other, ours in OTHER_NAMES.items():
            name = str(name).replace(other, ours, 1)
        weights[name] = tensor
    expected = {name: tuple(w.shape) for name, w in network.state_dict().items()}
    found_shapes = {name: tuple(getattr(w, "shape", ())) for name, w in weights.items()}
    for name in sorted(expected.keys() | weights.keys()):
        shape, wanted = found_shapes.get(name), expected.get(name)
        if shape != wanted:
            raise ValueError(
                f"{path}: shape of {name} is {shape or 'absent'}, expected"
                f" {wanted or 'none of that name'}; is it {Path(WEIGHTS_URL).name}?"
            )
    return {name: tensor.float() for name, tensor in weights.items()}
