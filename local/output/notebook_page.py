"""A notebook, run from top to bottom -> one small HTML page that needs no network.

    python -m local.output.notebook_page recipes/gender/gender.ipynb

writes `gender.html` beside it; the notebook itself stays as it is, without outputs.
`--<name> <value>` sets what its cell tagged `parameters` sets to something else, as
`--librispeech_folder LibriSpeech`. Needs `pip install -r requirements-notebooks.txt`.
"""

import argparse
import ast
import base64
import logging
from html import escape
from io import BytesIO
from pathlib import Path

from local.files import replacing
from local.output.pictures import shrunk
from local.overrides import parse_overrides

logger = logging.getLogger(__name__)

TAG = "parameters"
MAX_PAGE_BYTES = 1_000_000
MAX_PICTURE_BYTES = 60_000
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 60em; margin: auto; padding: 1em; }}
pre {{ overflow-x: auto; padding: .5em; font-size: 13px; line-height: 1.4; }}
.highlight pre {{ background: #f4f4f4; }}
img {{ max-width: 100%; }}
table {{ border-collapse: collapse; font-size: 13px; }}
td, th {{ border: 1px solid #ccc; padding: .2em .5em; text-align: right; }}
.jp-InputPrompt, .jp-OutputPrompt, .prompt, .anchor-link {{ display: none; }}
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def set_parameters(notebook, values):
    """Set settings of a notebook by a cell after the one tagged ``parameters``.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    values : dict
        Name -> value that Python can show as a literal.

    Raises
    ------
    ValueError
        If no cell is tagged, or it does not set one of the names.
    """
    from nbformat.v4 import new_code_cell

    tagged = (
        n
        for n, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", ())
    )
    place = next(tagged, None)
    if place is None:
        raise ValueError(f"no code cell is tagged {TAG}; tag the one with the settings")
    known = assigned_names(notebook.cells[place].source)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise ValueError(f"no setting {unknown[0]}: expected one of {', '.join(known)}")
    lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    if lines:
        notebook.cells.insert(place + 1, new_code_cell(lines, id="settings"))


def assigned_names(code):
    """Return the names that some code sets, in their order.

    Examples
    --------
    >>> assigned_names("import os; folder = 'a'; seed: int = 1")
    ['folder', 'seed']
    """
    targets = []
    for node in ast.parse(code).body:
        targets += getattr(node, "targets", [getattr(node, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]


def run_notebook(path, values):
    """Run a notebook in its own folder, as Jupyter does, with some settings.

    Parameters
    ----------
    path : str or Path
        The notebook; the file stays as it is.
    values : dict
        As of `set_parameters`.

    Returns
    -------
    notebook : nbformat.NotebookNode
        With outputs.

    Raises
    ------
    ValueError
        If Jupyter is not installed, a setting is not one, or a cell fails.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError as error:
        raise ValueError(
            f"no {error.name}: pip install -r requirements-notebooks.txt"
        ) from error
    path = Path(path)
    notebook = nbformat.read(path, as_version=4)
    set_parameters(notebook, values)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=None, resources=where)
    try:
        client.execute()
    except CellExecutionError as error:
        raise ValueError(f"{path}: {error.ename}: {error.evalue}") from error
    return notebook


def format_page(notebook, title):
    """Lay out a notebook as a page without scripts, pictures in it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With outputs; its pictures are replaced by small ones.
    title : str
        Of the page.

    Returns
    -------
    page : str
        HTML.
    """
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter

    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            shrink_output(output)
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    style = HtmlFormatter().get_style_defs(".highlight")
    return PAGE.format(title=escape(title), style=style, body=body)


def shrink_output(output):
    """Make the picture of an output small, if it has one."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = BytesIO(base64.b64decode(data["image/png"]))
        small = shrunk(picture, MAX_PICTURE_BYTES)
        data["image/png"] = base64.b64encode(small).decode()


def write_page(path, values):
    """Run a notebook and write its page beside it.

    Parameters
    ----------
    path : str or Path
        ``<name>.ipynb``; ``<name>.html`` is written.
    values : dict
        As of `set_parameters`.

    Raises
    ------
    ValueError
        If it cannot be run, or the page is too large.
    """
    path = Path(path)
    page = format_page(run_notebook(path, values), path.stem)
    size = len(page.encode())
    if size > MAX_PAGE_BYTES:
        raise ValueError(
            f"{path}: a page of {size:,} bytes, expected {MAX_PAGE_BYTES:,} at most;"
            " show fewer pictures or shorter tables"
        )
    with replacing(path.with_suffix(".html")) as temporary:
        temporary.write_text(page, encoding="utf-8")
    logger.info("%s: %s bytes", path.with_suffix(".html"), f"{size:,}")


def main():
    """Run `write_page` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="+", help="<name>.ipynb")
    arguments, settings = parser.parse_known_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        for path in arguments.notebooks:
            write_page(path, parse_overrides(settings))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
