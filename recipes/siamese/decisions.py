"""What `one_shot.json` files tell of same or different, as a section of Markdown."""

from local.output.tables import dig, markdown_table, percent, show
from recipes.siamese.sections import seen_minus_unseen

PAIRS = """\
### Same or different

Is a pair of fragments of one reader? *Right* is the share of pairs decided rightly if
half of them are the same. Thresholds are set on validation readers and judged on test
readers: at the *eer point* as many same as different are wrong; the other lies some
standard deviations from the mean of the same (in the original, of means of batches).
"""
WHICH = """\
- **Which threshold?** That of the EER was the best in {wins} of {n} trainings.
"""
HOW_OFTEN = """\
- **How often is it right?** {name}, of the trainings that with the lowest EER, decides
  {right} % of the test pairs rightly at the EER point. The original's cross-entropy
  network came to {best} % at its best epoch, chosen on the test; {last} % at its last.
"""
HOW_FAR = """\
- **How far apart are training and test?** The original decided {train} % rightly in
  training, {gap} points above its best test. Here, among {k} readers, {name} does
  {points} points better on readers of its training than on others.
"""
COUNTS = ("n_targets", "n_nontargets")
ACCOUNT = {"original": "cross-entropy", "k": "5"}  # whose and which figures answer


def format_pairs(runs, original):
    """Lay out how well each run tells pairs apart, the original's, and what follows.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    original : dict of str to dict
        Network -> its figures.

    Returns
    -------
    section : str
        Empty if no run has verified pairs.
    """
    rows = [
        [name, *(percent(dig(run, "verification", key)) for key in ("eer", "auc"))]
        + [threshold.replace("_", " "), show(at.get("threshold"), ".3f")]
        + [percent(at.get("accuracy"))]
        + [percent(_complement(at.get(key))) for key in ("p_miss", "p_fa")]
        + [" + ".join(show(run["verification"].get(n), ",") for n in COUNTS)]
        for name, run in runs.items()
        for threshold, at in (dig(run, "verification", "thresholds") or {}).items()
    ]
    headings = ["run", "EER %", "AUC %", "threshold", "score", "right %"]
    headings += ["same accepted %", "different rejected %", "same + different pairs"]
    table = markdown_table(headings, rows, n_texts=1)
    parts = [PAIRS, table, _original(original), *_answers(runs, original)]
    return "\n".join(parts) if rows else ""


def _complement(share):
    """Return what is left of a whole, or None."""
    return None if share is None else 1 - share


def _original(original):
    """Lay out what the original reports of pairs."""
    shares = ("train", "best", "last", "same", "different")
    rows = [
        [f"*{name}*", f"{found['train_speakers']} / {found['test_speakers']}"]
        + [show(found.get(f"{role}_loss"), ".3f") for role in ("train", "test")]
        + [percent(found.get(share)) for share in shares]
        for name, found in original.items()
    ]
    headings = ["the original", "speakers: training / test", "training loss"]
    headings += ["test loss", "right in training %", "right in test, best epoch %"]
    headings += ["last epoch %", "same accepted %", "different rejected %"]
    return markdown_table(headings, rows, n_texts=2)


def _answers(runs, original):
    """Answer the questions the original ends with, as far as there are figures."""
    reference, k = original[ACCOUNT["original"]], ACCOUNT["k"]
    known = {
        name: run["verification"]
        for name, run in runs.items()
        if dig(run, "model", "steps")  # not of what was only evaluated
        and dig(run, "verification", "eer")
        and dig(run, "verification", "thresholds", "eer_point")
    }
    if not known:
        return []
    right = [
        {name: at["accuracy"] for name, at in found["thresholds"].items()}
        for found in known.values()
    ]
    wins = sum(found["eer_point"] == max(found.values()) for found in right)
    best = min(known, key=lambda name: known[name]["eer"]["mean"])
    at = known[best]["thresholds"]["eer_point"]
    shares = {key: percent(reference[key]) for key in ("train", "best", "last")}
    shares |= {"name": best, "right": percent(at["accuracy"])}
    parts = [WHICH.format(wins=wins, n=len(known)), HOW_OFTEN.format(**shares)]
    points = seen_minus_unseen(runs[best], k)
    if points is not None:
        gap = percent(reference["train"] - reference["best"])
        parts.append(HOW_FAR.format(points=percent(points), gap=gap, k=k, **shares))
    return ["".join(parts)]
