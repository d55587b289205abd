"""The network of the case study: its layers, its gradients, its shipped weights, and the looks inside it."""

from pathlib import Path

import numpy as np
import pytest
from notebook_text import read_page
from PIL import Image

from mmlhelpers import convolution, datasets, functional, nn, optim, plotting, probability, vision
from mmlhelpers.figures import image_recognition as figures

STEP = 1e-6
PAGE = Path(__file__).resolve().parents[1] / "notebooks" / "text" / "13_image_recognition.md"


@pytest.fixture(scope="module")
def pets():
    return datasets.draw_pets(600, np.random.default_rng(20))


@pytest.fixture(scope="module")
def trained():
    return vision.pretrained()


def small(seed=0, **options):
    """A network in double precision for pictures of 8 by 8 pixels."""
    return vision.convnet(np.random.default_rng(seed), (3, 4), 8, dtype=np.float64, **options)


def batch(n=5, size=8, seed=1):
    rng = np.random.default_rng(seed)
    return rng.random((n, size, size, 3)), rng.integers(0, 2, n)


def differences(f, x, indices):
    """Central differences of f along some entries of x, which is changed in place and restored."""
    slopes = []
    for index in indices:
        kept = x[index]
        values = []
        for sign in (1, -1):
            x[index] = kept + sign * STEP
            values.append(f())
        x[index] = kept
        slopes.append((values[0] - values[1]) / (2 * STEP))
    return np.array(slopes)


@pytest.mark.parametrize("options", [{}, {"batch_norm": True}, {"dropout": 0.5}], ids=str)
def test_gradient_of_every_parameter_agrees_with_differences(options):
    model, (x, y) = small(**options), batch()

    def loss():
        return model.loss_and_gradient(x, y, np.random.default_rng(3))

    loss()
    gradient = model.gradient.copy()
    measured = differences(loss, model.parameters, range(model.parameters.size))
    np.testing.assert_allclose(gradient, measured, atol=1e-7)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_gradient_by_the_pixels_agrees_with_differences(batch_norm):
    model, (x, y) = small(batch_norm=batch_norm), batch(2)
    gradient = vision.input_gradient(model, x, y)
    indices = [(0, 0, 0, 0), (0, 3, 5, 1), (1, 7, 7, 2), (1, 4, 0, 0)]
    for index in indices:
        measured = differences(lambda i=index: model.loss(x[i[0]][None], y[i[0]][None]), x, [index])
        np.testing.assert_allclose(gradient[index], measured[0], atol=1e-7)


def test_images_turns_a_batch_around_and_back():
    x = np.random.default_rng(0).random((35, 4, 6, 3))
    turned, memory = vision.Images().forward(x, {})
    np.testing.assert_array_equal(turned, (4 * x - 2).transpose(3, 1, 2, 0))
    np.testing.assert_allclose(vision.Images().backward(turned, memory, {}, {}), 4 * (4 * x - 2))


def test_bias_and_relu_commute_with_pooling():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(3, 6, 6, 2)), {"b": rng.normal(size=3)}
    rectifier = vision.Rectifier(3)
    before = convolution.max_pool(rectifier.forward(x, weights)[0]).y
    after = rectifier.forward(convolution.max_pool(x).y, weights)[0]
    np.testing.assert_array_equal(before, after)


def test_first_layer_leaves_its_input_gradient_out_in_training_only():
    layer = vision.Convolution(3, 2, first=True)
    weights = {"W": np.ones((2, 3, 3, 3))}
    for rng, expected in ((None, False), (np.random.default_rng(0), True)):
        y, memory = layer.forward(np.ones((3, 4, 4, 1)), weights, rng)
        dx = layer.backward(y, memory, weights, {"W": np.empty((2, 3, 3, 3))})
        assert (dx is None) == expected


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="size must be odd, so that a kernel has a middle, got 4"):
        vision.Convolution(3, 8, size=4)


def test_a_network_for_pictures_too_small_is_refused():
    with pytest.raises(ValueError, match="size must be at least 4 for 2 poolings, got 3"):
        vision.convnet(np.random.default_rng(0), size=3)


def test_shipped_network_recognises_new_drawings(pets, trained):
    right = (vision.probabilities(trained, pets.images) > 0.5) == pets.labels
    assert right.mean() >= 0.94  # 97 % expected, four standard errors of 600 drawings


def test_shipped_weights_are_small_and_hold_no_pickles():
    from importlib import resources

    path = resources.files("mmlhelpers.vision") / "weights.npz"
    with resources.as_file(path) as file:
        assert file.stat().st_size < 200_000
        with np.load(file, allow_pickle=False) as stored:
            assert all(stored[name].dtype == np.float32 for name in stored.files)


