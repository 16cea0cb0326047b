"""A verified gallery, made up, for the tests of the listening page."""

import json

import numpy as np
import torch

from local.input.datasets import SegmentBatch
from local.output.listen.verified import Verified

SAMPLE_RATE = 11025
N_EACH = 4
NAMES = (
    "</script><script>hacked=1</script>",
    "<b onload='hacked=1'>Ann</b>",
    "Cy",
    "&D",
)


class MadeUpSegments:
    """Tones with noise, as a `SegmentDataset` gives them."""

    sample_rate = SAMPLE_RATE

    def __init__(self, n_segments):
        self.ids = [f"<i>test</i>-{n}" for n in range(n_segments)]
        rng = torch.Generator().manual_seed(0)
        pitch = torch.linspace(100, 300, n_segments)[:, None]
        time = torch.arange(SAMPLE_RATE) / SAMPLE_RATE
        noise = torch.randn(n_segments, SAMPLE_RATE, generator=rng)
        self.wavs = 0.4 * torch.sin(2 * np.pi * pitch * time) + 0.02 * noise

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return SegmentBatch(self.wavs[[index]], torch.tensor([-1]))


def made_up_verified(names=NAMES, labelled=True):
    """Return a gallery of speakers who can nearly be told apart."""
    rng = np.random.default_rng(0)
    spk_ids = np.repeat(names, N_EACH)
    voices = np.repeat(rng.standard_normal((len(names), 6)), N_EACH, axis=0)
    embeddings = voices + 0.9 * rng.standard_normal((len(spk_ids), 6))
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    cosine = (unit @ unit.T + (unit @ unit.T).T) / 2
    return Verified(
        title="<u>made up</u>, seed 1, on nothing",
        segments=MadeUpSegments(len(spk_ids)),
        spk_ids=spk_ids if labelled else None,
        embeddings=embeddings,
        scores={"cosine": cosine, "as-norm": 3 * cosine - 1},
        submitted="made up (transductive)",
        llr=8 * cosine**3 - 1,
        p_target=0.2,
        seed=1,
    )


def page_data(page):
    """Return what a page hands over to its scripts."""
    start = '<script id="data" type="application/json">'
    return json.loads(page.split(start)[1].split("</script>")[0])
