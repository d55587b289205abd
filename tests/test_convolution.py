"""Convolution and pooling: the sum as it is written, SciPy, and laws that tie both passes together."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import assume, given
from hypothesis import strategies as st

from mmlhelpers import convolution

sides, windows, strides, paddings = st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2)
seeds = st.integers(0, 2**32 - 1)


def layer(seed, height, width, a, b, n=2, c_in=3, c_out=2, dtype=float):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(c_in, height, width, n)).astype(dtype)
    return x, rng.normal(size=(c_out, c_in, a, b)).astype(dtype), rng


# Sizes


def test_output_size_counts_the_places_of_a_window():
    for n, k, stride, padding in np.ndindex(9, 5, 4, 3):
        n, k, stride = n + 1, k + 1, stride + 1
        places = [i for i in range(0, n + 2 * padding, stride) if i + k <= n + 2 * padding]
        if places:
            assert convolution.output_size(n, k, stride, padding) == len(places)


def test_output_size_refuses_a_window_that_does_not_fit():
    with pytest.raises(
        ValueError, match=r"a window of 5 pixels does not fit into 2 \+ 2 \* 1: raise padding"
    ):
        convolution.output_size(2, 5, padding=1)


def through(layers, row):
    y = row.reshape(1, 1, -1, 1)
    for k, stride in layers:
        y = convolution.conv2d(y, np.ones((1, 1, 1, k)), stride)
    return y.ravel()


def test_receptive_field_counts_the_pixels_that_reach_a_unit():
    layers = [(3, 1), (2, 2), (3, 1), (2, 2), (3, 2)]
    for depth, size in enumerate(convolution.receptive_field(layers), 1):
        answers = np.array([through(layers[:depth], pixel) for pixel in np.eye(60)])
        assert np.count_nonzero(answers[:, 2]) == size  # any unit away from the edge


def test_receptive_field_names_the_window_at_fault():
    with pytest.raises(ValueError, match=r"window of layers\[0\] must be a whole number from 1, got 0"):
        convolution.receptive_field([(0, 1)])
    with pytest.raises(ValueError, match="layers must be a sequence, got 3"):
        convolution.receptive_field(3)


@pytest.mark.parametrize("use", [convolution.correlation_matrix, convolution.patches])
def test_a_shape_is_a_height_and_a_width(use):
    with pytest.raises(ValueError, match="shape must be a sequence, got 3"):
        use(np.ones((3, 3)), 3)
    with pytest.raises(ValueError, match=r"shape must be a height and a width, got \(3,\)"):
        use(np.ones((3, 3)), (3,))
    with pytest.raises(ValueError, match=r"shape\[1\] must be a whole number from 1, got 0"):
        use(np.ones((3, 3)), (3, 0))


# One picture


def test_correlate_finds_an_edge():
    image = np.array([[0, 0, 1, 1]] * 3)
    np.testing.assert_array_equal(convolution.correlate(image, [[-1, 0, 1]]), [[1, 1]] * 3)


@given(seeds, sides, sides, windows, windows)
def test_correlate_convolve_and_fourier_agree_with_scipy(seed, h, w, a, b):
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=(h, w)), rng.normal(size=(a, b))
    full = scipy.signal.convolve2d(image, kernel)
    np.testing.assert_allclose(convolution.convolve(image, kernel), full, atol=1e-12)
    np.testing.assert_allclose(convolution.fft_convolve(image, kernel), full, atol=1e-12)
    if a <= h and b <= w:
        wanted = scipy.signal.correlate2d(image, kernel, mode="valid")
        np.testing.assert_allclose(convolution.correlate(image, kernel), wanted, atol=1e-12)


@given(seeds, sides, sides, windows, windows)
def test_convolution_commutes_and_correlation_with_the_turned_kernel_is_convolution(seed, h, w, a, b):
    rng = np.random.default_rng(seed)
    x, k = rng.normal(size=(h, w)), rng.normal(size=(a, b))
    np.testing.assert_allclose(convolution.convolve(x, k), convolution.convolve(k, x), atol=1e-12)


@given(seeds, st.integers(2, 6), st.integers(2, 6), st.integers(1, 2), st.integers(1, 2), paddings)
def test_matrix_and_patches_say_the_same_as_the_window(seed, h, w, a, b, padding):
    rng = np.random.default_rng(seed)
    x, k = rng.normal(size=(h, w)), rng.normal(size=(a, b))
    wanted = convolution.correlate(x, k, padding=padding).ravel()
    matrix = convolution.correlation_matrix(k, (h, w), padding)
    np.testing.assert_allclose(matrix @ x.ravel(), wanted, atol=1e-12)
    columns = convolution.patches(x, (a, b), padding=padding)
    np.testing.assert_allclose(k.ravel() @ columns, wanted, atol=1e-12)


def test_patches_with_a_stride_skip_places():
    np.testing.assert_array_equal(convolution.patches([[1, 2, 3, 4, 5]], (1, 2), stride=2), [[1, 3], [2, 4]])


def test_separate_splits_what_has_rank_one_and_says_so_of_the_rest():
    sobel = np.outer([1, 2, 1], [-1, 0, 1])
    parts = convolution.separate(sobel)
    assert parts.exact
    np.testing.assert_allclose(np.outer(parts.column, parts.row), sobel, atol=1e-12)
    cross = convolution.separate([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    assert not cross.exact


def test_separate_gives_a_row_with_a_positive_sum():
    assert convolution.separate(np.outer([-1, -2], [1, 3])).row.sum() > 0


# Batches


def test_conv2d_loops_of_a_case_worked_by_hand():
    x = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 0], [0, -1]]).reshape(1, 1, 2, 2)
    np.testing.assert_array_equal(convolution.conv2d_loops(x, w)[0, :, :, 0], [[-4, -4], [-4, -4]])
    np.testing.assert_array_equal(convolution.conv2d_loops(x, w, 2, 1)[0, :, :, 0], [[-1, -3], [-7, 5 - 9]])


@given(seeds, sides, sides, windows, windows, strides, paddings)
def test_fast_form_agrees_with_the_loops(seed, h, width, a, b, stride, padding):
    assume(a <= h + 2 * padding and b <= width + 2 * padding)
    x, w, _ = layer(seed, h, width, a, b)
    wanted = convolution.conv2d_loops(x, w, stride, padding)
    np.testing.assert_allclose(convolution.conv2d(x, w, stride, padding), wanted, atol=1e-12)


@given(seeds, sides, sides, windows, windows, strides, paddings)
def test_backward_is_the_transpose_of_forward_in_both_arguments(seed, h, width, a, b, stride, padding):
    """The layer is linear in x and in w, so one inner product must come out three ways."""
    assume(a <= h + 2 * padding and b <= width + 2 * padding)
    x, w, rng = layer(seed, h, width, a, b)
    y = convolution.conv2d(x, w, stride, padding)
    dy = rng.normal(size=y.shape)
    dx, dw = convolution.conv2d_backward(dy, x, w, stride, padding)
    other_x, other_w = rng.normal(size=x.shape), rng.normal(size=w.shape)
    forward_x = np.sum(dy * convolution.conv2d_loops(other_x, w, stride, padding))
    forward_w = np.sum(dy * convolution.conv2d_loops(x, other_w, stride, padding))
    np.testing.assert_allclose(np.sum(dx * other_x), forward_x, atol=1e-10)
    np.testing.assert_allclose(np.sum(dw * other_w), forward_w, atol=1e-10)


@pytest.mark.parametrize("stride", [1, 2])
def test_blocks_of_rows_leave_no_seam(monkeypatch, stride):
    x, w, rng = layer(0, 13, 5, 3, 3)
    dy = rng.normal(size=convolution.conv2d_loops(x, w, stride, 1).shape)
    whole = (
        convolution.conv2d_loops(x, w, stride, 1),
        *convolution.conv2d_backward(dy, x, w, stride, 1),
    )
    width = dy.shape[2]
    monkeypatch.setattr(convolution, "_BLOCK", 2 * 3 * 9 * width * 2)  # two rows at a time, 13 or 7 rows
    pieces = convolution.conv2d(x, w, stride, 1), *convolution.conv2d_backward(dy, x, w, stride, 1)
    for piece, one in zip(pieces, whole, strict=True):
        np.testing.assert_allclose(piece, one, atol=1e-12)


def test_input_gradient_can_be_left_out_and_precision_is_kept():
    x, w, _ = layer(0, 4, 4, 3, 3, dtype=np.float32)
    y = convolution.conv2d(x, w)
    dx, dw = convolution.conv2d_backward(y, x, w, input_gradient=False)
    assert dx is None
    assert y.dtype == dw.dtype == np.float32


def test_conv2d_names_what_does_not_fit():
    x, w, _ = layer(0, 4, 4, 3, 3)
    with pytest.raises(ValueError, match=r"with as many channels, got \(2, 4, 4, 2\) and \(2, 3, 3, 3\)"):
        convolution.conv2d(x[:2], w)
    with pytest.raises(ValueError, match=r"dy must have the shape \(2, 2, 2, 2\) of the output, got"):
        convolution.conv2d_backward(x, x, w)


# Pooling


@given(seeds, st.integers(2, 7), st.integers(2, 7))
def test_pooling_takes_the_maximum_of_every_square(seed, h, w):
    x = np.random.default_rng(seed).integers(0, 4, size=(2, h, w, 3)).astype(float)  # with ties
    y = convolution.max_pool(x).y
    for i in range(h // 2):
        for j in range(w // 2):
            square = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            np.testing.assert_array_equal(y[:, i, j], square.max(axis=(1, 2)))


@given(seeds, st.integers(2, 7), st.integers(2, 7))
def test_pooling_sends_each_gradient_to_exactly_one_winner(seed, h, w):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, size=(2, h, w, 3)).astype(float)
    pooled = convolution.max_pool(x)
    dy = rng.uniform(1, 2, size=pooled.y.shape)
    dx = convolution.max_pool_backward(dy, pooled, x.shape)
    assert np.count_nonzero(dx) == dy.size
    np.testing.assert_allclose(np.sum(dx * x), np.sum(dy * pooled.y), rtol=1e-12)
    squares = dx[:, : h // 2 * 2, : w // 2 * 2].reshape(2, h // 2, 2, w // 2, 2, 3)
    np.testing.assert_allclose(squares.sum(axis=(2, 4)), dy, rtol=1e-12)


def test_of_equal_entries_the_first_wins():
    x = np.full((1, 2, 2, 1), 3.0)
    dx = convolution.max_pool_backward(np.ones((1, 1, 1, 1)), convolution.max_pool(x), x.shape)
    np.testing.assert_array_equal(dx.reshape(2, 2), [[1, 0], [0, 0]])


def test_pooling_names_what_does_not_fit():
    with pytest.raises(ValueError, match=r"sides at least 2, got \(1, 1, 4, 1\)"):
        convolution.max_pool(np.ones((1, 1, 4, 1)))
    pooled = convolution.max_pool(np.ones((1, 2, 2, 1)))
    with pytest.raises(ValueError, match=r"dy must have the shape \(1, 1, 1, 1\) of the output, got"):
        convolution.max_pool_backward(np.ones((1, 2, 2, 1)), pooled, (1, 2, 2, 1))


@given(seeds, st.integers(2, 7), st.integers(2, 7), windows, windows, st.integers(1, 2), paddings)
def test_convolution_with_pooling_is_one_after_the_other(seed, height, width, a, b, stride, padding):
    assume(min((height + 2 * padding - a) // stride, (width + 2 * padding - b) // stride) >= 1)
    x, w, rng = layer(seed, height, width, a, b)
    y = convolution.conv2d(x, w, stride, padding)
    apart, together = convolution.max_pool(y), convolution.conv2d_pool(x, w, stride, padding)
    np.testing.assert_allclose(together.y, apart.y, atol=1e-12)
    dy = rng.normal(size=apart.y.shape)
    slope = convolution.max_pool_backward(dy, apart, y.shape)
    wanted = convolution.conv2d_backward(slope, x, w, stride, padding)
    got = convolution.conv2d_pool_backward(dy, together, x, w, stride, padding)
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_pooled_blocks_leave_no_seam(monkeypatch):
    x, w, rng = layer(0, 11, 5, 3, 3)
    whole = convolution.conv2d_pool(x, w, 1, 1)
    dy = rng.normal(size=whole.y.shape)
    gradients = convolution.conv2d_pool_backward(dy, whole, x, w, 1, 1)
    monkeypatch.setattr(convolution, "_BLOCK", 4 * 3 * 9 * 5 * 2)  # four rows at a time, eleven rows
    pieces = convolution.conv2d_pool(x, w, 1, 1)
    np.testing.assert_array_equal(pieces.y, whole.y)
    for one, other in zip(convolution.conv2d_pool_backward(dy, pieces, x, w, 1, 1), gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_pooled_gradient_of_another_shape_is_refused():
    x, w, _ = layer(0, 6, 6, 3, 3)
    pooled = convolution.conv2d_pool(x, w)
    with pytest.raises(ValueError, match=r"dy must have the shape \(2, 2, 2, 2\) of the pooled answer, got"):
        convolution.conv2d_pool_backward(np.ones((2, 4, 4, 2)), pooled, x, w)
    with pytest.raises(ValueError, match=r"sides at least 2, got \(2, 1, 1, 2\)"):
        convolution.conv2d_pool(x[:, :3, :3], w)