def test_training_again_from_the_seed_gives_the_shipped_network(trained):
    """The recipe of tools/train_convnet.py; equal up to what float32 makes of another processor."""
    pets = datasets.draw_pets(11_000, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    model = vision.convnet(rng, batch_norm=True)
    vision.fit(model, pets.images[:8000], pets.labels[:8000], rng)
    shares = [
        np.mean((vision.probabilities(one, pets.images[9000:]) > 0.5) == pets.labels[9000:])
        for one in (model, trained)
    ]
    assert min(shares) >= 0.95
    assert abs(shares[0] - shares[1]) < 0.02


def test_probabilities_do_not_depend_on_how_many_are_asked_at_once(pets, trained):
    whole = vision.probabilities(trained, pets.images[:300])
    single = [vision.probabilities(trained, image[None])[0] for image in pets.images[290:300]]
    np.testing.assert_allclose(whole[290:], single, atol=1e-5)


def test_adversarial_step_stays_in_its_box_and_raises_the_loss(pets, trained):
    images, labels = pets.images[:100], pets.labels[:100]
    changed = vision.adversarial_step(trained, images, labels, 0.01)
    assert np.abs(changed - images).max() <= 0.01 + 1e-6
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert trained.loss(changed, labels) > 2 * trained.loss(images, labels)


def test_occlusion_map_is_zero_where_nothing_is_covered_and_measures_the_log_odds(trained):
    image = np.full((32, 32, 3), 0.5, np.float32)
    np.testing.assert_allclose(vision.occlusion_map(trained, image), 0, atol=1e-4)  # float32
    image[12:20, 12:20] = 0.1
    fall = vision.occlusion_map(trained, image)
    odds = np.log(1 / vision.probabilities(trained, np.stack([image, np.full_like(image, 0.5)])) - 1)
    np.testing.assert_allclose(fall[3, 3], odds[1] - odds[0], atol=1e-3)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_feature_maps_are_what_the_last_layer_reads(batch_norm):
    model, (x, _) = small(batch_norm=batch_norm), batch(1)
    maps = vision.feature_maps(model, x[0])
    assert [m.shape for m in maps] == [(3, 4, 4), (4, 2, 2)]
    last = f"{len(model.network.layers) - 1}."
    logits = maps[-1].reshape(-1) @ model.network.weights[last + "W"] + model.network.weights[last + "b"]
    np.testing.assert_allclose(logits, model.network.predict(x)[0], atol=1e-12)


def test_flips_and_shifts_only_move_what_is_there():
    images = np.arange(2 * 6 * 6 * 3, dtype=float).reshape(2, 6, 6, 3) / 255
    labels = np.array([0, 1])
    draw = vision.flips_and_shifts(images, labels, batch=2, reach=1)
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(50):
        pictures, kinds = draw(rng)
        for picture, kind in zip(pictures, kinds, strict=True):
            centre = picture[1:-1, 1:-1]
            candidates = [
                np.array_equal(centre, side[1 + i : 5 + i, 1 + j : 5 + j])
                for side in (images[kind], images[kind][:, ::-1])
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
            ]
            assert sum(candidates) == 1
            seen.add(candidates.index(True))
    assert len(seen) == 18  # every flip and every shift occurs


def test_fit_hands_options_on(pets):
    rng = np.random.default_rng(0)
    model = vision.convnet(rng)
    history = vision.fit(
        model, pets.images, pets.labels, rng, steps=20, every=10, sample=lambda m: m.parameters.sum()
    )
    assert len(history.samples) == 3
    assert isinstance(history, nn.History)


def test_one_picture_or_a_grey_one_is_refused(trained):
    with pytest.raises(ValueError, match=r"images must be pictures \(n, height, width, 3\), got shape"):
        vision.probabilities(trained, np.zeros((32, 32, 3)))
    with pytest.raises(ValueError, match=r"labels must have the shape \(2,\), got \(3,\)"):
        vision.input_gradient(trained, np.zeros((2, 32, 32, 3)), [0, 1, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model, x: vision.probabilities(model, np.full_like(x, np.nan)), "images must hold finite"),
        (
            lambda model, x: vision.probabilities(model, x.astype(str)),
            "images must be an array with real numbers",
        ),
        (
            lambda model, x: vision.probabilities(model, np.full((1, 32, 32, 3), 255, np.uint8)),
            "images must be from 0 to 1, got 0 to 255: divide bytes by 255",
        ),
        (
            lambda model, x: vision.probabilities(model, np.zeros((1, 31, 32, 3))),
            r"images of shape \(1, 31, 32, 3\) do not fit the model",
        ),
        (
            lambda model, x: vision.occlusion_map(model, x[0], size=40),
            "size must be a whole number from 1 to 32",
        ),
        (lambda model, x: vision.occlusion_map(model, x), r"image must be pictures"),
        (lambda model, x: vision.occlusion_map(model, x[0], grey=np.nan), "grey must be finite"),
        (lambda model, x: vision.feature_maps(model, [[1], [1, 2]]), "image must be an array"),
        (
            lambda model, x: vision.input_gradient(model, x, [0, 2]),
            "labels must be 0 for a cat and 1 for a dog",
        ),
        (
            lambda model, x: vision.input_gradient(model, x, [0, -1]),
            "labels must be 0 for a cat and 1 for a dog",
        ),
        (
            lambda model, x: vision.adversarial_step(model, x, [0, 1], "much"),
            "epsilon must be a single number",
        ),
        (
            lambda model, x: vision.fit(model, x, None, np.random.default_rng(0)),
            r"labels must have the shape",
        ),
        (
            lambda model, x: vision.flips_and_shifts(x, [0], 1),
            r"labels must have the shape \(2,\), got \(1,\)",
        ),
        (lambda model, x: vision.convnet(np.random.default_rng(0), []), "channels must hold one number"),
        (
            lambda model, x: vision.convnet(np.random.default_rng(0), [0]),
            r"channels\[0\] must be a whole number",
        ),
    ],
)
def test_pictures_classes_and_sizes_that_make_no_sense_are_named(trained, call, message):
    with pytest.raises(ValueError, match=message):
        call(trained, np.zeros((2, 32, 32, 3)))


