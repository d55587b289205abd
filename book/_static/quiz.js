// Turns each question, a list of options and a list of answers in a native disclosure, into radio buttons. A click,
// Space or Enter asks for the verdict; arrow keys only choose. Nothing is stored or sent.
(() => {
  const questions = [...document.querySelectorAll('.quiz')].map(enliven).filter(Boolean);
  if (questions.length) addProgress(questions);

  function enliven(box, number) {
    const options = box.querySelector(':scope > ol');
    const details = box.querySelector(':scope > .quiz-answers');
    const answers = details ? [...details.querySelectorAll(':scope > ol > li')] : [];
    if (!options || answers.length !== options.children.length) return null; // it stays a list

    const group = document.createElement('div');
    group.setAttribute('role', 'radiogroup');
    group.setAttribute('aria-labelledby', nameQuestion(box, options, number));
    const feedback = document.createElement('div');
    feedback.className = 'feedback';
    feedback.setAttribute('role', 'status');
    const question = { box, solved: false, clear };
    let isMoving = false; // an arrow key is down: what it chooses is not yet an answer
    group.addEventListener('keydown', ({ key }) => { isMoving = key.startsWith('Arrow'); });
    group.addEventListener('keyup', () => { isMoving = false; });

    [...options.children].forEach((item, index) => {
      const { label, input } = option(item, `question-${number}`, `question-${number}-${index}`);
      const judge = () => {
        const right = answers[index].textContent.trim().startsWith('Right');
        feedback.replaceChildren(...[...answers[index].childNodes].map((node) => node.cloneNode(true)));
        feedback.classList.toggle('right', right);
        settle(right);
      };
      input.addEventListener('click', () => { if (isMoving) wait(); else judge(); });
      input.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        input.checked = true;
        judge();
      });
      group.append(label);
    });
    options.replaceWith(group);
    group.after(feedback);
    details.hidden = true;
    return question;

    function settle(right) {
      question.solved = right;
      box.dispatchEvent(new Event('answered', { bubbles: true }));
    }

    function wait() {
      feedback.textContent = 'Space or Enter checks this choice.';
      feedback.classList.remove('right');
      settle(false);
    }

    function clear() {
      for (const input of group.querySelectorAll('input')) input.checked = false;
      feedback.replaceChildren();
      question.solved = false;
    }
  }

  // The group is called what stands above it: the title and the question.
  function nameQuestion(box, options, number) {
    const above = [...box.children].slice(0, [...box.children].indexOf(options));
    above.forEach((part, index) => { part.id ||= `question-${number}-part-${index}`; });
    return above.map((part) => part.id).join(' ');
  }

  function option(item, name, id) {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name, id });
    const text = document.createElement('span');
    for (const node of [...item.childNodes]) text.append(...(node.nodeName === 'P' ? node.childNodes : [node]));
    const label = document.createElement('label');
    label.htmlFor = id;
    // A formula alone is no name to every reader; its MathML read as text is.
    if (text.querySelector('.formula')) input.setAttribute('aria-label', text.textContent.trim());
    label.append(input, text);
    return { label, input };
  }

  function addProgress(all) {
    const bar = document.createElement('div');
    bar.className = 'quiz-progress';
    const count = document.createElement('p');
    count.setAttribute('role', 'status');
    const again = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Start again' });
    const show = () => { count.textContent = `${all.filter(({ solved }) => solved).length} of ${all.length} right`; };
    again.addEventListener('click', () => {
      all.forEach(({ clear }) => clear());
      show();
      all[0].box.querySelector('input').focus();
    });
    document.addEventListener('answered', show);
    bar.append(count, again);
    all.at(-1).box.after(bar);
    show();
  }
})();
