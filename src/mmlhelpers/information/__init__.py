"""Information theory: entropies and divergences, codes, channels, and trees that ask informative questions.

Throughout, `p` and `q` are distributions, `joint` a table of probabilities with a value of the first variable
a row, and everything counted in bits unless a base says otherwise.
"""

from mmlhelpers.information.arithmetic import (
    ContextModel,
    arithmetic_decode,
    arithmetic_encode,
    code_length,
)
from mmlhelpers.information.channels import Capacity, channel_capacity, hamming_decode, hamming_encode
from mmlhelpers.information.codes import canonical_code, decode, encode, huffman_code, kraft_sum
from mmlhelpers.information.measures import (
    conditional_entropy,
    cross_entropy,
    entropy,
    joint_distribution,
    kl_divergence,
    kl_normals,
    mutual_information,
)
from mmlhelpers.information.trees import Node, Split, best_split, grow_tree, leaves, predict

__all__ = [
    "Capacity",
    "ContextModel",
    "Node",
    "Split",
    "arithmetic_decode",
    "arithmetic_encode",
    "best_split",
    "canonical_code",
    "channel_capacity",
    "code_length",
    "conditional_entropy",
    "cross_entropy",
    "decode",
    "encode",
    "entropy",
    "grow_tree",
    "hamming_decode",
    "hamming_encode",
    "huffman_code",
    "joint_distribution",
    "kl_divergence",
    "kl_normals",
    "kraft_sum",
    "leaves",
    "mutual_information",
    "predict",
]
