"""The YAML of a model folder, from which SpeechBrain's interfaces build the model."""

from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.tag import Tag

MODEL_KEYS = ("sample_rate", "compute_features", "mean_var_norm", "embedding_model")
INFERENCE_LOADABLES = (
    *("mean_var_norm", "embedding_model", "classifier", "label_encoder"),
)
INFERENCE_YAML = """\
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
audio_normalizer: !new:speechbrain.dataio.preprocess.AudioNormalizer
    sample_rate: !ref <sample_rate>
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    classifier: !ref <classifier>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
"""


def write_inference_yaml(training_yaml, path, n_classes):
    """Write the YAML of the model alone: what turns wavs into embeddings.

    Parameters
    ----------
    training_yaml : Path
        The YAML of the run, references resolved, as SpeechBrain saves it.
    path : Path
        Written.
    n_classes : int
        Size of the classifier.
    """
    yaml = YAML()
    full = yaml.load(training_yaml.read_text(encoding="utf-8"))
    classifier = full["classifier"]
    # The training YAML names the class, to be built once the speakers are counted.
    target = classifier.tag.value.removeprefix("!name:")
    classifier.yaml_set_ctag(Tag(suffix=f"!new:{target}"))
    classifier["out_neurons"] = n_classes
    model = {key: full[key] for key in MODEL_KEYS} | {"classifier": classifier}
    write_yaml(model, INFERENCE_LOADABLES, path)


def write_yaml(model, loadables, path):
    """Write what builds a model, and what SpeechBrain's interfaces ask for besides.

    Parameters
    ----------
    model : dict
        YAML nodes of ``sample_rate`` and of the four modules.
    loadables : iterable of str
        Parts whose ``<name>.ckpt`` lies beside the YAML.
    path : Path
        Written.
    """
    text = StringIO()
    YAML().dump(model, text)
    lines = [line for line in text.getvalue().splitlines() if _is_code(line)]
    loads = [f"        {name}: !ref <{name}>" for name in loadables]
    text = "\n".join(lines) + "\n" + INFERENCE_YAML + "\n".join(loads) + "\n"
    path.write_text(text, encoding="utf-8")


def _is_code(line):
    """Leave the training's comments to the training's YAML."""
    return line.strip() and not line.lstrip().startswith("#")
