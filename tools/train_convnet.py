"""Train the network of the chapter on image recognition and write the weights that the package ships."""

from pathlib import Path

import numpy as np

from mmlhelpers import datasets, vision

TARGET = Path(vision.__file__).with_name("weights.npz")


def main() -> None:
    pets = datasets.draw_pets(11_000, np.random.default_rng(0))  # the same pictures as on the page
    images, labels = pets.images[:8000], pets.labels[:8000]
    rng = np.random.default_rng(0)
    model = vision.convnet(rng, batch_norm=True)
    vision.fit(model, images, labels, rng)
    model.network.weights.save(TARGET)
    p = vision.probabilities(model, pets.images[9000:])
    print(f"{TARGET}: {np.mean((p > 0.5) == pets.labels[9000:]):.2%} of 2,000 drawings recognised")


if __name__ == "__main__":
    main()
