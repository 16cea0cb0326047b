"""Weights of voxceleb_trainer, for the networks of `residual_se`.

A ``.model`` holds the state of network and loss; the current version has it in
``model_state_dict``, an older form, without the loss, in ``model``. All names may begin
with ``module.``, of training on several GPUs. What is read, and its name here:

=========================================  ===========================================
voxceleb_trainer                           `ResNetSE`
=========================================  ===========================================
``__S__.conv1.*``, ``__S__.bn1.*``         ``stem.conv.*``, ``stem.bn.*``
``__S__.layer1.*`` to ``__S__.layer4.*``   ``stages.0.*`` to ``stages.3.*``
``downsample`` in them                     ``shortcut``
``__S__.sap_linear.*``                     ``pooling.attention.hidden.*``
``__S__.attention``                        ``pooling.attention.query``
``__S__.attention.0.*`` to ``.3.*`` of V2  ``pooling.attention.layers.0.*`` to ``.3.*``
``__S__.fc.*``                             ``linear.*``
=========================================  ===========================================

Within the blocks the names are the same: ``conv1``, ``bn1``, ``conv2``, ``bn2``,
``se.fc.0``, ``se.fc.2``. Not read are the loss (``__L__.*``) and the constants of the
features (``__S__.torchfb.*``).

The features of these weights are those of `clovaai_features`, at 16 kHz.
`recipes.voxceleb.adopt` puts both together.
"""

import re

import torch

from recipes.voxceleb.weights import read_weights

NESTED = ("model_state_dict", "model")
NOT_READ = ("__L__.", "torchfb.", "instancenorm.")
KEY_MAP = (
    (r"^conv1\.", "stem.conv."),
    (r"^bn1\.", "stem.bn."),
    (r"^layer1\.", "stages.0."),
    (r"^layer2\.", "stages.1."),
    (r"^layer3\.", "stages.2."),
    (r"^layer4\.", "stages.3."),
    (r"\.downsample\.", ".shortcut."),
    (r"^sap_linear\.", "pooling.attention.hidden."),
    (r"^attention$", "pooling.attention.query"),
    (r"^attention\.", "pooling.attention.layers."),
    (r"^fc\.", "linear."),
)
N_NAMED = 3  # weights named in an error


def read_model(written, path, network):
    """Return a model for `recipes.voxceleb.adopt`: its YAML and its weights.

    Parameters
    ----------
    written : dict
        The YAML of the adoption, with the model under ``model``.
    path, network
        As of `load_weights`.

    Returns
    -------
    nodes : dict of str to CommentedMap
        YAML of ``compute_features``, ``mean_var_norm`` and ``embedding_model``.
    weights : dict of str to dict
        Of the last.
    """
    weights = load_weights(network, path).state_dict()
    return dict(written["model"]), {"embedding_model": weights}


def load_weights(network, path):
    """Give a network the weights of a checkpoint of voxceleb_trainer.

    Parameters
    ----------
    network : ResNetSE
        Built with the settings the checkpoint was trained with; changed in place, or
        not at all.
    path : str or Path
        A ``.model`` on this machine; only tensors are read from it, no code.

    Returns
    -------
    network : ResNetSE
        The same.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is no checkpoint, or of another network.
    """
    theirs = read_state(path)
    names = {key: rename(key) for key in theirs}
    weights = {name: theirs[key] for key, name in names.items() if name}
    check_fit(weights, {ours: key for key, ours in names.items()}, network, path)
    network.load_state_dict(weights)
    return network


def read_state(path):
    """Return all tensors of a checkpoint by the names they have there.

    Parameters
    ----------
    path : str or Path
        The checkpoint.

    Returns
    -------
    state : dict of str to Tensor
        On the CPU.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it holds something else.
    """
    state = read_weights(path, "a .model that voxceleb_trainer saved")
    for key in NESTED:
        if isinstance(state.get(key), dict):
            state = state[key]
    wrong = [key for key, value in state.items() if not torch.is_tensor(value)]
    if wrong or not state:
        found = f"{some(wrong)} beside them" if wrong else "none"
        raise ValueError(
            f"{path}: expected weights by their names, found {found}; give a .model of"
            " voxceleb_trainer"
        )
    return state


def rename(key):
    """Return the name of a weight in `ResNetSE`, or None if it has none there.

    Examples
    --------
    >>> rename("module.__S__.layer2.0.downsample.0.weight")
    'stages.1.0.shortcut.0.weight'
    >>> rename("__L__.weight")
    """
    key = re.sub(r"^((module|__S__)\.)+", "", str(key))
    if key.startswith(NOT_READ):
        return None
    for pattern, ours in KEY_MAP:
        key = re.sub(pattern, ours, key)
    return key


def check_fit(weights, origins, network, path):
    """Compare the weights of a checkpoint with those of a network.

    Parameters
    ----------
    weights : dict of str to Tensor
        By the names of the network.
    origins : dict of str to str
        Their names in the checkpoint.
    network : torch.nn.Module
        Tells names and sizes.
    path : str or Path
        The checkpoint.

    Raises
    ------
    ValueError
        If any is missing, unknown or of another size.
    """
    wanted = {name: tuple(w.shape) for name, w in network.state_dict().items()}
    sizes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    common = wanted.keys() & sizes.keys()
    problems = {
        "missing": [name for name in wanted if name not in sizes],
        "unknown": [origins[name] for name in sizes if name not in wanted],
        "of another size": [
            f"{origins[name]} {sizes[name]}, expected {wanted[name]}"
            for name in wanted
            if name in common and sizes[name] != wanted[name]
        ],
    }
    told = [f"{len(p)} {kind}: {some(p)}" for kind, p in problems.items() if p]
    if told:
        raise ValueError(
            f"{path}: weights of another network; {'; '.join(told)}; build the ResNetSE"
            " with the settings it was trained with"
        )


def some(names):
    """Return the first few names as text.

    Examples
    --------
    >>> some(["a", "b", "c", "d"])
    'a, b, c, ...'
    """
    return ", ".join(names[:N_NAMED]) + (", ..." if len(names) > N_NAMED else "")
