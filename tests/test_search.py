"""What the search is made from: formulas as text, and the places of a page."""

import pytest
from bs4 import BeautifulSoup
from formula_text import formula_text
from search_index import REMARKS, letter_names, squashed
from search_places import cut, defined, first_sentences, places, sentence_about

SUM = (
    "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
    "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"
)
PAGE = """
<section id="steps"><span id="sec-steps"></span>
<h1><span class="section-number">4.1. </span>Steps<a class="headerlink">#</a></h1>
<p class="lesson-data">9 minutes</p>
<p>A step is <tex-inline>\\alpha &lt; 1</tex-inline> of the <strong>gradient</strong>.
<strong>Predict</strong>: what next?</p>
<div class="quiz"><p>Which one?</p></div>
<pre>code = 1</pre>
<div class="proof theorem admonition" id="thm-rate">
<p class="admonition-title"><span class="caption-number">Theorem 4.2 </span> (The rate)</p>
<div><p>It converges.</p></div></div>
<details class="proof admonition"><summary>Proof. <em>The idea</em></summary><p>By induction.</p></details>
<div class="exercise admonition" id="ex-one"><p class="admonition-title">Exercise 4.1 (By hand)</p>
<div><p>Take a step.</p></div></div>
<details class="dropdown hint admonition"><summary>Hint 1</summary><p>Look up.</p></details>
<section id="made-from-title"><span id="sec-longer"></span>
<details class="deeper"><summary><h2>Deeper: longer steps</h2></summary>
<p>They fail.</p>
<figure id="id3"><figcaption>
<p><span class="caption-number">Fig. 4.1 </span><span class="caption-text">A path. It turns.</span></p>
</figcaption></figure>
</details></section></section>
"""


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        (SUM, "∑ᵢ₌₁ⁿxᵢ²"),
        ("<mi>x</mi><mo>=</mo><mo>−</mo><mn>1</mn>", "x = −1"),
        ("<mi>a</mi><mo>−</mo><mi>b</mi>", "a − b"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a + b)/2"),
        ("<msup><mi>e</mi><mrow><mi>s</mi><mi>Z</mi></mrow></msup>", "e^(sZ)"),
        ("<msup><mi>A</mi><mi>⊤</mi></msup><mi>b</mi>", "Aᵀb"),
        ("<msqrt><mi>n</mi></msqrt>", "√n"),
        ("<mover><mi>y</mi><mo>^</mo></mover>", "ŷ"),
        ('<mi>x</mi><mo>∈</mo><msup><mi mathvariant="double-struck">R</mi><mi>n</mi></msup>', "x ∈ ℝⁿ"),
        ("<mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd>"
         "<mtd><mn>4</mn></mtd></mtr></mtable><mo>]</mo>", "[1 2; 3 4]"),
        ("<mi>a</mi><mo>&lt;</mo><mi>b</mi>", "a < b"),
    ],
)  # fmt: skip
def test_formula_is_read_as_a_line_of_text(mathml, text):
    assert formula_text(f"<span><math>{mathml}</math></span>") == text


@pytest.fixture
def body():
    return BeautifulSoup(PAGE, "html.parser")


def test_places_of_a_page_in_reading_order(body):
    found = [(place.kind, place.name, place.at) for place in places(body, "Lesson")]
    assert found == [
        ("Lesson", "Steps", ""),
        ("Statement", "Theorem 4.2 (The rate)", "thm-rate"),
        ("Exercise", "Exercise 4.1 (By hand)", "ex-one"),
        ("Section", "longer steps", "sec-longer"),
        ("Figure", "Fig. 4.1 A path", "id3"),
    ]


def test_words_stand_at_their_own_place_and_answers_at_none(body):
    lesson, theorem, exercise, section, _figure = places(body, "Lesson")
    assert "A step is" in lesson.words
    assert "\ue001\\alpha &lt; 1\ue002" in lesson.words
    assert "By induction." in lesson.words
    for absent in ("converges", "Which one", "code", "Look up", "9 minutes", "They fail"):
        assert absent not in lesson.words
    assert (theorem.words, exercise.words, section.words) == ("It converges.", "Take a step.", "They fail.")
    assert theorem.other == ["The rate"]


def test_bold_words_are_defined_unless_they_are_labels(body):
    [word] = defined(body)
    assert word.get_text() == "gradient"
    assert sentence_about(word).startswith("A step is")


def test_cutting_leaves_words_and_formulas_whole():
    assert cut("one two three", 9) == "one …"
    assert cut("one \ue000inline\ue001x y z\ue002 more", 20) == "one …"
    assert first_sentences("One. Two. " + "long " * 60) == "One. Two."


def test_names_are_compared_by_letters_and_digits():
    assert squashed("Cramér–Rao") == squashed("cramer rao") == "cramerrao"
    assert letter_names(r"\sigma_i,\ \Sigma \varepsilon") == ["epsilon", "sigma"]


def test_remarks_of_a_library_are_left_out_and_its_code_is_not():
    code = '(function () {\n  f("//x"); // kept\n})();\n'
    remarks = "  /**\n   * Says what.\n   */\n  // why\n"
    library = code.replace("  f", f"{remarks}  f") + "//# sourceMappingURL=i.map"
    assert REMARKS.sub("", library) == code
