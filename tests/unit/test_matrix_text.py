"""A matrix as text: the bytes of np.savetxt, the bits of np.loadtxt."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.output import matrix_text
from local.output.matrix_text import read_matrix, write_matrix


def numpy_text(folder, matrix, decimals):
    path = folder / "numpy.txt"
    np.savetxt(path, matrix, fmt=f"%.{decimals}f", delimiter=";")
    return path


def awkward(decimals, seed, shape=(7, 9)):
    """Return numbers in 0..1, half of them as near to a rounding half as can be."""
    rng = np.random.default_rng(seed)
    halves = (rng.integers(0, 10 ** min(decimals, 15), shape) + 0.5) / 10.0**decimals
    halves = np.nextafter(halves, rng.choice([0, 1], shape) * halves * 2)
    matrix = np.where(rng.random(shape) < 0.5, halves, rng.random(shape))
    matrix.flat[:4] = 0, 1, 0.5, np.nextafter(1, 0)
    return np.clip(matrix, 0, 1)


@pytest.mark.parametrize("decimals", range(1, 18))
@pytest.mark.parametrize("seed", range(3))
def test_text_has_the_bytes_of_savetxt_and_reads_as_loadtxt(tmp_path, decimals, seed):
    matrix = awkward(decimals, seed)
    expected = numpy_text(tmp_path, matrix, decimals)
    write_matrix(tmp_path / "ours.txt", matrix, decimals)
    assert (tmp_path / "ours.txt").read_bytes() == expected.read_bytes()
    read = read_matrix(tmp_path / "ours.txt")
    assert (read == np.loadtxt(expected, delimiter=";")).all()


@settings(max_examples=100)
@given(
    st.lists(st.floats(0, 8.9), min_size=4, max_size=4),
    st.integers(1, matrix_text.MOST_DECIMALS),
)
def test_any_number_below_nine_is_rounded_like_savetxt(numbers, decimals):
    integers = matrix_text._to_integers(np.array([numbers]), decimals)
    expected = [f"{number:.{decimals}f}\n" for number in numbers]
    text = matrix_text._to_text(integers.T, decimals)
    assert text.tobytes().decode() == "".join(expected)


def test_exact_halves_go_to_the_even_digit(tmp_path):
    write_matrix(tmp_path / "a.txt", np.array([[0.125, 0.375, 2.5, 0.0625]]), 2)
    assert (tmp_path / "a.txt").read_text() == "0.12;0.38;2.50;0.06\n"


@pytest.mark.parametrize("odd", [9.999, 12.5, -0.5, -0.0])
def test_numbers_of_another_width_are_written_too(tmp_path, odd):
    matrix = np.array([[0.25, odd], [1, 0.5]])
    write_matrix(tmp_path / "ours.txt", matrix, 2)
    expected = numpy_text(tmp_path, matrix, 2)
    assert (tmp_path / "ours.txt").read_bytes() == expected.read_bytes()
    assert read_matrix(tmp_path / "ours.txt").shape == (2, 2)


def test_blocks_change_nothing(tmp_path, monkeypatch):
    matrix = awkward(9, 0, shape=(23, 5))
    monkeypatch.setattr(matrix_text, "BLOCK_CELLS", 12)  # two rows; the last alone
    write_matrix(tmp_path / "ours.txt", matrix, 9)
    expected = numpy_text(tmp_path, matrix, 9)
    assert (tmp_path / "ours.txt").read_bytes() == expected.read_bytes()
    assert (read_matrix(expected) == np.loadtxt(expected, delimiter=";")).all()


@pytest.mark.parametrize(
    "text",
    [
        "0.00;0.25\n0.25;0.00",  # the last line is not ended
        "0.00;0.25\n\n0.25;0.00\n",
        "0.00;0.25\r\n0.25;0.00\r\n",
        "0;0.25\n0.25;0\n",
        "0.00;.250\n.250;0.00\n",
        " 0.0;0.25\n0.25;0.00\n",
        "0.00;0.25\n2e-1;0.00\n",
        "-0.0;0.25\n0.25;-0.0\n",
    ],
)
def test_text_of_another_layout_reads_as_loadtxt(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    assert (read_matrix(path) == np.loadtxt(path, delimiter=";", ndmin=2)).all()


@pytest.mark.parametrize(
    "text",
    ["0.00;0.2/\n0.25;0.00\n", "0.00;0.2:\n0.25;0.00\n", "0.00,0.25\n0.25;0.00\n"],
)
def test_text_that_is_no_table_is_refused_though_it_has_one_width(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="0.2|column|0.00,"):
        read_matrix(path)
