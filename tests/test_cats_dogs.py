"""Loading photographs: files in the published forms, made here; broken and evil ones; downloads from here."""

import http.server
import io
import os
import pickle
import re
import struct
import sys
import tarfile
import threading
from contextlib import contextmanager
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mmlhelpers import datasets
from mmlhelpers.datasets import _pickles, cats_dogs
from mmlhelpers.datasets._download import Remote

CAT, DOG = 3, 5  # as CIFAR-10 counts
BATCHES = ["data_batch_1", "data_batch_2", "test_batch"]


# --- making files ---


def cifar_batch(seed, n=6):
    """Random pictures as CIFAR-10 stores them, with cats and dogs among their classes."""
    rng = np.random.default_rng(seed)
    classes = [CAT, DOG, *rng.integers(0, 10, n - 2).tolist()]
    return rng.integers(0, 256, (n, 3072), dtype=np.uint8), classes


def binary_form(rows, classes):
    return np.column_stack([np.array(classes, np.uint8), rows]).tobytes()


def text(value):
    """A string as Python 2 pickles it."""
    raw = value if isinstance(value, bytes) else value.encode()
    return b"U" + bytes([len(raw)]) + raw if len(raw) < 256 else b"T" + struct.pack("<i", len(raw)) + raw


def whole(value):
    return b"J" + struct.pack("<i", value)


def python_form(rows, classes, constructor="numpy.core.multiarray _reconstruct"):
    """A batch as Python 2 and NumPy of 2009 pickled it: the form of the published files."""
    module, name = constructor.encode().split()
    constructed = (
        b"c" + module + b"\n" + name + b"\ncnumpy\nndarray\nq\x01K\x00\x85" + text("b") + b"\x87Rq\x02"
    )
    kind = b"cnumpy\ndtype\n" + text("u1") + b"K\x00K\x01\x87Rq\x03"
    kind += b"(K\x03" + text("|") + b"NNN" + whole(-1) + whole(-1) + b"K\x00tb"
    shape = whole(len(rows)) + whole(rows.shape[1]) + b"\x86"
    array = constructed + b"(K\x01" + shape + kind + b"\x89" + text(rows.tobytes()) + b"tb"
    labels = b"]q\x04(" + b"".join(b"K" + bytes([c]) for c in classes) + b"e"
    return b"\x80\x02}q\x00(" + text("data") + array + text("labels") + labels + b"u."


