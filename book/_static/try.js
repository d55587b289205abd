// "Try it here": an editor in the place of an exercise's stub, and Python in the browser that says the checker's
// line. Nothing is loaded before a click; one Python serves all exercises of the page.
(() => {
  const root = document.documentElement.dataset.content_root;
  const cells = [...document.querySelectorAll('.cell[data-before]')];
  let worker = null;
  let running = null; // the exercise that waits for an answer

  function element(name, className, textContent = '', more = {}) {
    return Object.assign(document.createElement(name), { className, textContent }, more);
  }

  function button(className, text, pressed) {
    const made = element('button', className, text, { type: 'button' });
    made.addEventListener('click', pressed);
    return made;
  }

  function load(address) {
    return new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: root + address });
      script.addEventListener('load', done);
      script.addEventListener('error', failed);
      document.head.append(script);
    });
  }

  // Why this page cannot run Python, or nothing.
  function obstacle() {
    if (location.protocol === 'file:') return 'This page was opened from a file, and browsers run Python only in pages that a server sends. Serve the pages (“make serve” in a clone of the book), or take the notebook.';
    if (typeof WebAssembly !== 'object' || typeof Worker !== 'function') return 'This browser cannot run Python. Take the notebook: the links at the top of the page lead to it.';
    if (!globalThis.mmlLite) return 'This copy of the site was made without Python for the browser. Take the notebook: the links at the top of the page lead to it.';
    return '';
  }

  // What the exercise is called: its title stands above.
  function nameOf(cell) {
    const titles = [...document.querySelectorAll('.exercise > .admonition-title')];
    const above = titles.filter((title) => title.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);
    return above.at(-1)?.textContent.replace(/#$/, '').trim() || 'this exercise';
  }

  cells.forEach((cell, number) => {
    const code = cell.querySelector('.cell_input pre');
    const stub = code.textContent.trim();
    const name = nameOf(cell);
    const bar = element('div', 'try-bar');
    const open = button('try-open', 'Try it here', start);
    open.setAttribute('aria-label', `Try it here: ${name}`);
    bar.append(open);
    cell.append(bar);
    const told = element('div', 'try-told');
    told.setAttribute('role', 'status');

    async function start() {
      open.disabled = true;
      cell.append(told);
      if (location.protocol !== 'file:') await Promise.all([load('lite/facts.js').catch(() => {}), globalThis.mmlEditor || load('_static/try/editor.js')]).catch(() => {});
      const fault = obstacle() || (globalThis.mmlEditor ? '' : 'The editor could not be loaded. Is the network there? Then try again.');
      if (fault) {
        say(told, 'missing', fault);
        open.disabled = false;
      } else showEditor();
    }

    function showEditor() {
      const hint = element('p', 'try-hint', 'Ctrl and Enter run. Escape, then Tab leaves the editor.', { id: `try-hint-${number}` });
      const place = element('div', 'try-editor');
      const editor = globalThis.mmlEditor(place, stub, { run, label: `Your answer to ${name}`, describedBy: hint.id });
      const runs = button('try-run', 'Run', () => { if (running) stop(); else run(); });
      const again = button('try-again', 'Stub again', () => { editor.write(stub); editor.focus(); });
      const exercise = { cell, told, runs };
      cell.querySelector('.cell_input').hidden = true;
      const output = cell.querySelector('.cell_output');
      if (output) output.hidden = true;
      bar.replaceChildren(runs, again);
      cell.prepend(place, hint);
      if (!worker) say(told, 'doing', `The first run fetches about ${megabytes()} MB: Python, NumPy, matplotlib. The next ones start at once.`);
      editor.focus();

      function run() {
        if (running) return;
        running = exercise;
        runs.textContent = 'Stop';
        say(told, 'doing', worker ? 'Your answer is running.' : 'Python is starting.');
        begin().postMessage({ before: cell.dataset.before, packages: JSON.parse(cell.dataset.packages), code: editor.text() });
      }
    }

    function megabytes() {
      const { exercise, data } = globalThis.mmlLite.megabytes;
      return exercise + (JSON.parse(cell.dataset.packages).length ? data : 0);
    }
  });

  function begin() {
    if (worker) return worker;
    worker = new Worker(`${root}_static/try-worker.js`, { type: 'module' });
    worker.addEventListener('message', ({ data }) => {
      if (data.done) finish(data); else if (running) say(running.told, 'doing', data.doing);
    });
    worker.addEventListener('error', () => { worker = null; finish({ broken: 'Python did not start' }); });
    return worker;
  }

  function stop() {
    worker?.terminate();
    worker = null;
    finish({ stopped: true });
  }

  function finish({ printed, shown, error, missing, broken, stopped }) {
    const exercise = running;
    running = null;
    if (!exercise) return;
    exercise.runs.textContent = 'Run';
    if (stopped) say(exercise.told, 'doing', 'Stopped. The next run starts Python again.');
    else if (missing) say(exercise.told, 'missing', `${missing.join(', ')} could not be fetched. They come from the network: go online, then run again. Or take the notebook: the links at the top of the page lead to it.`);
    else if (broken) say(exercise.told, 'missing', `Python in the browser failed: ${broken}. Run again, or take the notebook: the links at the top of the page lead to it.`);
    else if (error) say(exercise.told, 'error', error, printed);
    else say(exercise.told, /^correct/.test(shown) ? 'right' : 'result', shown || 'It ran, and its last line has no value.', printed);
  }

  function say(told, kind, sentence, printed = '') {
    told.dataset.kind = kind;
    told.replaceChildren(...(printed ? [element('pre', '', printed)] : []), element('p', '', sentence));
  }
})();
