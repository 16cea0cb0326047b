"""Speaker-disjoint splits, by seed alone."""

import numpy as np

ROLES = ("train", "valid", "test")


def split_speakers(spk_ids, n_valid_speakers, seed, min_segments=2):
    """Choose validation speakers and split the segments by speaker.

    The choice depends on the speakers and the seed, not on the order of segments.

    Parameters
    ----------
    spk_ids : sequence of str, (n_segments,)
        The speaker of each segment.
    n_valid_speakers : int
        Number of speakers held out, at least 2 (one gives no nontarget trials).
    seed : int
        Seed of the draw.
    min_segments : int
        Fewest segments of a validation speaker; one alone gives no target trial.

    Returns
    -------
    train, valid : tuple of ndarray
        Positions of the segments of each side, ascending; no speaker is on both.

    Raises
    ------
    ValueError
        If fewer than 2 speakers would be in validation or in training, or too few
        have ``min_segments`` segments.

    Examples
    --------
    >>> train, valid = split_speakers(list("aabbccdd"), n_valid_speakers=2, seed=0)
    >>> len(train), len(valid)
    (4, 4)
    """
    spk_ids = np.asarray(spk_ids)
    names, counts = np.unique(spk_ids, return_counts=True)
    eligible = names[counts >= min_segments]
    most = min(len(eligible), len(names) - 2)
    if not 2 <= n_valid_speakers <= most:
        remedy = "at least 2 for validation and 2 for training are needed; add speakers"
        if most >= 2:
            remedy = f"set n_valid_speakers to 2..{most}"
        raise ValueError(
            f"n_valid_speakers is {n_valid_speakers}, but there are {len(names)}"
            f" speakers, {len(eligible)} of them with {min_segments} segments or more;"
            f" {remedy}"
        )
    rng = np.random.default_rng(seed)
    chosen = rng.choice(eligible, n_valid_speakers, replace=False)
    is_valid = np.isin(spk_ids, chosen)
    return np.flatnonzero(~is_valid), np.flatnonzero(is_valid)


def assign_speakers(pools, n_speakers, choose, seed, valid_is_test=False):
    """Give each role speakers of its own.

    A role with a number takes the first of its pool that are free, one with None all
    that are left after those. In random order the test comes first and the training
    last, so that more or fewer readers to train on leave the others as they were; the
    lowest go to training first.

    Parameters
    ----------
    pools : dict of str to sequence of str
        Role, of `ROLES`, to the speakers it may have; pools may overlap.
    n_speakers : dict of str to int or None
        Role to number of speakers, at least 2; None: all that are left.
    choose : {"random", "lowest"}
        Order of a pool: drawn by the seed, or by number, which is by length and then
        by letter if the speakers are no numbers.
    seed : int
        Seed of the draw.
    valid_is_test : bool
        Whether validation has the speakers of the test, instead of any of its own.
        Then the choice of a model has seen the test, so that its figures flatter.

    Returns
    -------
    roles : dict of str to list of str
        Role to speakers, in the order of the choice; none is in two roles otherwise.

    Raises
    ------
    ValueError
        If the roles are not those of `ROLES`, ``choose`` is neither, a number is below
        2, or fewer are left than asked for.

    Examples
    --------
    >>> pools = dict.fromkeys(ROLES, ["9", "100", "20", "7", "30", "8", "40"])
    >>> n_speakers = {"train": None, "valid": 2, "test": 2}
    >>> assign_speakers(pools, n_speakers, "lowest", seed=0)["train"]
    ['30', '40', '100']
    """
    _check_request(pools, n_speakers, choose)
    order = ROLES if choose == "lowest" else ROLES[::-1]
    if valid_is_test:
        order = [role for role in order if role != "valid"]
    roles, taken = {}, set()
    for role in sorted(order, key=lambda role: n_speakers[role] is None):
        wanted = n_speakers[role]
        free = [spk for spk in _ranked(pools[role], choose, seed) if spk not in taken]
        if len(free) < (wanted or 2):
            raise ValueError(
                f"n_speakers of {role} is {wanted or 'null'}, but of its"
                f" {len(pools[role])} speakers {len(free)} are left by the other roles;"
                " ask for fewer, at least 2, or give it other data"
            )
        roles[role] = free[:wanted]
        taken.update(roles[role])
    roles.setdefault("valid", roles["test"])
    return roles


def check_roles(name, given):
    """Refuse a setting that does not tell of each role, or tells of others.

    Raises
    ------
    ValueError
        If its keys are not those of `ROLES`.
    """
    if set(given) != set(ROLES):
        raise ValueError(
            f"{name} must tell of {', '.join(ROLES)}, got {', '.join(given)}"
        )


def _check_request(pools, n_speakers, choose):
    check_roles("pools", pools)
    check_roles("n_speakers", n_speakers)
    for role, n in n_speakers.items():
        if n is not None and not (isinstance(n, int) and n >= 2):
            raise ValueError(
                f"n_speakers of {role} is {n!r}, expected 2 or more, or null for all"
                " that are left"
            )
    if choose not in ("random", "lowest"):
        raise ValueError(f"choose is {choose!r}, expected random or lowest")


def _ranked(pool, choose, seed):
    """Order a pool; the same pool has the same order in each role."""
    by_number = sorted(pool, key=lambda spk: (len(spk), spk))
    if choose == "lowest":
        return by_number
    return np.random.default_rng(seed).permutation(by_number).tolist()
