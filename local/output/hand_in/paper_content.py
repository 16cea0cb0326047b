"""The content of the one-page report: everything in it as text, ready to typeset."""

import re

from ruamel.yaml.comments import CommentedMap, TaggedScalar

from local.output.details import describe_trials, figure_cell
from local.output.hand_in.discussion import discuss
from local.output.json_form import EACH, NEEDED, is_number, problems
from local.output.metrics import figures_of
from local.output.tables import DASH, show, show_setting

EXPECTED = ("title", "group", "authors", "codalab_account")
MAY_BE_NULL = ("summary", "discussion", "references")


def is_text(found):
    """Tell whether something is a text with more than spaces in it."""
    return isinstance(found, str) and bool(found.strip())


def is_group(found):
    """Tell whether something can stand in the name of a file."""
    return type(found) in (int, str) and bool(re.fullmatch(r"\w[\w.-]*", f"{found}"))


WORDS = "a text, in quotes if it is a number", is_text
NUMBER = "a number above 0", lambda found: is_number(found) and found > 0
FORM = {
    "title": WORDS,
    "group": ("a number, or letters, digits, - _ .", is_group),
    "authors": [{NEEDED: ("name", "student_number"), EACH: WORDS}],
    "codalab_account": WORDS,
    "summary": WORDS,
    "discussion": [WORDS],
    "references": [WORDS],
    "settings": {EACH: [WORDS]},
    "figures": [WORDS],
    "n_blocks": NUMBER,
    "fonts": [WORDS],
    "font_folders": [WORDS],
    "font_size": NUMBER,
}


def check_details(details):
    """Refuse a report without what every report has to say.

    Parameters
    ----------
    details : dict
        The keys of `FORM`, as in ``hparams/hand_in.yaml``.

    Raises
    ------
    ValueError
        Names what is missing or of another form.
    """
    missing = [key for key in EXPECTED if details[key] in (None, "", [])]
    if missing:
        raise ValueError(
            f"no {', '.join(missing)}: write them into the YAML (hparams/hand_in.yaml)"
        )
    null = {key for key in MAY_BE_NULL if not details[key]}
    found = {key: value for key, value in details.items() if key not in null}
    for problem in problems(found, FORM):
        raise ValueError(f"{problem}; see hparams/hand_in.yaml")


def collect_content(details, run, metrics, blocks, log_rows):
    """Return all that the report says.

    Parameters
    ----------
    details : dict
        As for `check_details`, and ``summary``, ``settings`` and ``figures``.
    run : local.output.hand_in.finished_run.FinishedRun
        What is handed in.
    metrics : dict
        Figures of its model.
    blocks : list of local.output.hand_in.architecture.Block
        Of its model.
    log_rows : list of dict
        Of its first training, one an epoch.

    Returns
    -------
    content : dict
        Plain texts, lists and dicts, for JSON.

    Raises
    ------
    ValueError
        If a figure is asked for that was not measured.
    """
    figures = figures_of([metrics])
    unknown = set(details["figures"]) - {figure.key for figure in figures}
    if unknown:
        known = ", ".join(figure.key for figure in figures)
        raise ValueError(f"figures: no {min(unknown)}; there are {known}")
    return {
        "title": details["title"],
        "authors": [f"{a['name']} ({a['student_number']})" for a in details["authors"]],
        "group": f"Group {details['group']}",
        "account": f"Codalab account: {details['codalab_account']}",
        "date": [run.date.year, run.date.month, run.date.day],
        "summary": details["summary"] or "",
        "blocks": [block_content(block) for block in blocks],
        "experiments": experiments_table(run.trainings, details["settings"]),
        "measured_on": f"{metrics['test_set']}: {describe_trials(metrics)}",
        "results": figure_table(
            metrics, [f for f in figures if f.key in details["figures"]]
        ),
        "curve_of": run.trainings[0].facts["experiment"],
        "discussion": details["discussion"] or discuss(metrics, log_rows),
        "references": details["references"] or [],
        "appendix": figure_table(metrics, figures),
    }


def block_content(block):
    """Return a block as texts, and whence arrows lead to it."""
    return {
        "name": block.name,
        "kind": block.kind,
        "shape": " × ".join(show(n, ",") for n in block.shape),
        "size": show(block.n_parameters, ",") if block.n_parameters else "",
        "sources": list(block.sources),
    }