def patches_in_a_folder(folder, left, right, n, seed):
    """Save patches of the two bundled photographs, without mean colour and contrast, as two classes."""
    rng = np.random.default_rng(seed)
    for animal, photo in (("cats", "flower"), ("dogs", "china")):
        (folder / animal).mkdir(parents=True)
        image = datasets.photo(photo, gray=False)
        height, width, _ = image.shape
        for k in range(n):
            i, j = rng.integers(0, height - 32), rng.integers(int(left * width), int(right * width) - 32)
            patch = image[i : i + 32, j : j + 32]
            plain = (patch - patch.mean(axis=(0, 1))) / (patch.std() + 1e-6) * 40 + 128
            Image.fromarray(plain.clip(0, 255).astype(np.uint8)).save(folder / animal / f"{k:04}.png")
    return datasets.load_cats_dogs(folder)


def test_a_folder_of_photographs_trains_by_the_same_lines_and_beats_logistic_regression(tmp_path):
    # Left parts of the photographs for training, right parts for the test: no pixel is in both.
    known = patches_in_a_folder(tmp_path / "known", 0.0, 0.6, 900, 0)
    new = patches_in_a_folder(tmp_path / "new", 0.6, 1.0, 300, 1)
    rng = np.random.default_rng(0)
    flat = [pets.images.reshape(len(pets.labels), -1) - np.float32(0.5) for pets in (known, new)]
    logistic = nn.Classifier(nn.Sequential([nn.Dense(3072, 2)], rng, np.float32))
    rule, rates = optim.adam(), optim.cosine(1e-3, 400, warm_up=20)
    nn.train(logistic, flat[0], known.labels, rule=rule, learning_rate=rates, rng=rng, steps=400, batch=64)
    by_pixels = np.mean(logistic.network.predict(flat[1]).argmax(axis=1) == new.labels)
    model = vision.convnet(rng)
    vision.fit(model, known.images, known.labels, rng, steps=150)
    by_windows = np.mean((vision.probabilities(model, new.images) > 0.5) == new.labels)
    assert by_windows > by_pixels + 0.15


def cells_between(first, last):
    """Return the code cells of the page from one label to another, without the explorers."""
    cells = read_page(PAGE).rich.notebook.cells
    begin, end = (
        next(i for i, cell in enumerate(cells) if f"({label})=" in cell.source) for label in (first, last)
    )
    code = [cell.source for cell in cells[begin:end] if cell.cell_type == "code"]
    return [source for source in code if "explorers." not in source]


def namespace_for(pets):
    """Return the names the page's data section leaves, but for another data set and without its factors."""
    n = len(pets.labels)
    a, b = int(0.7 * n), int(0.8 * n)
    names = {"np": np, "convolution": convolution, "datasets": datasets, "figures": figures, "nn": nn}
    names |= {"functional": functional, "optim": optim, "plotting": plotting, "probability": probability}
    names |= {"vision": vision, "X": pets.images[:a], "y": pets.labels[:a]}
    names |= {"X_choose": pets.images[a:b], "y_choose": pets.labels[a:b]}
    return names | {"X_test": pets.images[b:], "y_test": pets.labels[b:]}


def test_the_page_runs_on_another_data_set_from_the_baselines_to_the_ablation():
    names = namespace_for(datasets.draw_pets(1500, np.random.default_rng(21)))
    baselines = cells_between("sec-im-baselines", "sec-im-window")
    for source in baselines:
        exec(source, names)
    assert len(baselines) == 6
    assert len(names["twin"]) == 300
    assert names["same_wall"] > 0.8  # what the prose says of the twins
    share = names["hits"][0] / 300
    assert names["low"][0] < share < names["high"][0]
    for source in cells_between("sec-im-window", "sec-im-honest"):
        shorter = source.replace("vision.pretrained()", "model")  # as the page says
        shorter = (
            shorter.replace("750", "30").replace("warm_up=37", "warm_up=3").replace("every=125", "every=5")
        )
        exec(shorter.replace("steps=200", "steps=8").replace('"every": 40', '"every": 2'), names)
    assert len(names["p_test"]) == 300
    assert names["both"][0] == names["both"][1]
    assert len(names["history"].train_loss) == 30
    assert len(names["runs"]) == 6
