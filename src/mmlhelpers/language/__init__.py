"""Language models: tokens, counting models, a transformer with its cache, decoding, texts to learn from."""

from mmlhelpers.language.costs import Cost, cost
from mmlhelpers.language.decoding import generate, shape
from mmlhelpers.language.ngrams import NGram, additive, kneser_ney
from mmlhelpers.language.sources import Markov, Texts, corpus, induction, markov, shipped
from mmlhelpers.language.tokenizers import BytePairs, Characters, byte_pairs, characters
from mmlhelpers.language.transformer import Transformer, restore

__all__ = [
    "BytePairs",
    "Characters",
    "Cost",
    "Markov",
    "NGram",
    "Texts",
    "Transformer",
    "additive",
    "byte_pairs",
    "characters",
    "corpus",
    "cost",
    "generate",
    "induction",
    "kneser_ney",
    "markov",
    "restore",
    "shape",
    "shipped",
]
