"""Which layer knows who speaks: one classifier on every layer by itself."""

from sklearn.base import clone

from recipes.wav2vec2_speaker_id.data import chunk_features
from recipes.wav2vec2_speaker_id.testing import cross_test

STEP = "layer__layer"  # of a pipeline that begins with a Layer


def sweep_layers(hparams, chunks, dealt):
    """Test the classifier of ``sweep`` on each layer, by the strictest split.

    These figures describe; a layer chosen by them was chosen on the test. A search over
    the layers, as in ``systems``, chooses by the training part of each fold.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunks : list of Fragment
        All of them.
    dealt : dict
        As from `recipes.wav2vec2_speaker_id.classify.deal_splits`, the strictest last.

    Returns
    -------
    swept : dict
        ``feats``, ``split`` and ``accuracy``, of chunks: of each layer ``mean``,
        ``low`` and ``high``.

    Raises
    ------
    ValueError
        If the features have no layers.
    """
    system = hparams["sweep"]
    feats = chunk_features(hparams, chunks, system.feats)
    if feats.ndim != 3:
        raise ValueError(
            f"sweep: {system.feats} has no layers, but features of shape"
            f" {feats.shape[1:]}; set sweep to null"
        )
    split, (groups, folds) = list(dealt.items())[-1]
    accuracies = []
    for layer in range(feats.shape[1]):
        classifier = clone(system.classifier).set_params(**{STEP: layer})
        name = f"layer_{layer}"
        records, _ = cross_test(
            hparams, chunks, name, classifier, feats, split, groups, folds
        )
        accuracies.append(records[0]["accuracy"])
    return {"feats": system.feats, "split": split, "accuracy": accuracies}
