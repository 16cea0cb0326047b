"""A classifier and what it hears of a chunk."""

from typing import Any, NamedTuple

import numpy as np

from local.models.classifier_networks import count_parameters


class System(NamedTuple):
    """A classifier and what it hears of a chunk.

    Attributes
    ----------
    note : str
        What it is, for tables.
    feats : str
        Key of the YAML's ``representations``.
    classifier : object
        As those of scikit-learn, with ``predict_proba``.
    """

    note: str
    feats: str
    classifier: Any

    def facts(self, feats, n_speakers):
        """Return what tables say of the system, given what it hears."""
        return {
            "note": self.note,
            "feats": self.feats,
            "hears": "chunk",
            "n_inputs": int(np.prod(feats.shape[1:])),
            "n_parameters": count_parameters(
                self.classifier, feats.shape[1], n_speakers
            ),
        }
