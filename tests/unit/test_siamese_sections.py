"""A section shows what there is, and nothing where there is nothing."""

from recipes.siamese.sections import format_search


def test_the_best_five_trials_of_a_search_are_laid_out():
    trials = [
        {"number": n, "accuracy": 0.9 - n / 10, "lr": 0.00123456, "filters": "[2, 4]"}
        for n in range(7)
    ]
    search = {"experiment": "mfcc.yaml", "common": {"n_epochs": 3}, "trials": trials}
    lines = format_search(search).splitlines()
    assert "the best five of 7 short trainings" in "".join(lines)
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| trial | accuracy % | lr | filters |"
    assert rows[2] == "| 0 | 90.0 | 0.00123 | [2, 4] |"
    assert len(rows) == 2 + 5


def test_no_search_has_no_section():
    assert format_search(None) == ""