def write_archive(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def write_files(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def picture(pixels, form="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, form, **options)
    return file.getvalue()


def plain(colour, height=40, width=40, **options):
    return picture(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)), **options)


# --- CIFAR-10 ---


@pytest.fixture(params=["binary archive", "binary folder", "python archive", "python folder"])
def cifar(request, tmp_path):
    """A folder with three batches in one of their forms."""
    form, place = request.param.split()
    write, suffix = (binary_form, ".bin") if form == "binary" else (python_form, "")
    folder = f"cifar-10-batches-{'bin' if form == 'binary' else 'py'}"
    files = {f"{folder}/{name}{suffix}": write(*cifar_batch(i)) for i, name in enumerate(BATCHES)}
    files[f"{folder}/readme.html"] = b"not a batch"
    if place == "archive":
        write_archive(tmp_path / f"cifar-10-{form}.tar.gz", files)
    else:
        write_files(tmp_path, files)
    return tmp_path


def test_cifar_gives_its_cats_and_dogs_in_every_form(cifar):
    photos = datasets.load_cats_dogs(cifar, "cifar10")
    rows, classes = (np.concatenate(parts) for parts in zip(*map(cifar_batch, range(3)), strict=True))
    wanted = np.isin(classes, [CAT, DOG])
    planes = np.rint(255 * photos.images).astype(np.uint8).transpose(0, 3, 1, 2).reshape(-1, 3072)
    order = [np.flatnonzero((planes == row).all(axis=1)).item() for row in rows[wanted]]
    assert sorted(order) == list(range(wanted.sum()))
    np.testing.assert_array_equal(photos.labels[order], (classes[wanted] == DOG).astype(int))
    np.testing.assert_array_equal(photos.factors["test"][order], np.repeat([0, 1], [12, 6])[wanted])


def test_cifar_takes_the_archive_or_the_folder_itself(tmp_path):
    rows, classes = cifar_batch(0)
    files = {"cifar-10-batches-bin/test_batch.bin": binary_form(rows, classes)}
    write_files(tmp_path, files)
    write_archive(tmp_path / "cifar-10-binary.tar.gz", files)
    for path in (tmp_path / "cifar-10-batches-bin", tmp_path / "cifar-10-binary.tar.gz"):
        assert (datasets.load_cats_dogs(path, "cifar10").factors["test"] == 1).all()


def test_cifar_red_comes_first_and_rows_run_from_left_to_right(tmp_path):
    row = np.zeros(3072, np.uint8)
    row[1] = 255  # red, top row, second column
    row[2 * 1024 + 32] = 51  # blue, second row, first column
    write_files(tmp_path, {"cifar-10-batches-bin/test_batch.bin": binary_form(row[None], [DOG])})
    image = datasets.load_cats_dogs(tmp_path, "cifar10").images[0]
    np.testing.assert_array_equal(image[0, 1], np.float32([1, 0, 0]))
    np.testing.assert_array_equal(image[1, 0], np.float32([0, 0, 0.2]))
    assert image.dtype == np.float32
    assert image.sum() == pytest.approx(1.2)


def test_cifar_can_be_made_smaller_by_averaging(tmp_path):
    rows, _ = cifar_batch(0, 2)
    write_files(tmp_path, {"cifar-10-batches-bin/test_batch.bin": binary_form(rows, [CAT, DOG])})
    photos = datasets.load_cats_dogs(tmp_path, "cifar10", size=16)
    boxes = rows.reshape(2, 3, 16, 2, 16, 2).mean(axis=(3, 5)).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(255 * photos.images[np.argsort(photos.labels)], boxes, atol=1)


def test_cifar_that_is_cut_off_is_refused(tmp_path):
    raw = binary_form(*cifar_batch(0))[:-1]
    write_files(tmp_path, {"cifar-10-batches-bin/data_batch_1.bin": raw})
    with pytest.raises(ValueError, match=r"data_batch_1.bin is cut off: delete it, then download it again"):
        datasets.load_cats_dogs(tmp_path, "cifar10")


def test_archive_that_is_cut_off_or_none_is_refused(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_archive(path, {"cifar-10-batches-bin/test_batch.bin": binary_form(*cifar_batch(0))})
    for content in (path.read_bytes()[:5000], b"<html>404</html>"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"is no whole archive .*: delete it, then download it again"):
            datasets.load_cats_dogs(tmp_path, "cifar10")


def test_cifar_without_cats_and_dogs_is_refused(tmp_path):
    rows, _ = cifar_batch(0, 2)
    write_files(tmp_path, {"cifar-10-batches-bin/test_batch.bin": binary_form(rows, [0, 1])})
    with pytest.raises(ValueError, match="there are no cats and dogs of CIFAR-10 in"):
        datasets.load_cats_dogs(tmp_path, "cifar10")


# --- pickles ---


class Evil:
    """Whoever unpickles this makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_the_form_made_here_is_a_pickle_that_python_reads_as_the_batch():
    rows, classes = cifar_batch(0)
    content = pickle.loads(python_form(rows, classes), encoding="latin-1")
    np.testing.assert_array_equal(content["data"], rows)
    assert content["labels"] == classes


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_evil_pickle_is_refused_and_does_nothing(tmp_path, protocol):
    trap = tmp_path / "trap"
    raw = pickle.dumps({"data": Evil(trap), "labels": []}, protocol)
    write_files(tmp_path, {"cifar-10-batches-py/test_batch": raw})
    with pytest.raises(ValueError, match="this is no batch of CIFAR-10 in its published Python form"):
        datasets.load_cats_dogs(tmp_path, "cifar10")
    assert not trap.exists()
    pickle.loads(raw)  # it would have worked
    assert trap.exists()


def test_a_batch_whose_array_is_made_by_another_function_is_refused():
    raw = python_form(*cifar_batch(0), constructor="os system")
    with pytest.raises(ValueError, match="its pictures are no array of NumPy"):
        _pickles.read_batch(raw, 3072)


def test_names_in_a_pickle_are_never_looked_up():
    raw = python_form(*cifar_batch(0)).replace(b"cnumpy\nndarray\n", b"cno_such_module\nat_all\n")
    assert _pickles.read_batch(raw, 3072)[0].shape == (6, 3072)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.replace(b"u1", b"O8"), "its pictures are not rows of bytes"),
        (lambda raw: raw.replace(b"\x89T", b"\x88T"), "its pictures are not rows of bytes"),
        (lambda raw: raw.replace(whole(3072), whole(3000)), "have 18432 bytes, not 6 rows of 3072"),
        (lambda raw: raw.replace(whole(6), whole(7)), "have 18432 bytes, not 7 rows of 3072"),
        (lambda raw: raw.replace(b"eu.", b"K\x03eu."), "there is no label for each picture"),
        (lambda raw: raw.replace(b"eu.", b"0K\x03eu."), "it uses the instruction POP"),
        (lambda raw: raw[:-1], "pickle exhausted"),
        (lambda raw: raw.replace(b"labels", b"levels"), "labels"),
        (lambda raw: b"\x80\x02}K\x01b.", "it gives a state to what has none"),
    ],
)
def test_what_is_no_batch_is_refused_with_the_reason(change, message):
    with pytest.raises(ValueError, match=f"this is no batch of CIFAR-10 .*{message}"):
        _pickles.read_batch(change(python_form(*cifar_batch(0))), 3072)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_pickle_is_read_or_refused_but_nothing_else(changes):
    raw = bytearray(python_form(np.zeros((2, 12), np.uint8), [CAT, DOG]))
    for place, value in changes:
        raw[place % len(raw)] = value
    try:
        rows, labels = _pickles.read_batch(bytes(raw), 12)
    except ValueError:
        return
    assert rows.shape == (len(labels), 12)


# --- Oxford-IIIT Pet ---

OXFORD_LIST = """#Image CLASS-ID SPECIES BREED ID
#ID: 1:37 Class ids
Abyssinian_1 1 1 1
beagle_2 5 2 4
Bengal_3 6 1 2
"""
OXFORD = {
    "annotations/list.txt": OXFORD_LIST.encode(),
    "annotations/test.txt": b"beagle_2 5 2 4\n",
    "annotations/trimaps/Abyssinian_1.png": b"not read",
    "images/Abyssinian_1.jpg": plain((255, 0, 0), form="JPEG"),
    "images/beagle_2.jpg": plain((0, 0, 255), form="JPEG"),
    "images/Bengal_3.jpg": plain((0, 255, 0), form="JPEG"),
    "images/Bengal_3.mat": b"not read",
    "images/._Bengal_3.jpg": b"not read",
}


def write_oxford(folder, files, archived):
    if not archived:
        return write_files(folder, files)
    for name in ("annotations", "images"):
        part = {path: content for path, content in files.items() if path.startswith(name)}
        write_archive(folder / f"{name}.tar.gz", part)
    return None


@pytest.mark.parametrize("archived", [True, False])
def test_oxford_pets_have_species_breed_part_and_name_of_the_lists(tmp_path, archived):
    write_oxford(tmp_path, OXFORD, archived)
    photos = datasets.load_cats_dogs(tmp_path, "oxford_pets", size=8)
    by_name = {name: i for i, name in enumerate(photos.factors["file"].tolist())}
    order = [by_name[name] for name in ("Abyssinian_1", "beagle_2", "Bengal_3")]
    np.testing.assert_array_equal(photos.labels[order], [0, 1, 0])
    np.testing.assert_array_equal(photos.factors["breed"][order], [1, 5, 6])
    np.testing.assert_array_equal(photos.factors["test"][order], [0, 1, 0])
    colours = photos.images[order].mean(axis=(1, 2))
    np.testing.assert_allclose(colours, [[1, 0, 0], [0, 0, 1], [0, 1, 0]], atol=0.02)


def test_oxford_pets_name_what_is_missing(tmp_path):
    files = {name: content for name, content in OXFORD.items() if name != "images/beagle_2.jpg"}
    write_oxford(tmp_path, files, archived=False)
    with pytest.raises(ValueError, match=r"1 listed pictures are missing in .*, beagle_2.jpg among them"):
        datasets.load_cats_dogs(tmp_path, "oxford_pets")
    (tmp_path / "annotations" / "test.txt").unlink()
    with pytest.raises(ValueError, match=r"list.txt and test.txt must both be among the annotations"):
        datasets.load_cats_dogs(tmp_path, "oxford_pets")


# --- folders ---


def test_folder_has_two_classes_in_alphabetical_order(tmp_path):
    files = {"dogs/a.png": plain((0, 0, 255)), "cats/b.JPG": plain((255, 0, 0), form="JPEG")}
    write_files(tmp_path, files | {"cats/deeper/c.png": plain((0, 255, 0)), "dogs/notes.txt": b""})
    photos = datasets.load_cats_dogs(tmp_path)
    assert photos.images.shape == (3, 32, 32, 3)
    photos = photos.take(np.argsort(photos.factors["file"]))
    assert photos.factors["file"].tolist() == ["a.png", "b.JPG", "c.png"]
    np.testing.assert_array_equal(photos.labels, [1, 0, 0])
    colours = photos.images.mean(axis=(1, 2))
    np.testing.assert_allclose(colours, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=0.02)


def test_any_part_of_a_folder_has_both_classes_the_same_every_time(tmp_path):
    write_files(
        tmp_path, {f"{kind}/{i}.png": plain((i, 0, 0), 4, 4) for kind in ("a", "b") for i in range(40)}
    )
    photos, again = datasets.load_cats_dogs(tmp_path, size=4), datasets.load_cats_dogs(tmp_path, size=4)
    assert 5 < photos.labels[:20].sum() < 15
    np.testing.assert_array_equal(photos.labels, again.labels)
    assert [f"{round(255 * image[0, 0, 0])}.png" for image in photos.images] == photos.factors[
        "file"
    ].tolist()


def load_one(tmp_path, content, size):
    write_files(tmp_path, {"a/one.png": content, "b/two.png": plain((0, 0, 0))})
    photos = datasets.load_cats_dogs(tmp_path, size=size)
    return photos.images[photos.labels == 0][0]


def test_folder_keeps_the_square_in_the_middle_and_averages_boxes(tmp_path):
    wide = np.random.default_rng(0).integers(0, 256, (8, 14, 3))
    expected = wide[:, 3:11].reshape(4, 2, 4, 2, 3).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(load_one(tmp_path, picture(wide), 4), expected, atol=1 / 255)


def test_folder_takes_grey_and_transparent_pictures_and_makes_small_ones_larger(tmp_path):
    assert load_one(tmp_path, picture(np.full((2, 2), 51)), 4) == pytest.approx(0.2)
    assert load_one(tmp_path, picture(np.full((9, 9, 4), 255)), 4) == pytest.approx(1)


def test_folder_turns_a_picture_as_the_camera_was_held(tmp_path):
    upside_down = Image.Exif()
    upside_down[0x0112] = 3  # orientation: turned by half a circle
    half = np.zeros((16, 16, 3))
    half[:8] = 255
    image = load_one(tmp_path, picture(half, exif=upside_down), 16)
    assert image[:8].max() == 0
    assert image[8:].min() == 1


def test_folder_names_the_picture_that_cannot_be_read(tmp_path):
    whole_picture = picture(np.random.default_rng(0).integers(0, 256, (64, 64, 3)))
    for content in (b"", b"no picture", whole_picture[: len(whole_picture) // 2]):
        with pytest.raises(
            ValueError, match=r"one.png cannot be read as a picture .*: remove or replace the file"
        ):
            load_one(tmp_path, content, 8)


def test_folder_must_hold_two_folders_with_pictures(tmp_path):
    (tmp_path / "cats").mkdir()
    (tmp_path / ".hidden").mkdir()
    with pytest.raises(ValueError, match="must hold two folders, one for each class, got cats"):
        datasets.load_cats_dogs(tmp_path)
    (tmp_path / "dogs").mkdir()
    with pytest.raises(ValueError, match=r"cats holds no pictures, that is, files ending in \.bmp, "):
        datasets.load_cats_dogs(tmp_path)


# --- arguments ---


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"source": "mnist"}, ValueError, "source must be one of cifar10, oxford_pets, folder, got 'mnist'"),
        ({"source": "folder"}, ValueError, "path must say where they are"),
        ({"path": "here", "download": True}, ValueError, "path must say where they are"),
        ({"path": "here", "size": 0}, ValueError, "size must be a whole number from 1, got 0"),
        ({"path": "no/such"}, FileNotFoundError, "there is no no.such: check path"),
        ({"path": "no/such", "source": "cifar10"}, FileNotFoundError, "pass download=True to fetch it"),
        (
            {"path": ".", "source": "cifar10"},
            FileNotFoundError,
            r"there is no cifar-10-binary.tar.gz or .* in \.",
        ),
    ],
)
def test_load_cats_dogs_says_what_is_wrong(arguments, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        datasets.load_cats_dogs(**arguments)


def test_without_a_path_the_cache_of_the_reader_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(cats_dogs, "cache", lambda name: tmp_path / name)
    write_files(tmp_path, {"cifar10/cifar-10-batches-bin/test_batch.bin": binary_form(*cifar_batch(0))})
    assert len(datasets.load_cats_dogs(source="cifar10").labels) >= 2


# --- downloads ---


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one file; may break off, ignore the wish for a part, or have nothing."""

    content = b""
    breaks_after = None
    knows_parts = True
    asked: list[str]

    def do_GET(self):
        wish = self.headers["Range"]
        self.asked.append(wish)
        if not self.content:
            return self.send_error(404)
        start = int(re.fullmatch(r"bytes=(\d+)-", wish)[1]) if self.knows_parts else 0
        self.send_response(206 if self.knows_parts else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start : self.breaks_after])
        return None

    def log_message(self, *_):
        pass


@contextmanager
def serving(content, **behaviour):
    """A server on this machine, and the requests it got."""
    asked = []
    handler = type("Handler", (Server,), {"content": content, "asked": asked, **behaviour})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/cifar-10-binary.tar.gz", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "archive.tar.gz"
    write_archive(path, {"cifar-10-batches-bin/test_batch.bin": binary_form(*cifar_batch(0, 40))})
    return path.read_bytes()


def load_from(url, archive, folder, monkeypatch):
    remote = Remote(url, len(archive), f"sha256:{sha256(archive).hexdigest()}")
    monkeypatch.setattr(cats_dogs, "REMOTES", {"cifar10": (remote,)})
    return datasets.load_cats_dogs(folder, "cifar10", download=True)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_download_comes_once_and_is_used_again(archive, tmp_path, monkeypatch):
    with serving(archive) as (url, asked):
        first = load_from(url, archive, tmp_path / "new", monkeypatch)
        second = load_from(url, archive, tmp_path / "new", monkeypatch)
    assert asked == ["bytes=0-"]
    assert names_in(tmp_path / "new") == ["cifar-10-binary.tar.gz"]
    np.testing.assert_array_equal(first.images, second.images)


@pytest.mark.parametrize("knows_parts", [True, False])
def test_download_that_breaks_off_goes_on_where_it_stopped(archive, tmp_path, monkeypatch, knows_parts):
    with (
        serving(archive, breaks_after=40_000, knows_parts=knows_parts) as (url, _),
        pytest.raises(
            ConnectionError, match=r"broke off after 40000 of \d+ bytes\): call again to go on from there"
        ),
    ):
        load_from(url, archive, tmp_path, monkeypatch)
    assert names_in(tmp_path) == ["cifar-10-binary.tar.gz.part"]
    with serving(archive, knows_parts=knows_parts) as (url, asked):
        load_from(url, archive, tmp_path, monkeypatch)
    assert asked == ["bytes=40000-"]
    assert names_in(tmp_path) == ["cifar-10-binary.tar.gz"]
    assert (tmp_path / "cifar-10-binary.tar.gz").read_bytes() == archive


@pytest.mark.parametrize(
    "wrong", [lambda right: right[::-1], lambda right: right + b"more", lambda right: 9 * right]
)
def test_wrong_file_leaves_nothing_behind(archive, tmp_path, monkeypatch, wrong):
    with (
        serving(wrong(archive)) as (url, _),
        pytest.raises(
            ValueError, match=r"its checksum differs.* deleted; try again, or get the file elsewhere"
        ),
    ):
        load_from(url, archive, tmp_path, monkeypatch)
    assert names_in(tmp_path) == []


def test_missing_file_leaves_nothing_behind(archive, tmp_path, monkeypatch):
    with (
        serving(b"") as (url, _),
        pytest.raises(
            ConnectionError, match=r"could not be downloaded .*404: Not Found.*get the file elsewhere"
        ),
    ):
        load_from(url, archive, tmp_path, monkeypatch)
    assert names_in(tmp_path) == []


def test_nothing_is_downloaded_unasked(archive, tmp_path, monkeypatch):
    with serving(archive) as (url, asked):
        monkeypatch.setattr(cats_dogs, "REMOTES", {"cifar10": (Remote(url, len(archive), "sha256:0"),)})
        with pytest.raises(FileNotFoundError, match="pass download=True"):
            datasets.load_cats_dogs(tmp_path, "cifar10")
    assert asked == []


def test_published_files_come_encrypted_with_size_and_checksum():
    for remote in (remote for remotes in cats_dogs.REMOTES.values() for remote in remotes):
        assert remote.url.startswith("https://")
        assert remote.size > 10**7
        assert re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", remote.checksum)


def test_missing_pooch_is_explained(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(
        ImportError, match="downloads need pooch, which is not installed: run pip install pooch"
    ):
        datasets.load_cats_dogs(tmp_path, "cifar10", download=True)
