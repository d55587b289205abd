// Opens the notebook of a lesson in the browser's own Python, or says why that cannot be.
(() => {
  const box = document.querySelector('.run-here');
  const root = document.documentElement.dataset.content_root;
  const lesson = new URLSearchParams(location.search).get('lesson') || '';
  const named = /^[\w/]+$/.test(lesson);
  const otherwise = 'Meanwhile Binder, Colab or JupyterLab run the same notebook: see “How to use this book”.';

  function say(...sentences) {
    box.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement('p'), { textContent: sentence })));
  }

  function obstacle() {
    if (location.protocol === 'file:') return 'This page was opened from a file, and browsers run Python only in pages that a server sends. Serve the pages (“make serve” in a clone of the book), or open the lesson on the book’s site.';
    if (typeof WebAssembly !== 'object' || typeof Worker !== 'function') return 'This browser cannot run Python: it lacks WebAssembly.';
    if (!globalThis.mmlLite) return 'This copy of the site was made without Python for the browser.';
    if (!navigator.onLine) return 'Your browser is offline. NumPy and matplotlib come from the network: go online first.';
    return '';
  }

  function show() {
    const fault = obstacle();
    if (fault) {
      say(fault, otherwise);
      return;
    }
    const { megabytes } = globalThis.mmlLite;
    const link = Object.assign(document.createElement('a'), {
      className: 'run-button',
      href: root + (named ? `lite/notebooks/index.html?path=${encodeURIComponent(`${lesson}.ipynb`)}` : 'lite/tree/index.html'),
      textContent: `${named ? 'Run in the browser' : 'Open the list of notebooks'} (about ${megabytes.notebook} MB)`,
    });
    const line = document.createElement('p');
    line.append(link);
    say(`The first start fetches about ${megabytes.notebook} MB, ${megabytes.data} MB more where a lesson uses real data.`);
    box.append(line);
  }

  const facts = Object.assign(document.createElement('script'), { src: `${root}lite/facts.js` });
  facts.addEventListener('load', show);
  facts.addEventListener('error', show);
  addEventListener('online', show);
  addEventListener('offline', show);
  if (location.protocol === 'file:') show(); else document.head.append(facts);
})();
