"""A network as a classifier of scikit-learn's form."""

import copy

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from speechbrain.utils.distributed import infer_device
from torch.nn.functional import cross_entropy

from local.progress import inner_steps

SMALLEST_STD = 1e-6  # of the root mean square; up to it a channel counts as constant


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """Train a network with AdamW and keep its best epoch on groups held out.

    Feats are standardised by the mean and deviation of each channel over the rows that
    are fitted. On a CPU the same seed gives the same posteriors; on a GPU they may
    differ in the last digits. The global random state is left as it was.

    Parameters
    ----------
    network : callable
        From numbers of channels and classes to a module that takes (batch, channels,
        frames) and returns logits (batch, classes).
    n_epochs, batch_size : int
        Most epochs, rows of a batch.
    lr, weight_decay : float
        Of AdamW.
    valid_share : float
        Share of the groups held out, 0 <= valid_share < 1: their loss tells the best
        epoch. With 0 all rows are fitted, and the last epoch is kept.
    patience : int
        Epochs without a lower loss on the groups held out, after which training ends.
    seed : int
        Decides weights, order, dropout and which groups are held out.
    device : str, optional
        Where to compute; by default a GPU if there is one.

    Attributes
    ----------
    classes_ : ndarray, (n_classes,)
        In the order of the posteriors.
    network_ : torch.nn.Module
        As of the best epoch.
    best_epoch_, n_epochs_ : int
        The epoch kept, from 1, and how many were trained.

    Examples
    --------
    >>> def network(n_channels, n_classes):
    ...     layer = torch.nn.Linear(n_channels * 2, n_classes)
    ...     return torch.nn.Sequential(torch.nn.Flatten(), layer)
    >>> classifier = NetworkClassifier(network, 20, 4, 0.1, 0.0, 0, 1, seed=0)
    >>> feats = np.array([[[0.0, 1.0]], [[1.0, 0.0]]] * 4)
    >>> classifier.fit(feats, ["up", "down"] * 4).predict(feats[:2]).tolist()
    ['up', 'down']
    """

    def __init__(
        self,
        network,
        n_epochs,
        batch_size,
        lr,
        weight_decay,
        valid_share,
        patience,
        seed,
        device=None,
    ):
        self.network = network
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.valid_share = valid_share
        self.patience = patience
        self.seed = seed
        self.device = device

    def fit(self, feats, classes, groups=None):
        """Train the network.

        Parameters
        ----------
        feats : ndarray, (n, channels, frames)
            Of each row.
        classes : sequence, (n,)
            Of each row, two or more different ones.
        groups : sequence, (n,), optional
            Rows that are held out together; by default each row alone.

        Returns
        -------
        self : NetworkClassifier
            Fitted.

        Raises
        ------
        ValueError
            If an argument is out of range, no group can be held out, or the loss is no
            longer finite.
        """
        self._check_settings()
        feats = _as_tensor(feats)
        self.classes_, codes = np.unique(classes, return_inverse=True)
        if len(self.classes_) < 2 or len(codes) != len(feats):
            raise ValueError(
                f"expected a class for each of {len(feats)} rows, two or more different"
                f" ones; got {len(codes)} of {len(self.classes_)} classes"
            )
        groups = np.arange(len(codes)) if groups is None else groups
        held_out = hold_out(codes, groups, self.valid_share, self.seed)
        rows = [
            torch.from_numpy(np.flatnonzero(part)) for part in (~held_out, held_out)
        ]
        self.mean_, self.std_ = _moments(feats, rows[0], self.batch_size)
        gpus = list(range(torch.cuda.device_count()))
        with torch.random.fork_rng(gpus):  # puts the global random state back
            torch.manual_seed(self.seed)
            self._train(feats, torch.from_numpy(codes), *rows)
        return self

    def predict_proba(self, feats):
        """Return posteriors (n, n_classes), float32, of feats (n, channels, frames)."""
        check_is_fitted(self, "network_")
        feats = _as_tensor(feats)
        logits = self._logits(feats, torch.arange(len(feats)))
        return logits.softmax(dim=1).numpy()

    def predict(self, feats):
        """Return the most likely class of each row of feats (n, channels, frames)."""
        return self.classes_[self.predict_proba(feats).argmax(axis=1)]

    def _check_settings(self):
        """Refuse settings out of range."""
        wanted = {
            "n_epochs >= 1": self.n_epochs >= 1,
            "batch_size >= 2": self.batch_size >= 2,
            "lr > 0": self.lr > 0,
            "weight_decay >= 0": self.weight_decay >= 0,
            "0 <= valid_share < 1": 0 <= self.valid_share < 1,
            "patience >= 1": self.patience >= 1,
        }
        wrong = [rule for rule, met in wanted.items() if not met]
        if wrong:
            name = next(word for word in wrong[0].split() if word.isidentifier())
            raise ValueError(f"expected {wrong[0]}, got {name}={getattr(self, name)}")

    def _train(self, feats, codes, fitted, held_out):
        """Train epoch after epoch, and leave the network as it was in the best one."""
        device = self.device or infer_device()
        self.network_ = self.network(feats.shape[1], len(self.classes_)).to(device)
        settings = {"lr": self.lr, "weight_decay": self.weight_decay}
        optimizer = torch.optim.AdamW(self.network_.parameters(), **settings)
        best_loss, best_state = float("inf"), None
        epochs = range(1, self.n_epochs + 1)
        for epoch in inner_steps(epochs, "train", "epoch"):
            self.n_epochs_ = epoch
            loss = self._train_epoch(feats, codes, fitted, optimizer)
            if len(held_out):
                loss = cross_entropy(self._logits(feats, held_out), codes[held_out])
            if not torch.isfinite(loss):
                raise ValueError(f"the loss is {loss:.0f} in epoch {epoch}; lower lr")
            if not len(held_out):
                self.best_epoch_ = epoch
            elif loss < best_loss:
                best_loss, self.best_epoch_ = loss, epoch
                best_state = copy.deepcopy(self.network_.state_dict())
            elif epoch - self.best_epoch_ >= self.patience:
                break
        if best_state is not None:
            self.network_.load_state_dict(best_state)

    def _train_epoch(self, feats, codes, fitted, optimizer):
        """Go once through the rows in a new order; return the loss of the last ones."""
        self.network_.train()
        device = next(self.network_.parameters()).device
        shuffled = fitted[torch.randperm(len(fitted))]
        for rows in shuffled.split(self.batch_size):
            if len(rows) == 1 < len(fitted):
                continue  # batch normalisation needs two; next time it is another row
            logits = self.network_(self._standardized(feats[rows]).to(device))
            loss = cross_entropy(logits, codes[rows].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.detach()

    def _standardized(self, feats):
        """Return feats in deviations from the mean of each channel."""
        return (feats - self.mean_) / self.std_

    @torch.inference_mode()
    def _logits(self, feats, rows):
        """Return logits (n, n_classes) of rows, on the CPU."""
        self.network_.eval()
        device = next(self.network_.parameters()).device
        parts = [
            self.network_(self._standardized(feats[part]).to(device)).float().cpu()
            for part in rows.split(self.batch_size)
        ]
        return torch.cat(parts)


def hold_out(codes, groups, share, seed):
    """Choose groups to hold out, of every class alike and never all of a class.

    scikit-learn's splitters take a class of few groups whole, refuse it, or look at
    every fold for every group, which takes minutes for groups by the ten thousand.

    Parameters
    ----------
    codes : ndarray of int, (n,)
        Class of each row, 0 and up.
    groups : sequence, (n,)
        Rows that stay together.
    share : float
        Of the groups; of classes with few, some lose one and others none.
    seed : int
        Decides which groups.

    Returns
    -------
    held_out : ndarray of bool, (n,)
        All False for a share of 0. Groups of several classes are drawn without regard
        to classes.

    Raises
    ------
    ValueError
        If no group can be held out, or a class is left with none.

    Examples
    --------
    >>> hold_out(np.array([0, 0, 0, 0, 1, 1]), list("aabbcd"), 0.5, seed=0).sum()
    np.int64(3)
    """
    if not share:
        return np.zeros(len(codes), dtype=bool)
    names, first, of_row = np.unique(groups, return_index=True, return_inverse=True)
    strata = codes[first]
    if not np.array_equal(strata[of_row], codes):
        strata = np.zeros(len(names), dtype=int)
    sizes = np.bincount(strata)  # groups of each class
    quota = np.where(sizes > 1, share * sizes, 0)
    # Rounded so that the whole comes out right: of ten classes with 0.4 four lose one.
    n_held = np.diff(np.floor(np.cumsum(quota) + 0.5), prepend=0)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(strata[order], kind="stable")]
    rank = np.empty(len(names), dtype=int)
    rank[order] = np.arange(len(names)) - (np.cumsum(sizes) - sizes)[strata[order]]
    held_out = (rank < np.minimum(n_held, sizes - 1)[strata])[of_row]
    if not held_out.any() or len(np.unique(codes[~held_out])) <= codes.max():
        raise ValueError(
            f"valid_share {share} of {len(names)} groups of {codes.max() + 1} classes"
            " holds out none, or all of a class; set valid_share to 0, or bring more"
            " groups"
        )
    return held_out


def _as_tensor(feats):
    """Return feats as a float32 tensor (n, channels, frames)."""
    if np.ndim(feats) != 3 or not len(feats):
        raise ValueError(
            f"expected feats (n, channels, frames), n >= 1; got shape {np.shape(feats)}"
        )
    return torch.from_numpy(np.ascontiguousarray(feats, dtype=np.float32))


def _moments(feats, rows, batch_size):
    """Return mean and deviation (channels, 1) of each channel over rows of feats."""
    sums = torch.zeros(2, feats.shape[1], dtype=torch.float64)
    for part in rows.split(batch_size):  # double precision of all would be a large copy
        values = feats[part].double()
        sums += torch.stack([values.sum((0, 2)), values.square().sum((0, 2))])
    mean, square = sums / (len(rows) * feats.shape[2])
    std = (square - mean.square()).clamp(min=0).sqrt()
    std[std <= SMALLEST_STD * square.sqrt()] = 1
    return mean.float().unsqueeze(1), std.float().unsqueeze(1)
