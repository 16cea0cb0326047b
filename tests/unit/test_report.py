"""The pages are made of the metrics files and of nothing else."""

import sys

import pytest
from made_up import cells, made_up_metrics, section, write_metrics

from local.output.report import format_page, format_table, main, write_report


def page_of(results):
    return write_report(results).read_text(encoding="utf-8")


def test_the_page_tells_how_to_make_it_again_and_where_the_rest_is(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    page = page_of(tmp_path)
    assert "`python -m local.output.report`" in page
    for name in ("findings.md", "data.md", "details.md"):
        assert f"]({name})" in page


def test_r_precision_comes_before_eer_and_models(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    page = page_of(tmp_path)
    assert section(page, "R-precision %")[2][3] == "84.5 [83.5, 85.5]"
    assert section(page, "EER %")[2][3] == "19.4 [18.4, 20.4]"
    places = [page.index(f"## {name}") for name in ("R-precision", "EER", "Models")]
    assert places == sorted(places)


def test_sections_without_figures_are_left_out(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    page = page_of(tmp_path)
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["## R-precision %", "## EER %", "## Models"]


def test_groups_of_experiments_have_their_own_sections(tmp_path):
    write_metrics(tmp_path, made_up_metrics("net"))
    write_metrics(tmp_path, made_up_metrics("net", test_set="device_a"))
    write_metrics(tmp_path, made_up_metrics("net_wide"), "ablations")
    write_metrics(tmp_path, made_up_metrics("net_without_a"), "leave_one_out")
    page = page_of(tmp_path)
    assert section(page, "Other devices")[1][2] == "84.5 → 84.5 (+0 %)"
    assert section(page, "Ablations")[1][0] == "net_wide"
    assert section(page, "A corpus never heard")[1][:2] == ["a", "net"]
    assert [row[1] for row in section(page, "R-precision %")[1:]] == ["–", "net"]
    details = (tmp_path / "details.md").read_text(encoding="utf-8")
    assert "net_wide" not in details
    assert "net/1" in details


def test_ablations_alone_make_a_page(tmp_path):
    write_metrics(tmp_path, made_up_metrics("net_wide"), "ablations")
    page = page_of(tmp_path)
    assert "## Ablations" in page
    assert "## Models" not in page


def test_tables_have_at_most_nine_columns_on_five_test_sets():
    sets = [f"{kind}_{corpus}" for kind in ("dev", "device") for corpus in "abcde"]
    runs = [made_up_metrics("net", test_set=name) for name in sets]
    left_out = [made_up_metrics("net_without_a")]
    page = format_page(runs, ablations=runs, left_out=left_out)
    assert max(len(row) for row in cells(page)) == 9


def test_a_second_run_gives_the_same_bytes_and_no_other_file(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    first = write_report(tmp_path).read_bytes()
    assert write_report(tmp_path).read_bytes() == first
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["README.md", "details.md", "ecapa"]


def test_no_metrics_at_all_is_answered_with_what_to_do(tmp_path):
    message = "no <experiment>/<seed>/<test_set>/metrics.json in .*verify.py first"
    with pytest.raises(FileNotFoundError, match=message):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("group", ["", "ablations", "leave_one_out"])
def test_a_malformed_file_keeps_the_pages_of_before(group, tmp_path):
    write_metrics(tmp_path, made_up_metrics("net"))
    path = write_metrics(tmp_path, made_up_metrics("net_without_a"), group)
    before = page_of(tmp_path)
    path.write_text('{"test_set": "dev",', encoding="utf-8")
    with pytest.raises(ValueError, match="metrics.json: not JSON"):
        write_report(tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == before


def test_the_table_on_screen_is_aligned():
    title, trials, empty, *table = format_table(made_up_metrics()).splitlines()
    assert title == "ecapa, seed 1, on dev_a"
    assert trials.startswith("320 segments of 20 speakers")
    assert not empty
    assert len({len(line) for line in table}) == 1
    assert table[0].split() == ["cosine", "chance"]


def test_the_table_on_screen_has_every_interval_there_is():
    lines = format_table(made_up_metrics()).splitlines()
    assert "R-precision %  84.48 [83.48, 85.48]    4.70" in lines
    # The tenth figure: 0.1 + 9 / 64 = 0.240625.
    assert "AUC            0.241 [0.231, 0.251]       –" in lines


def test_the_table_on_screen_has_the_figures_of_other_ranks_and_priors():
    metrics = made_up_metrics()
    metrics["systems"]["cosine"] = {"cmc@2": {"value": 0.5}, "eer": {"value": 0.25}}
    table = format_table(metrics).splitlines()[4:]
    names = [line.split("  ")[0] for line in table]
    assert names == ["R-precision %", "CMC@2 %", "EER %"]


def test_the_table_on_screen_ends_with_what_a_reader_of_the_answer_finds():
    submission = {"acc": 0.7375, "cmc@1": 0.91875}
    table = format_table(made_up_metrics() | {"submission": submission})
    assert table.splitlines()[-1] == (
        "answer.txt, by the task's definitions: acc 73.75 %, cmc@1 91.88 %"
    )


def test_command_line_ends_with_a_sentence_not_a_traceback(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["report", "--results_folder", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert "error: no <experiment>" in capsys.readouterr().err


def test_the_command_draws_the_pictures_of_the_readme_too(tmp_path, monkeypatch):
    write_metrics(tmp_path, made_up_metrics())
    folders = []
    monkeypatch.setattr("local.output.report.write_pictures", folders.append)
    monkeypatch.setattr(sys, "argv", ["report", "--results_folder", str(tmp_path)])
    main()
    assert (tmp_path / "README.md").is_file()
    assert folders == [str(tmp_path)]