def figure_table(metrics, figures):
    """Return a heading and a row a system, each figure with its interval."""
    rows = [
        [name, *(figure_cell(found, f, intervals=[f.key]) for f in figures)]
        for name, found in metrics["systems"].items()
    ]
    return [["System", *(figure.heading for figure in figures)], *rows]


def experiments_table(trainings, settings):
    """Return how a model was trained, one column a training.

    Parameters
    ----------
    trainings : list of local.output.hand_in.finished_run.Training
        One, or the members' of a combination.
    settings : dict of str to list of str
        Heading of a row -> keys of the YAML of a training, those that are there.

    Returns
    -------
    rows : list of list of str
        Heading and a text a training; rows of which no training says anything are left
        out.
    """
    columns = [
        training_facts(training.facts)
        | {
            heading: describe_all(training.settings, keys)
            for heading, keys in settings.items()
        }
        for training in trainings
    ]
    rows = [[f"{h}", *(c[h] or DASH for c in columns)] for h in columns[0]]
    return [row for row in rows if set(row[1:]) != {DASH}]


def training_facts(facts):
    """Return what a training used and took, heading to text."""
    best = ", ".join(map(str, facts.get("best_epochs") or [])) or DASH
    weight = (
        f", weight {facts['weight']:.2g} of the cosine" if "weight" in facts else ""
    )
    return {
        "Network": f"{facts['name']}, {show(facts['n_parameters'], ',')} parameters,"
        f" {show(facts.get('n_flops'), ',.0f', 1e-6)} M operations a clip{weight}",
        "Data": f"{show(facts['n_train_segments'], ',')} clips of"
        f" {show(facts['n_train_speakers'], ',')} speakers",
        "Training": f"{facts['epochs']} epochs, kept {best};"
        f" {show(facts['train_seconds'] / 60, '.0f')} minutes on {facts['device']}"
        f" ({facts.get('precision', DASH)}); seed {facts['seed']}",
    }


def describe_all(settings, keys):
    """Say several settings of a YAML, those that are there."""
    found = [key for key in keys if settings.get(key) is not None]
    texts = [describe(settings[key], key) for key in found]
    return "; ".join(filter(None, texts))


def describe(node, key):
    """Say a setting of a YAML in few words: of what it builds, class and plain values.

    Parameters
    ----------
    node : object
        From a YAML, its tags kept.
    key : str
        Said before a plain value.

    Returns
    -------
    text : str
        Parts of parts are named alone. What has a ``prob`` of 0, or nothing but such
        parts, is not said.

    Examples
    --------
    >>> from ruamel.yaml import YAML
    >>> settings = YAML().load("{loss: !new:a.b.Margin {scale: 30}, n_epochs: 16}")
    >>> describe(settings["loss"], "loss"), describe(settings["n_epochs"], "n_epochs")
    ('Margin (scale 30)', 'epochs 16')
    """
    name = built_name(node)
    if name is None:
        return f"{key.removeprefix('n_').replace('_', ' ')} {show_setting(node)}"
    if not isinstance(node, CommentedMap):
        return name
    parts = [part for k, v in node.items() for part in describe_part(k, v)]
    if node.get("prob", 1) == 0 or (node and not parts):
        return ""
    return f"{name} ({', '.join(parts)})" if parts else name


def built_name(node):
    """Return the class that a node of a YAML builds, or None."""
    tag = node.tag.value if isinstance(node, TaggedScalar | CommentedMap) else None
    return tag.rpartition(".")[2] if tag else None


def describe_part(key, node):
    """Yield what is said of a part: a plain value, or names of what is built.

    Parameters
    ----------
    key : str
        Its key in the part above.
    node : object
        From a YAML, its tags kept.

    Yields
    ------
    text : str
        None, one or several.
    """
    if isinstance(node, list) and any(isinstance(value, dict) for value in node):
        for value in node:
            yield from describe_part(key, value)
    elif isinstance(node, CommentedMap):
        if built_name(node) and node.get("prob", 1) != 0:
            yield built_name(node)
    elif not isinstance(node, TaggedScalar):
        yield describe(node, key)
