"""A notebook runs as Jupyter would run it, and becomes one small page of its own."""

import base64
import re
import sys
from io import BytesIO

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from local.output import notebook_page
from local.output.notebook_page import (
    format_page,
    main,
    run_notebook,
    set_parameters,
    write_page,
)

SETTINGS = "folder = 'there'\nseed = 1986"
DRAW = """\
from IPython.display import Image as Shown, display
from PIL import Image
Image.effect_noise((900, 600), 80).save("noise.png")
display(Shown("noise.png"))
"""


def made_up_notebook(*sources):
    """Return a notebook of settings and code."""
    settings = new_code_cell(SETTINGS, metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell("# Voices\n\nSome *text*."), settings]
    return new_notebook(cells=cells + [new_code_cell(source) for source in sources])


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a notebook."""

    def write(*sources):
        path = tmp_path / "voices.ipynb"
        nbformat.write(made_up_notebook(*sources), path)
        return path

    return write


def texts(notebook):
    """Return what a notebook printed."""
    return "".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )


def test_settings_are_replaced_after_the_tagged_cell():
    notebook = made_up_notebook("print(seed)")
    set_parameters(notebook, {"seed": 7, "folder": "a'b"})
    sources = [cell.source for cell in notebook.cells]
    assert sources[1:] == [SETTINGS, 'seed = 7\nfolder = "a\'b"', "print(seed)"]


def test_without_settings_nothing_is_inserted():
    notebook = made_up_notebook()
    set_parameters(notebook, {})
    assert len(notebook.cells) == 2


def test_a_setting_that_is_none_is_refused():
    with pytest.raises(
        ValueError, match="no setting sede: expected one of folder, seed"
    ):
        set_parameters(made_up_notebook(), {"sede": 7})
    with pytest.raises(ValueError, match="no code cell is tagged parameters"):
        set_parameters(new_notebook(), {})


def test_a_notebook_runs_in_its_folder_with_its_settings_and_stays_as_it_is(write):
    path = write("import os\nprint(os.getcwd(), seed + 1, folder)")
    before = path.read_bytes()
    assert texts(run_notebook(path, {"seed": 7})) == f"{path.parent} 8 there\n"
    assert path.read_bytes() == before


def test_a_cell_that_fails_is_told_in_one_line(write):
    path = write("1 / 0")
    with pytest.raises(
        ValueError, match=r"voices\.ipynb: ZeroDivisionError: div"
    ) as caught:
        run_notebook(path, {})
    assert "\n" not in str(caught.value)


def test_a_missing_jupyter_is_answered_with_what_to_install(write, monkeypatch):
    path = write()
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(ValueError, match="pip install -r requirements-notebooks.txt"):
        run_notebook(path, {})


def test_a_page_is_small_and_needs_no_network(write):
    path = write(DRAW, "print('<b>')")
    write_page(path, {"seed": 7})
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert len(page) < 120_000
    assert "<title>voices</title>" in page
    assert "Some <em>text</em>" in page
    assert "&lt;b&gt;" in page
    assert not re.search(r"<script|<link|@import|(src|href)=.(https?:)?//", page)
    (picture,) = re.findall(r'src="data:image/png;base64,([^"]+)', page)
    with Image.open(BytesIO(base64.b64decode(picture))) as image:
        assert 100 < image.width < 900


def test_a_page_that_is_too_large_is_refused_and_none_is_written(write, monkeypatch):
    monkeypatch.setattr(notebook_page, "MAX_PAGE_BYTES", 1000)
    monkeypatch.setattr(notebook_page, "run_notebook", lambda *_: made_up_notebook())
    path = write()
    with pytest.raises(ValueError, match="bytes, expected 1,000 at most; show fewer"):
        write_page(path, {})
    assert sorted(file.name for file in path.parent.iterdir()) == ["voices.ipynb"]


def test_a_cell_of_settings_has_the_same_id_in_every_page():
    notebook = made_up_notebook()
    ids = [cell.id for cell in notebook.cells]
    set_parameters(notebook, {"seed": 7})
    assert [cell.id for cell in notebook.cells] == [*ids, "settings"]


def test_outputs_that_are_no_pictures_stay():
    notebook = made_up_notebook("1")
    data = {"text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "7"}
    notebook.cells[2].outputs = [new_output("execute_result", data)]
    assert "<td>7</td>" in format_page(notebook, "a < b")


def test_the_command_line_takes_notebooks_and_settings(write, monkeypatch, capsys):
    path = write("print(f'{seed} in {folder}')")
    arguments = ["notebook_page", str(path), "--seed", "7", "--folder=here"]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    assert "7 in here" in path.with_suffix(".html").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [*arguments, "--sede", "7"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.startswith("error: no setting sede")
