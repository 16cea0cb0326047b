"""What the figures of a run say, in sentences: where a discussion starts from."""

from itertools import pairwise

from local.output.comparison import TRANSDUCTIVE
from local.output.model_card import our_systems
from local.output.tables import is_number, show, show_figure


def discuss(metrics, log_rows):
    """Say what the figures of a run tell.

    Parameters
    ----------
    metrics : dict
        As from `local.output.metrics.read_metrics`.
    log_rows : list of dict
        As from `local.output.plots.read_training_log`.

    Returns
    -------
    sentences : list of str
        One a point; each says a fact, none a cause.
    """
    ours = our_systems(metrics)
    others = {n: f for n, f in metrics["systems"].items() if n not in ours}
    steps = [step_sentence(*before, *after) for before, after in pairwise(ours.items())]
    sentences = [
        first_sentence(ours, others),
        *steps,
        gallery_sentence(ours),
        training_sentence(log_rows),
        sample_sentence(metrics),
    ]
    return [sentence for sentence in sentences if sentence]


def first_sentence(ours, others):
    """Say what the submitted score reaches, and what an untrained one does."""
    name, found = list(ours.items())[-1]
    text = f"The submitted score, {name}, has an R-precision of {r_precision(found)} %"
    if others:
        text += "; " + ", ".join(f"{n} {r_precision(f)} %" for n, f in others.items())
    return text + "."


def step_sentence(name, found, better_name, better):
    """Say what a step from one system to the next does to the EER.

    Parameters
    ----------
    name, better_name : str
        The systems.
    found, better : dict
        Their figures.

    Returns
    -------
    sentence : str
        Empty without an EER of both.

    Examples
    --------
    >>> before = {"eer": {"value": 0.06, "low": 0.05, "high": 0.08}}
    >>> after = {"eer": {"value": 0.04, "low": 0.03, "high": 0.045}}
    >>> step_sentence("cosine", before, "as-norm", after)
    'From cosine to as-norm the EER falls from 6.0 to 4.0 %; the intervals are apart.'
    """
    first, second = found.get("eer", {}), better.get("eer", {})
    if not all(is_number(rates.get("value")) for rates in (first, second)):
        return ""
    moved = second["value"] - first["value"]
    verb = "stays at" if not moved else f"{'falls' if moved < 0 else 'rises'} from"
    values = [show(rates["value"], ".1f", 100) for rates in (first, second)]
    text = f"From {name} to {better_name} the EER {verb} "
    text += f"{values[0]} to {values[1]} %" if moved else f"{values[0]} %"
    bounds = [
        rates.get(bound) for rates in (first, second) for bound in ("low", "high")
    ]
    if None in bounds:
        return text + "."
    apart = bounds[1] < bounds[2] or bounds[3] < bounds[0]
    told = "the intervals are apart" if apart else "the intervals overlap"
    return f"{text}; {told}."


def gallery_sentence(ours):
    """Say what is gained by seeing the whole gallery, if the submitted score does."""
    alone = [found for name, found in ours.items() if TRANSDUCTIVE not in name]
    if not alone or len(alone) == len(ours):
        return ""
    return (
        "The submitted score sees all clips of the test at once, which a closed gallery"
        f" allows; pair by pair the R-precision is {r_precision(alone[-1])} %."
    )


def training_sentence(log_rows):
    """Say how validation went over the epochs.

    Parameters
    ----------
    log_rows : list of dict
        One an epoch.

    Returns
    -------
    sentence : str
        Empty without validation.

    Examples
    --------
    >>> values = [0.5, 0.75, 0.7]
    >>> training_sentence([{"epoch": n, "valid r_precision": v}
    ...                    for n, v in enumerate(values, start=1)])
    'On validation speakers the R-precision goes from 50.0 % to 75.0 % at epoch 2 of 3.'
    """
    key = "valid r_precision"
    rows = [row for row in log_rows if "epoch" in row and key in row]
    if not rows:
        return ""
    best = max(rows, key=lambda row: row[key])
    first, highest = (show(row[key], ".1f", 100) for row in (rows[0], best))
    return (
        f"On validation speakers the R-precision goes from {first} % to {highest} % at"
        f" epoch {best['epoch']} of {rows[-1]['epoch']}."
    )


def sample_sentence(metrics):
    """Say how many speakers all of it rests on."""
    trials, bootstrap = metrics["trials"], metrics["bootstrap"]
    return (
        f"All figures rest on {show(trials['n_speakers'], ',')} speakers;"
        f" {show(bootstrap['confidence'], 'g', 100)} % intervals are over"
        f" {bootstrap['over']}, from {show(bootstrap['n'], ',')} bootstrap draws."
    )


def r_precision(found):
    """Show the R-precision of a system, with its interval."""
    return show_figure(found.get("r_precision", {}), ".1f", 100)
