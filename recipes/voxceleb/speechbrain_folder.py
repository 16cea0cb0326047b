"""Speaker models of SpeechBrain's hub, read from a folder on this machine.

Their ``hyperparams.yaml`` names a place on the hub, and SpeechBrain goes there even if
all files lie beside it. Here its paths mean the folder, and nothing is fetched. Of the
YAML are taken features, normalisation and network, which it builds by any classes: it
is code, so adopt models you trust. Of the weights only tensors are read.
"""

from pathlib import Path

from hyperpyyaml import resolve_references
from ruamel.yaml import YAML

from local.scoring.model_folder import one_line
from recipes.voxceleb.weights import read_weights

NODES = ("compute_features", "mean_var_norm", "embedding_model")


def read_model(written, folder, network_sample_rate):
    """Read what makes embeddings: the rest of such a model knows other speakers.

    Parameters
    ----------
    written : dict
        The YAML of the adoption; the model has its own.
    folder : str or Path
        With ``hyperparams.yaml`` and the weights it names.
    network_sample_rate : int
        What the model was trained at, Hz.

    Returns
    -------
    nodes : dict of str to CommentedMap
        YAML of ``compute_features``, ``mean_var_norm`` and ``embedding_model``.
    weights : dict of str to dict
        Of those that have any.

    Raises
    ------
    OSError
        If a file is missing.
    ValueError
        If the YAML is none of a speaker model, or tells another rate.
    """
    path = Path(folder) / "hyperparams.yaml"
    yaml = read_yaml(path)
    try:
        nodes = {name: yaml["modules"][name] for name in NODES}
        loaded = yaml["pretrainer"]["loadables"]
        paths = yaml["pretrainer"].get("paths", {})
        loaded["embedding_model"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: not of a speaker model: {one_line(error)}; expected modules"
            f" {', '.join(NODES)}, and a pretrainer with loadables"
        ) from error
    rate = yaml.get("sample_rate", network_sample_rate)
    if rate != network_sample_rate:
        raise ValueError(
            f"{path}: sample_rate is {rate}; give --network_sample_rate {rate}"
        )
    names = [name for name in NODES if name in loaded]
    return nodes, {name: read_part(path.parent, name, paths) for name in names}


def read_yaml(path):
    """Return a YAML with its references resolved.

    Raises
    ------
    OSError
        If there is none.
    ValueError
        If it is not a YAML of SpeechBrain.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; expected the folder of a SpeechBrain model, with"
            " hyperparams.yaml and *.ckpt"
        )
    try:
        with open(path, encoding="utf-8") as stream:
            return dict(YAML().load(resolve_references(stream)))
    except Exception as error:  # its functions may fail in any way
        raise ValueError(
            f"{path}: not a YAML of SpeechBrain ({one_line(error)})"
        ) from error


def read_part(folder, name, paths):
    """Return the weights of a module, by the name its YAML gives them or its own."""
    own = folder / f"{name}.ckpt"
    named = folder / Path(str(paths.get(name, own))).name
    path = named if named.is_file() else own
    return read_weights(path, "all files of the SpeechBrain model in one folder")
