"""The architecture of a trained model, seen while one segment runs through it.

Which parts there are, what leaves each of them and where it goes is not read from the
code: hooks note it on a forward pass, and autograd tells what each part was given.
"""

from functools import partial
from typing import NamedTuple

import torch

from local.models.lean import LEAN_CLASSES

STAGES = ("compute_features", "mean_var_norm", "embedding_model")
USUAL = ("embedding_model", "members", "network")
SEGMENT, EMBEDDING = "segment", "embedding"
STOCK = {lean: stock.__name__ for stock, lean in LEAN_CLASSES.items()}


class Block(NamedTuple):
    """A part of a network, as it was seen.

    Attributes
    ----------
    name : str
        Where it is in the model, short.
    kind : str
        Its class.
    shape : tuple of int
        What leaves it, without the batch.
    n_parameters : int
        Numbers in it that training moves.
    sources : tuple of int
        The blocks whose output it was given, by their place in the list.
    """

    name: str
    kind: str
    shape: tuple
    n_parameters: int
    sources: tuple


def trace_blocks(encoder, n_samples, n_blocks):
    """Return the blocks of a model in the order they run.

    Parameters
    ----------
    encoder : EncoderClassifier
        From `local.scoring.model_folder.load_encoder`, on the CPU.
    n_samples : int
        Of the segment that runs through.
    n_blocks : int
        At most so many: the largest that there is room for is opened, again and again.

    Returns
    -------
    blocks : list of Block
        First the segment, last the embedding.

    Raises
    ------
    ValueError
        If there is not room for the stages of the model.
    """
    stages = [n for n, _ in encoder.mods.named_modules() if n.split(".")[0] in STAGES]
    calls = watch(encoder, n_samples, stages)
    names = open_largest(encoder.mods, calls[1:-1], n_blocks)
    calls = watch(encoder, n_samples, names)
    places = {call.name: place for place, call in enumerate(calls)}
    blocks = []
    for place, call in enumerate(calls):
        sources = sorted(places[name] for name in call.sources)
        if place and not sources:  # where autograd is cut
            sources = [place - 1]
        module = encoder.mods.get_submodule(call.name) if call.name in names else None
        kind = STOCK.get(type(module), type(module).__name__) if module else ""
        size = count_parameters(module) if module else 0
        name = short_name(call.name)
        blocks.append(Block(name, kind, call.shape, size, tuple(sources)))
    return blocks


class Call(NamedTuple):
    """A part of a model that ran: its name, what left it, whence it was given what."""

    name: str
    shape: tuple
    sources: set
    within: str


class Watcher:
    """Notes what is given to the parts of a model and what leaves them.

    Every output is marked, by a copy whose node in the graph of autograd is this call's
    alone, so that whoever is given something computed from it can be told.
    """

    def __init__(self):
        self.calls = []
        self.made = {}  # node in the graph -> part
        self.running = [("", set())]  # parts that have not ended, and their sources

    def mark(self, name, tensor):
        """Return a tensor that can be traced back to a part."""
        grown = tensor if tensor.requires_grad else tensor.detach().requires_grad_()
        marked = grown.clone()
        self.made[marked.grad_fn] = name
        return marked

    def before(self, name, inputs):
        """Note what a part is given."""
        self.running.append((name, origins(inputs, self.made)))

    def after(self, name, inputs, output):
        """Note what left a part, unless it only passed on what it was given."""
        _, sources = self.running.pop()
        if any(output is given for given in inputs):
            return None
        within, _ = self.running[-1]
        self.calls.append(Call(name, tuple(output.shape[1:]), sources, within))
        return self.mark(name, output)


def watch(encoder, n_samples, names):
    """Run a segment through a model and note what each part was given.

    Parameters
    ----------
    encoder : EncoderClassifier
        The model.
    n_samples : int
        Of the segment.
    names : iterable of str
        The parts to watch; those that only pass on what they are given do not count.

    Returns
    -------
    calls : list of Call
        In the order they end, each part once; first the segment, last the embedding.
    """
    watcher, hooks = Watcher(), []
    for name in names:
        module = encoder.mods.get_submodule(name)
        before, after = (partial(f, name) for f in (watcher.before, watcher.after))
        hooks.append(module.register_forward_pre_hook(lambda _, i, f=before: f(i)))
        hooks.append(module.register_forward_hook(lambda _, i, o, f=after: f(i, o)))
    for name, module in encoder.mods.named_modules():
        if name.split(".")[-1] == STAGES[0]:  # some features leave PyTorch on the way
            hooks.append(module.register_forward_pre_hook(lambda _, i: detached(i)))
    noise = torch.randn(1, n_samples, generator=torch.Generator().manual_seed(0))
    try:
        with torch.enable_grad():
            output = encoder.encode_batch(watcher.mark(SEGMENT, noise))
    finally:
        for hook in hooks:
            hook.remove()
    first = Call(SEGMENT, (n_samples,), set(), "")
    sources = origins([output], watcher.made)
    last = Call(EMBEDDING, (output.shape[-1],), sources, "")
    # A part that runs again counts as it ran first.
    once = {call.name: call for call in reversed([first, *watcher.calls, last])}
    return [*once.values()][::-1]


def detached(inputs):
    """Return what is given to a part, cut off from autograd."""
    return tuple(i.detach() if torch.is_tensor(i) else i for i in inputs)


def origins(tensors, made):
    """Return the parts whose outputs tensors were computed from, nearest ones.

    Parameters
    ----------
    tensors : iterable of object
        Those that are tensors count.
    made : dict of torch.autograd.graph.Node to str
        The outputs of parts.

    Returns
    -------
    names : set of str
        Of these parts.
    """
    waiting = [tensor.grad_fn for tensor in tensors if torch.is_tensor(tensor)]
    names, met = set(), set()
    while waiting:
        node = waiting.pop()
        if node is None or node in met:
            continue
        met.add(node)
        if node in made:
            names.add(made[node])
        else:
            waiting += [source for source, _ in node.next_functions]
    return names


def open_largest(mods, calls, n_blocks):
    """Open the largest part that there is room for, again and again.

    Parameters
    ----------
    mods : torch.nn.ModuleDict
        Of the model.
    calls : list of Call
        The parts that ran.
    n_blocks : int
        At most so many are left.

    Returns
    -------
    names : list of str
        The parts, in the order they ran.

    Raises
    ------
    ValueError
        If not even those that are not opened fit.
    """
    sizes = {c.name: count_parameters(mods.get_submodule(c.name)) for c in calls}
    inner = {c.name: [i.name for i in calls if i.within == c.name] for c in calls}
    names = [call.name for call in calls if not call.within]
    if len(names) > n_blocks:
        raise ValueError(f"n_blocks must be at least {len(names)}, got {n_blocks}")
    while True:
        room = n_blocks - len(names) + 1
        fitting = [n for n in names if sizes[n] and 0 < len(inner[n]) <= room]
        if not fitting:
            return [call.name for call in calls if call.name in names]
        opened = max(fitting, key=sizes.get)
        names = [name for name in names if name != opened] + inner[opened]


def short_name(name):
    """Return a name without the parts of it that every model has.

    Examples
    --------
    >>> short_name("embedding_model.network.blocks.0"), short_name("embedding_model")
    ('blocks.0', 'embedding_model')
    """
    *others, last = name.split(".")
    return ".".join([*(part for part in others if part not in USUAL), last])


def count_parameters(module):
    """Count the numbers that training moves."""
    return sum(parameter.numel() for parameter in module.parameters())
