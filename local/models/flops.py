"""What a network costs: its operations."""

import torch
from torch.utils.flop_counter import FlopCounterMode


@torch.no_grad()
def count_flops(modules, sig):
    """Count the operations of the embedding model: twice its multiply-adds.

    Parameters
    ----------
    modules : torch.nn.ModuleDict
        ``compute_features``, ``mean_var_norm``, ``embedding_model``; left in evaluation
        mode.
    sig : Tensor, (1, samples)
        One segment.

    Returns
    -------
    n_flops : int
        Of convolutions and matrix products, from features to embedding.
    """
    modules.eval()
    feats = modules["mean_var_norm"](modules["compute_features"](sig))
    with FlopCounterMode(display=False) as counter:
        modules["embedding_model"](feats)
    return counter.get_total_flops()
