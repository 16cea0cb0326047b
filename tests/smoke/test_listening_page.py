"""The listening page in a real browser.

What the page is given to show is tested in tests/unit.
"""

import numpy as np
import pytest
from made_up_gallery import NAMES, made_up_verified

from local.evaluation.detection import det_curve
from local.evaluation.gallery import split_trials
from local.evaluation.trial_costs import decision_errors
from local.output.listen.page import build_page

PATIENCE_S = 180  # a machine may be busy
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Return a page with speakers and one without."""
    folder = tmp_path_factory.mktemp("pages")
    for labelled in (True, False):
        page = build_page(made_up_verified(labelled=labelled), 3, 5, 16)
        (folder / f"{labelled}.html").write_text(page, encoding="utf-8")
    return folder / "True.html", folder / "False.html"


@pytest.fixture
def visit(watch):
    """Return a function that opens a page whose players tell what they play."""

    def open_page(path, **options):
        page = watch(path.as_uri(), ("file:", "data:"), **options)
        page.wait_for_selector("#map .points path")
        page.evaluate("heard = []; player.onplay = () => heard.push(player.src); 0")
        return page

    return open_page


def wait_until(page, expression):
    """Wait for a JavaScript expression; what Playwright has for it the page forbids."""
    for _ in range(20 * PATIENCE_S):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not within {PATIENCE_S} s: {expression}")


def read_count(page, name):
    return int(page.locator(f"#{name}").inner_text().replace(",", ""))


def click_on_map(page, row):
    spot = page.locator("#map .points path").nth(row).bounding_box()
    middle = (spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    page.mouse.move(*middle)
    page.wait_for_selector("#map .hoverlayer text")
    label = page.locator("#map .hoverlayer").text_content()
    page.mouse.click(*middle)
    return label


def test_no_name_becomes_code(visit, paths):
    page = visit(paths[0])
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.locator("h1").inner_text() == "<u>made up</u>, seed 1, on nothing"
    shown = page.locator("#speaker-table td:first-child").all_inner_texts()
    assert sorted(shown) == sorted(NAMES)
    label = click_on_map(page, 0)
    assert "<i>test</i>-0" in label and NAMES[0] in label


def test_a_click_on_the_map_plays_the_clip_and_shows_its_nearest(visit, paths):
    page = visit(paths[0])
    click_on_map(page, 9)
    wait_until(page, "heard.length && player.currentTime > 0")
    assert page.evaluate("heard[0] === data.clips[9].audio")
    assert "<i>test</i>-9" in page.locator("#chosen figcaption").inner_text()
    llr = made_up_verified().llr[9]
    order = [row for row in np.argsort(-llr) if row != 9][:5]
    shown = page.locator("#chosen td:nth-child(2)").all_inner_texts()
    assert shown == [f"{llr[row]:.2f}" for row in order]


def test_keys_alone_choose_and_play(visit, paths):
    page = visit(paths[0])
    page.locator("#next").focus()
    page.keyboard.press("Enter")
    wait_until(page, "heard.length === 1 && heard[0] === data.clips[1].audio")
    assert page.locator("#chooser").input_value() == "1"
    page.locator("#false-accepts li button").nth(2).focus()
    page.keyboard.press("Space")
    both = "data.false_accepts[0].clips.map((row) => data.clips[row].audio).join()"
    wait_until(page, f"heard.slice(1).join() === {both}")  # one after the other


def test_the_slider_shows_the_counts_of_the_evaluation(visit, paths):
    page, verified = visit(paths[0]), made_up_verified()
    tar, non = split_trials(verified.llr, verified.spk_ids)
    curve = det_curve(tar, non)
    values = page.evaluate("data.thresholds.values")
    for place in (0, 60, 150, len(values) - 1):
        page.locator("#threshold").fill(str(place))
        at = np.searchsorted(curve.thresholds, values[place])
        assert read_count(page, "misses") == round(curve.p_miss[at] * len(tar))
        assert read_count(page, "accepts") == round(curve.p_fa[at] * len(non))
        odds = np.exp(values[place]) * 0.2 / 0.8
        expected = f"{100 * odds / (1 + odds):.2f} %"
        assert page.locator("#probability").inner_text() == expected
    before = page.locator("#counts").inner_text()
    page.locator("#threshold").press("ArrowLeft")
    assert page.locator("#counts").inner_text() != before


def test_the_threshold_of_bayes_is_a_button_away(visit, paths):
    page, verified = visit(paths[0]), made_up_verified()
    page.get_by_role("button", name="probability one half").click()
    trials = split_trials(verified.llr, verified.spk_ids)
    misses, false_alarms = decision_errors(*trials, verified.p_target)
    assert read_count(page, "misses") == misses.sum()
    assert read_count(page, "accepts") == false_alarms.sum()
    verdicts = page.locator("#false-rejects .verdict").all_inner_texts()
    pairs = page.evaluate("data.false_rejects")
    bayes = -np.log(0.2 / 0.8)
    assert verdicts == [
        "accepted, rightly" if pair["llr"] >= bayes else "rejected, wrongly"
        for pair in pairs
    ]


def test_a_heading_sorts_the_speakers(visit, paths):
    page = visit(paths[0])
    heading = page.get_by_role("button", name="False acceptances")
    heading.click()
    column = page.locator("#speaker-table td:nth-child(5)")
    counts = [int(text.split()[0]) for text in column.all_inner_texts()]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1]
    cell = page.locator("#speaker-table th").nth(4)
    assert cell.get_attribute("aria-sort") == "descending"
    heading.click()
    assert cell.get_attribute("aria-sort") == "ascending"
    turned = [int(text.split()[0]) for text in column.all_inner_texts()]
    assert turned == counts[::-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_within_its_width_in_either_scheme(visit, paths, scheme):
    page = visit(paths[0], color_scheme=scheme, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#chosen button").first.tap()
    wait_until(page, "heard.length === 1")
    back, text = page.evaluate(
        "[['body', 'backgroundColor'], ['#map .xtitle, #map text', 'fill']].map("
        "([where, what]) => getComputedStyle(document.querySelector(where))[what])"
    )
    levels = [sum(map(int, c[4:-1].split(", "))) for c in (back, text)]
    assert (levels[0] < levels[1]) == (scheme == "dark")


def test_without_labels_only_map_players_and_neighbours_are_shown(visit, paths):
    page = visit(paths[1])
    assert not page.locator("#decisions, #errors, #speakers").filter(visible=True).all()
    click_on_map(page, 5)
    wait_until(page, "heard.length === 1")
    assert page.locator("#chosen tbody tr").count() == 5
