"""The one-page report as a PDF: typeset by typst, its page counted, its text shown.

The same content gives the same bytes, on any machine: the fonts are typst's own unless
the YAML names others. The file is PDF/A, which typst writes only if it has a glyph for
every letter, so that no name comes out as empty boxes.
"""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from local.evaluation.error_rates import det_curve
from local.files import replacing
from local.optional import import_optional
from local.output.plots import plot_roc, plot_training_curve

TEMPLATE = Path(__file__).with_suffix(".typ")
STANDARD = "a-2b"
MARGINS_CM = 2.7  # above and below, as in the template
ROC_INCHES, TRAINING_INCHES = (3.7, 3.3), (4.7, 3.3)  # printed at two thirds of that
LONGEST = 60  # characters of a text that an error quotes


def write_paper(path, content, page, curve, log_rows):
    """Typeset the report.

    Parameters
    ----------
    path : str or Path
        The PDF.
    content : dict
        As from `local.output.hand_in.paper_content.collect_content`.
    page : dict
        ``fonts``, ``font_folders`` and ``font_size``.
    curve : tuple of ndarray
        Scores of the target and of the nontarget trials, for the ROC.
    log_rows : list of dict
        Of the training, one an epoch.

    Raises
    ------
    ValueError
        If typst or a font is missing, a letter is in no font, or the content takes more
        than a page; what stood at ``path`` stays.
    """
    typst = import_optional("typst", "report")
    with TemporaryDirectory() as folder, replacing(path) as temporary:
        folder = Path(folder)
        shutil.copy(TEMPLATE, folder)
        plot_roc({"submitted": det_curve(*curve)}, folder / "roc", ROC_INCHES)
        plot_training_curve(log_rows, folder / "training", TRAINING_INCHES)
        fonts = {key: page[key] for key in ("fonts", "font_size")}
        text = json.dumps(content | fonts)
        (folder / "content.json").write_text(text, encoding="utf-8")
        options = {
            "root": str(folder),
            "font_paths": page["font_folders"],
            "ignore_system_fonts": True,
        }
        try:
            pdf, warnings = typst.compile_with_warnings(
                str(folder / TEMPLATE.name), pdf_standards=[STANDARD], **options
            )
            end = typst.query(
                str(folder / TEMPLATE.name),
                "<content-end>",
                field="value",
                one=True,
                **options,
            )
        except typst.TypstError as error:
            raise ValueError(plain_reason(error)) from error
        check_warnings(warnings)
        check_length(json.loads(end), content)
        temporary.write_bytes(pdf)


def plain_reason(error):
    """Say in one line what typst does not like, and what to do about letters."""
    reason = " ".join(str(error).split())
    if "could not be displayed" in reason:
        reason += "; name a font that has it in fonts, its folder in font_folders"
    return f"report: {reason}"


def check_warnings(warnings):
    """Refuse a report typeset otherwise than told, such as in another font.

    Raises
    ------
    ValueError
        If typst warned.
    """
    if warnings:
        told = "; ".join(dict.fromkeys(warning.message for warning in warnings))
        raise ValueError(f"report: {told}; see fonts and font_folders in the YAML")


def check_length(end, content):
    """Refuse content that takes more than one page.

    Parameters
    ----------
    end : dict
        Where the content ends: ``page``, ``cm`` from its top, its ``height`` in cm.
    content : dict
        What was typeset.

    Raises
    ------
    ValueError
        If it is too long; tells by how much, and the longest texts.

    Examples
    --------
    >>> check_length({"page": 1, "cm": 27.0, "height": 29.7}, {})
    """
    if end["page"] == 1:
        return
    full_pages = (end["page"] - 2) * (end["height"] - MARGINS_CM)
    over = full_pages + end["cm"] - MARGINS_CM / 2
    longest = max([content["summary"], *content["discussion"]], key=len)
    raise ValueError(
        f"the report runs {over:.1f} cm over its one page: shorten title"
        f" ({len(content['title'])} characters), names"
        f" ({len(', '.join(content['authors']))}), summary"
        f" ({len(content['summary'])}) or discussion"
        f" ({sum(map(len, content['discussion']))} in {len(content['discussion'])}"
        f" points, the longest: {longest[:LONGEST]!r}...), or lower n_blocks"
        f" ({len(content['blocks']) - 2} blocks) or font_size"
    )
