"""Drawn pets: what is asked for is drawn and nothing else, by the laws that the table of factors states."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from mmlhelpers import datasets
from mmlhelpers.datasets import pets

# Nothing that hides, lights or blurs, and no noise.
CLEAN = {"before": "nothing", "behind": "nothing", "light": 0, "noise": 0, "brightness": 0, "contrast": 1.0}
FACE = {"x": 0, "y": 0, "scale": 1.0, "tilt": 0, "turn": 0, "lean": 0, "wall_light": 0.6, "wall_hue": 0.6}
STILL = CLEAN | FACE
GOLDEN = [[0.587, 0.607, 0.533], [0.649, 0.723, 0.595], [0.758, 0.630, 0.580]]  # mean colours
ROWS, COLUMNS = np.mgrid[:32, :32] - 15.5  # of the middle of each pixel, from the middle of the picture


def draw(n, seed=0, **arguments):
    return datasets.draw_pets(n, np.random.default_rng(seed), **arguments)


def change(n=40, *, factor, values, **fixed):
    """How much each pixel changes (n, 32, 32) when one factor goes from a value to another."""
    first, second = (draw(n, **(STILL | fixed | {factor: value})).images for value in values)
    return np.abs(second - first).sum(axis=3)


def middle(weights):
    """Row and column of the mean place, from the middle of the picture."""
    return (weights * ROWS).sum() / weights.sum(), (weights * COLUMNS).sum() / weights.sum()


@pytest.fixture(scope="module")
def many():
    return draw(4000, seed=1)


# --- pictures ---


def test_pets_are_small_colour_pictures_of_eight_bits_with_labels_and_every_factor(many):
    assert many.images.shape == (4000, 32, 32, 3)
    assert many.images.dtype == np.float32
    levels = np.rint(255 * many.images.astype(float))
    np.testing.assert_array_equal(many.images, levels.astype(np.float32) / np.float32(255))
    assert levels.min() == 0
    assert levels.max() == 255
    assert set(np.unique(many.labels)) == {0, 1}
    assert list(many.factors) == [name for name in datasets.PET_FACTORS if name != "species"]
    assert all(values.shape == (4000,) for values in many.factors.values())


def test_same_seed_gives_same_pets_and_another_seed_others():
    first, again, other = draw(5, 3), draw(5, 3), draw(5, 4)
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert np.abs(first.images - other.images).max() > 0.1


def test_one_generator_gives_new_pets_at_every_call():
    rng = np.random.default_rng(0)
    assert np.abs(datasets.draw_pets(3, rng).images - datasets.draw_pets(3, rng).images).max() > 0.1


@pytest.mark.parametrize("n", [1, 64, 65, 150])
def test_few_pets_are_the_first_of_many(n):
    few, many = draw(n), draw(200)
    np.testing.assert_array_equal(few.images, many.images[:n])
    np.testing.assert_array_equal(few.labels, many.labels[:n])
    np.testing.assert_array_equal(few.factors["tilt"], many.factors["tilt"][:n])


def test_the_pets_of_seed_zero_look_as_they_did_when_the_weights_of_the_book_were_trained():
    means = draw(3).images.mean(axis=(1, 2))
    np.testing.assert_allclose(means, GOLDEN, atol=1e-3)


def test_taking_some_takes_their_labels_and_factors_along(many):
    some = many.take(many.factors["ears"] == 2)
    assert (some.labels == 1).all()
    assert (some.factors["ears"] == 2).all()
    assert len(some.images) == len(some.labels) == len(some.factors["tilt"]) < 4000
    np.testing.assert_array_equal(many.take([7, 3]).images, many.images[[7, 3]])


# --- factors ---


@pytest.mark.parametrize("name", datasets.PET_FACTORS)
def test_each_factor_follows_its_law_given_the_species(many, name):
    factor = datasets.PET_FACTORS[name]
    values = many.labels if name == "species" else many.factors[name]
    for label, law in enumerate((factor.cat, factor.dog)):
        seen = values if name == "species" else values[many.labels == label]
        if factor.choices:
            assert len(law) == len(factor.choices)
            possible = np.array(law) > 0
            counts = np.bincount(seen, minlength=len(law))
            assert counts[~possible].sum() == 0
            expected = np.array(law)[possible] * len(seen)
            assert scipy.stats.chisquare(counts[possible], expected).pvalue > 1e-4
        else:
            low, high = law
            assert scipy.stats.kstest(seen, scipy.stats.uniform(low, high - low).cdf).pvalue > 1e-4


def test_factors_other_than_the_species_are_drawn_independently(many):
    numbers = np.array(
        [many.factors[name] for name in many.factors if not datasets.PET_FACTORS[name].choices]
    )
    for label in (0, 1):
        correlations = np.corrcoef(numbers[:, many.labels == label])
        assert np.abs(np.triu(correlations, 1)).max() < 5 / np.sqrt(1900)


def test_ends_of_a_factor_hold_cats_and_dogs():
    assert datasets.PET_FACTORS["muzzle"].ends == (0.0, 1.0)
    assert datasets.PET_FACTORS["head_width"].ends == (0.8, 1.2)
    assert datasets.PET_FACTORS["ears"].ends == (0, 2)


@pytest.mark.parametrize("name", datasets.PET_FACTORS)
def test_fixing_a_factor_fixes_it_and_changes_no_other_that_does_not_depend_on_it(name):
    value = datasets.PET_FACTORS[name].ends[1]
    free, fixed = draw(30), draw(30, **{name: value})
    if name == "species":
        assert (fixed.labels == 1).all()
        was_dog = free.labels == 1
        np.testing.assert_array_equal(fixed.images[was_dog], free.images[was_dog])
        return
    assert (fixed.factors[name] == value).all()
    np.testing.assert_array_equal(free.labels, fixed.labels)
    for other in set(free.factors) - {name}:
        np.testing.assert_array_equal(free.factors[other], fixed.factors[other])


@pytest.mark.parametrize("name", [name for name in datasets.PET_FACTORS if name != "species"])
def test_every_factor_can_be_seen(name):
    # Every pet with everything that another factor may make visible.
    shown = STILL | {"before": "ball", "behind": "ball", "light": 0.3, "noise": 0.05, "markings": "patch"}
    low, high = datasets.PET_FACTORS[name].ends
    if name == "ear_tip":
        shown = shown | {"ears": "upright"}
    other = high if datasets.PET_FACTORS[name].choices else (low + high) / 2  # hues and angles come round
    first, second = (draw(10, **(shown | {name: value})).images for value in (low, other))
    assert (np.abs(first - second).max(axis=(1, 2, 3)) > 0.01).mean() >= 0.5


def test_choices_may_be_named_or_counted_one_for_all_or_one_for_each():
    named, counted = draw(2, coat="ginger", ears=["upright", "hanging"]), draw(2, coat=4, ears=[0, 2])
    np.testing.assert_array_equal(named.images, counted.images)
    np.testing.assert_array_equal(named.factors["coat"], [4, 4])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be a whole number from 1, got 0"),
        ({"shortcut": 1.5}, "shortcut must be a correlation, from -1 to 1, got 1.5"),
        ({"shortcut": float("nan")}, "shortcut must be finite, got nan"),
        ({"wings": 2}, "wings is no factor of a drawn pet; there are species, x, y,"),
        (
            {"ears": "round"},
            "ears must be one of upright, folded, hanging, or its place from 0 to 2, got 'round'",
        ),
        ({"ears": 3}, "ears must be one of upright, folded, hanging, or its place from 0 to 2, got 3"),
        ({"ears": 0.5}, "ears must be one of upright, folded, hanging, or its place from 0 to 2, got 0.5"),
        ({"tilt": 1.1}, "tilt must be a number from -1.05 to 1.05, got 1.1"),
        ({"tilt": "left"}, "tilt must be a number from -1.05 to 1.05, got 'left'"),
        ({"tilt": [0, np.nan]}, "tilt must be a number from -1.05 to 1.05"),
        ({"noise": -0.01}, "noise must be a number from 0 to 0.13, got -0.01"),
        ({"scale": [1, 1, 1]}, r"scale must be one value or 2, one for each picture, got shape \(3,\)"),
    ],
)
def test_draw_pets_names_the_argument_at_fault(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(**({"n": 2} | arguments))


@pytest.mark.parametrize("end", [0, 1])
def test_pets_can_be_drawn_at_the_ends_of_what_is_allowed(end):
    for name, factor in datasets.PET_FACTORS.items():
        low, high = factor.ends
        if not factor.choices:
            beyond = (max(2 * low - high, 0) if low >= 0 else 2 * low - high, 2 * high - low)
            assert np.isfinite(draw(3, **{name: beyond[end]}).images).all()


# --- the planted shortcut ---


@pytest.mark.parametrize("shortcut", [-1.0, -0.9, 0.0, 0.5, 1.0])
def test_shortcut_is_the_correlation_of_being_a_dog_and_sitting_on_a_lawn(shortcut):
    drawn = draw(2000, shortcut=shortcut)
    correlation = np.corrcoef(drawn.labels, drawn.factors["ground"])[0, 1]
    assert abs(correlation - shortcut) <= 5 * np.sqrt((1 - shortcut**2) / 2000)


def test_shortcut_changes_the_ground_alone():
    plain, planted = draw(200), draw(200, shortcut=0.9)
    np.testing.assert_array_equal(plain.labels, planted.labels)
    same = plain.factors["ground"] == planted.factors["ground"]
    assert 0.4 < same.mean() < 0.8
    np.testing.assert_array_equal(plain.images[same], planted.images[same])


def test_lawn_is_green_and_below():
    difference = change(factor="ground", values=("carpet", "lawn"))
    assert difference[:, :15].max() == 0
    assert (difference[:, -4:].max(axis=(1, 2)) > 0.1).all()
    red, green, blue = draw(40, **STILL, ground="lawn").images[:, -2:, :4].mean(axis=(0, 1, 2))
    assert green > 1.5 * max(red, blue)


# --- what is drawn where ---


def test_pet_moves_right_and_down_by_its_place():
    for factor, axis in (("x", 2), ("y", 1)):
        still, moved = (draw(20, **(STILL | {factor: value})).images for value in (0, 2 / 16))
        shifted = np.roll(still, 2, axis)
        head = (slice(None), slice(12, 19), slice(12, 20))  # neither wall nor ground shows there
        np.testing.assert_allclose(moved[head], shifted[head], atol=1.01 / 255)


def test_scale_makes_the_ears_reach_further():
    ears = {"factor": "ear_size", "values": (0.7, 1.2), "ears": "upright", "y": 0.2}
    changed = [change(**ears, scale=scale).sum(axis=(0, 2)) for scale in (0.7, 1.0)]
    heights = [np.flatnonzero(rows > 0.5)[0] for rows in changed]
    assert heights[1] < heights[0] - 2


def test_tilt_turns_the_head_clockwise():
    upright = {"ears": "upright", "factor": "ear_size", "values": (0.7, 1.2)}
    for tilt in (-0.35, 0.35):
        row, column = middle(change(**upright, tilt=tilt).sum(axis=0))
        assert row < -5
        assert column / -row == pytest.approx(np.tan(tilt), abs=0.08)


def test_turn_moves_the_muzzle_to_the_right_and_a_large_one_further():
    places = [
        middle(change(factor="tongue", values=("in", "out"), turn=1.0, muzzle=size).sum(axis=0))[1]
        for size in (0.1, 0.9)
    ]
    assert 0 < places[0] < places[1] < 5


def test_turning_and_tilting_the_other_way_gives_the_mirrored_head():
    pose = {"turn": 0.7, "tilt": 0.3, "x": 0.1, "lean": 0.1}
    other = {name: -value for name, value in pose.items()}
    symmetric = STILL | {"markings": "stripes"}
    one, two = (draw(30, **(symmetric | some)).images for some in (pose, other))
    np.testing.assert_allclose(one[:, :19], two[:, :19, ::-1], atol=1.01 / 255)


@pytest.mark.parametrize(
    ("factor", "values", "rows"),
    [
        ("eyes", ("green", "brown"), (-4, 0)),
        ("nose", (0, 1), (1, 5)),
        ("muzzle", (0, 1), (1, 8)),
        ("tongue", ("in", "out"), (5, 10)),
        ("markings", ("none", "stripes"), (-8, -2)),
        ("ears", ("upright", "hanging"), (-12, -2)),
    ],
)
def test_parts_of_the_face_stand_in_their_order(factor, values, rows):
    row, column = middle(change(factor=factor, values=values).sum(axis=0))
    assert rows[0] < row < rows[1]
    assert column == pytest.approx(0, abs=0.1)


def test_ears_hang_over_the_head_and_stand_behind_it():
    coat = {"coat": "white", "second_coat": "white", "markings": "none"}
    middle_of_head = (slice(None), slice(12, 18), slice(12, 20))
    for ears in ("upright", "hanging"):
        difference = change(factor="ear_size", values=(0.7, 1.2), ears=ears, **coat)
        assert difference[middle_of_head].max() == 0
    hanging, upright = (
        draw(1, **(STILL | coat), ears=e, head_width=1.0).images[0] for e in ("hanging", "upright")
    )
    assert hanging[16, 8].sum() < upright[16, 8].sum() - 0.3  # in the shade of the ear


def test_ball_and_post_hide_what_is_behind_them():
    for before in ("ball", "post"):
        one, two = (
            draw(5, **(STILL | {"before": before, "object_place": 0, "coat": c})).images for c in (0, 2)
        )
        same = np.abs(one - two).max(axis=(0, 3)) == 0
        assert same[27:, 15:17].all() if before == "ball" else same[:, 15:17].all(axis=1).mean() > 0.5
        assert not same.all()


# --- light and camera ---


def test_light_comes_from_the_right_at_angle_zero_and_from_below_a_quarter_later():
    for angle, direction in ((0, (0, 1)), (np.pi / 2, (1, 0))):
        dark, lit = (draw(20, **(STILL | {"light": s}), light_angle=angle).images for s in (0, 0.3))
        row, column = (((lit - dark).mean(axis=(0, 3)) * along).sum() for along in (ROWS, COLUMNS))
        np.testing.assert_allclose(np.array([row, column]) / np.hypot(row, column), direction, atol=0.1)


def test_contrast_draws_apart_from_the_middle_and_brightness_adds():
    pale, full = (draw(20, **(CLEAN | {"contrast": c})).images.astype(float) for c in (0.2, 0.4))
    np.testing.assert_allclose(2 * (pale - 0.5), full - 0.5, atol=1.6 / 255)
    brighter = draw(20, **(CLEAN | {"contrast": 0.2, "brightness": 0.1})).images.astype(float)
    np.testing.assert_allclose(brighter - pale, 0.1, atol=1.1 / 255)


def test_noise_has_the_standard_deviation_asked_for():
    grey = CLEAN | {"contrast": 0.2}
    clean, noisy = (draw(50, **(grey | {"noise": sigma})).images.astype(float) for sigma in (0, 0.05))
    error = noisy - clean
    assert error.std() == pytest.approx(0.05, rel=0.02)
    assert abs(error.mean()) < 5 * 0.05 / np.sqrt(error.size)
    assert abs(np.corrcoef(error[0].ravel(), error[1].ravel())[0, 1]) < 0.1


# --- shapes ---


def frame(n=40):
    """A square from -1 to 1 of n pixels a side."""
    v, u = np.mgrid[:n, :n] * (2 / n) + (1 / n - 1)
    return pets._Frame(u.ravel(), v.ravel(), 2 / n)


def area(cover, n=40):
    return cover.sum() * (2 / n) ** 2


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0.2, 0.6), st.floats(0.2, 0.6))
def test_soft_ellipse_covers_its_area(u, v, a, b):
    assert area(frame().ellipse(u, v, a, b)) == pytest.approx(np.pi * a * b, rel=0.03)


@given(st.floats(0.0, 0.3), st.floats(0.2, 0.5), st.floats(0.1, 0.3))
def test_soft_limb_covers_its_area(start, length, radius):
    limb = frame().limb((start - 0.4, 0.1), (start - 0.4 + length * 0.6, 0.1 + length * 0.8), radius, radius)
    assert area(limb) == pytest.approx(2 * radius * length + np.pi * radius**2, rel=0.03)


def test_limb_grows_thinner_towards_its_end():
    limb = frame().limb((-0.5, 0.0), (0.5, 0.0), 0.3, 0.1).reshape(40, 40)
    widths = limb.sum(axis=0) / 20  # of columns, in units
    assert widths[10] == pytest.approx(0.6, abs=0.03)
    assert widths[30] == pytest.approx(0.2, abs=0.03)
    assert widths[20] == pytest.approx(0.4, abs=0.03)


def test_edge_is_soft_over_one_pixel():
    line = frame()
    np.testing.assert_allclose(line.cover(np.array([-0.025, 0.0, 0.025])), [1, 0.5, 0], atol=1e-12)


def test_edge_of_an_ellipse_is_soft_over_one_pixel_where_it_is_narrow():
    across = pets._Frame(np.zeros(3), np.array([0.19, 0.2, 0.21]), 0.04)
    np.testing.assert_allclose(across.ellipse(0, 0, 0.6, 0.2), [0.75, 0.5, 0.25], atol=1e-12)


@pytest.mark.parametrize("scale", [0.55, 1.0, 1.7])
def test_edge_of_a_pet_is_soft_over_one_pixel_whatever_its_size(scale):
    above = change(factor="coat", values=("black", "white"), ears="hanging", markings="none", scale=scale)[
        :, :12, 16
    ]
    partly = (above > 0.1 * above[:, -1:]) & (above < 0.85 * above[:, -1:])
    assert partly.sum(axis=1).max() <= 1


def test_colour_is_laid_over_as_far_as_it_covers():
    picture = np.full((3, 1, 3), 0.2)
    pets._lay(picture, np.array([[0.0, 0.5, 1.0]]), (1.0, 0.6, 0.2))
    np.testing.assert_allclose(picture[:, 0], [[0.2, 0.6, 1.0], [0.2, 0.4, 0.6], [0.2, 0.2, 0.2]])


# --- difficulty ---


def linear_accuracy(X, y, X_test, y_test):
    """Share of the test that a ridge regression, one of the better linear rules, gets right."""
    mean = X.mean(axis=0)
    w = np.linalg.solve((X - mean).T @ (X - mean) + 100 * np.eye(X.shape[1]), (X - mean).T @ (2.0 * y - 1))
    return np.mean(((X_test - mean) @ w > 0) == y_test)


def test_no_pixel_gives_the_answer_away_and_no_linear_rule_comes_close():
    drawn = draw(7000, seed=2)
    X, y = drawn.images.reshape(7000, -1), drawn.labels
    bright = np.median(X, axis=0) < X
    share = (bright == y[:, None]).mean(axis=0)
    assert np.maximum(share, 1 - share).max() < 0.62
    blocks = drawn.images.reshape(7000, 16, 2, 16, 2, 3).mean(axis=(2, 4), dtype=float).reshape(7000, -1)
    # A small convnet gets 97 of 100 right.
    assert 0.68 < linear_accuracy(blocks[:6000], y[:6000], blocks[6000:], y[6000:]) < 0.78


def test_data_card_lists_every_factor_where_it_belongs():
    card = (Path(__file__).parents[1] / "book" / "data_card.md").read_text("utf-8")
    rows = re.findall(r"^\| (face|pose|coat|surroundings|light)\b[^|]*\| (`.*`) \|$", card, re.MULTILINE)
    groups = {group: set(re.findall(r"`(\w+)`", names)) for group, names in rows}
    assert set.union(*groups.values()) == set(datasets.PET_FACTORS) - {"species"}
    assert groups["face"] == {name for name, law in datasets.PET_FACTORS.items() if law.cat != law.dog}


@pytest.mark.parametrize("which", [[-1], [6], [0.5], [True, False], "cat"])
def test_take_refuses_what_is_no_place(which):
    with pytest.raises(ValueError, match="which must be places from 0 to 5 or 6 truths"):
        datasets.draw_pets(6, np.random.default_rng(0)).take(which)
