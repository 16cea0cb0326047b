"""SpeechBrain's layers without the work that changes nothing.

A model keeps its classes in YAML, weights and model folder; only what runs is changed,
when it is trained or loaded here. Results are equal up to rounding. On one core, for
one-second segments, ECAPA-TDNN trains and embeds a quarter faster.
"""

import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.ECAPA_TDNN import AttentiveStatisticsPooling, SEBlock
from speechbrain.nnet.CNN import Conv1d
from speechbrain.utils.autocast import fwd_default_precision
from torch.nn.functional import conv1d, softmax


class LeanFbank(Fbank):
    """Fbank whose power spectrum does not take thrice the time of its transform.

    SpeechBrain sums the squares of real and imaginary part over an axis of two.
    """

    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wav):
        """Return features (batch, frames, mels) of wavs (batch, samples)."""
        if self.deltas or self.context:
            return super().forward(wav)
        real, imaginary = self.compute_STFT(wav).unbind(-1)
        power = torch.addcmul(real.square(), imaginary, imaginary)
        return self.compute_fbanks(power)


class LeanPooling(AttentiveStatisticsPooling):
    """Attentive statistics pooling that multiplies what is constant over time once.

    SpeechBrain repeats mean and deviation for every frame and convolves the copies,
    and masks padding where there is none.
    """

    def forward(self, x, lengths=None):
        """Return statistics (batch, 2 * channels, 1) of x (batch, channels, frames)."""
        if are_padded(lengths) or not self.global_context:
            return super().forward(x, lengths)
        frames = x.float()  # sums over time are faster so, and exact under autocast
        even = frames.new_tensor(1 / x.shape[2])
        context = torch.cat(self._statistics(frames, even), dim=1)
        attention = self.conv(self.tanh(self._hidden(x, context)))
        attention = softmax(attention.float(), dim=2)
        return torch.cat(self._statistics(frames, attention), dim=1)

    def _statistics(self, frames, weights):
        mean = (weights * frames).sum(dim=2, keepdim=True)
        variance = (weights * (frames - mean).square()).sum(dim=2, keepdim=True)
        return mean, variance.clamp(self.eps).sqrt()

    def _hidden(self, x, context):
        """Return what `TDNNBlock` makes of x with its context beside each frame."""
        block, conv = self.tdnn, self.tdnn.conv.conv
        own, others = conv.weight.split([x.shape[1], context.shape[1]], dim=1)
        hidden = conv1d(x, own) + conv1d(context, others, conv.bias)
        return block.dropout(block.norm(block.activation(hidden)))


class LeanSqueeze(SEBlock):
    """Squeeze and excitation without a mask where nothing is padded."""

    def forward(self, x, lengths=None):
        """Return ``x`` (batch, channels, frames) with its channels weighted."""
        return super().forward(x, lengths if are_padded(lengths) else None)


def are_padded(lengths):
    """Tell whether relative lengths (batch,), if any, mean that segments are padded."""
    return lengths is not None and bool((lengths < 1).any())


LEAN_CLASSES = {
    Fbank: LeanFbank,
    AttentiveStatisticsPooling: LeanPooling,
    SEBlock: LeanSqueeze,
}


def make_lean(model):
    """Take needless work out of a model built from SpeechBrain's layers.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place: layers with a leaner equal become that, with the same weights
        under the same names, and convolutions over one frame stop copying their input
        to pad it by nothing.

    Returns
    -------
    model : torch.nn.Module
        The same.

    Examples
    --------
    >>> from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
    >>> sizes = {"channels": [8, 8, 8, 8, 24], "attention_channels": 4}
    >>> model = ECAPA_TDNN(6, lin_neurons=5, se_channels=4, **sizes).eval()
    >>> feats = torch.randn(3, 20, 6)
    >>> before = model(feats)
    >>> torch.allclose(make_lean(model)(feats), before, atol=1e-5)
    True
    """
    for layer in model.modules():
        layer.__class__ = LEAN_CLASSES.get(type(layer), type(layer))
        if isinstance(layer, Conv1d) and layer.kernel_size == layer.stride == 1:
            layer.padding = "valid"
    return model
