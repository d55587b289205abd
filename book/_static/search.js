// The search: a dialog over any page (/ or Ctrl+K opens it), the page of all results, and the mark on arrival.
// What it searches is loaded when a reader first opens it; a page as it is read costs nothing.
(() => {
  const root = document.documentElement;
  const home = new URL(root.dataset.content_root, location.href);
  const MOST_IN_DIALOG = 12;
  const MOST_ON_PAGE = 30;
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // ---- What is loaded on the first search ----

  let engine = null;
  let isWhole = false; // whether the texts are there too
  const load = (path) => new Promise((done, failed) => {
    document.head.append(make('script', { src: new URL(path, home).href, onload: done, onerror: failed }));
  });
  // The engine as soon as it knows the names of all places; `refresh` is called when it has read the texts.
  function ready(refresh) {
    engine ??= Promise.all(['search/minisearch.js', 'search/places.js', '_static/search_engine.js'].map(load)).then(() => {
      const made = globalThis.bookSearch(globalThis.MiniSearch, globalThis.bookPlaces);
      load('search/texts.js').then(() => made.read(globalThis.bookTexts))
        .catch(() => {}) // names are found without the texts
        .then(() => { isWhole = true; refresh(); });
      return made;
    });
    return engine;
  }
  function style() {
    if (!document.querySelector('link[href*="search.css"]')) {
      document.head.append(make('link', { rel: 'stylesheet', href: new URL('_static/search.css', home).href }));
    }
  }

  // ---- A result, as it is shown in the dialog and on the page ----

  const pieces = (texts) => texts.map(({ text, marked }) => (marked ? make('mark', { textContent: text }) : text));
  function address(result) {
    const link = new URL(result.address, home);
    link.searchParams.set('found', result.found.join(' '));
    return link.href;
  }
  function parts(result) {
    const where = result.where.join(' \u203a ');
    const other = result.also.length ? [make('span', { className: 'result-other' }, ` also: ${result.also.join(', ')}`)] : [];
    return [
      make('span', { className: 'result-kind' }, result.kind, where ? make('span', { className: 'result-where' }, ` in ${where}`) : ''),
      make('span', { className: 'result-name' }, ...pieces(result.name), ...other),
      ...(result.text.length ? [make('span', { className: 'result-words' }, ...pieces(result.text))] : []),
    ];
  }
  const counted = (count) => (
    !isWhole ? 'Searching' : count === 0 ? 'Nothing found' : count === 1 ? '1 result' : `${count} results`);
  const advice = () => make('p', { className: 'result-advice' },
    'Try fewer or other words. Every word that the book explains stands in the ',
    make('a', { href: new URL('book/glossary.html', home).href, textContent: 'glossary' }), ', every symbol in the ',
    make('a', { href: new URL('book/notation.html', home).href, textContent: 'notation' }), '.');

  // ---- The dialog ----

  let dialog = null;
  function build() {
    style();
    const input = make('input', {
      type: 'search', id: 'search-field', name: 'q', autocomplete: 'off', spellcheck: false, enterKeyHint: 'search',
      placeholder: 'A word, a theorem, a question',
    });
    const list = make('div', { id: 'search-list' });
    const status = make('p', { className: 'search-status' });
    const close = make('button', { type: 'button', className: 'search-close', textContent: 'Close' });
    const more = make('a', { className: 'search-all' });
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-label': 'Search this book', 'aria-autocomplete': 'list', 'aria-expanded': 'false',
      'aria-controls': 'search-list',
    })) input.setAttribute(name, value);
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Results');
    status.setAttribute('role', 'status');
    const hint = make('p', { className: 'search-hint' });
    for (const [keys, does] of [['↑ ↓', 'choose'], ['Enter', 'open'], ['Esc', 'close']]) hint.append(make('kbd', { textContent: keys }), ` ${does} `);
    const foot = make('div', { className: 'search-foot' }, more, hint);
    const body = make('div', { className: 'search-body' }, list);
    dialog = make('dialog', { className: 'search-dialog' },
      make('form', { className: 'search-row' }, input, close), status, body, foot);
    dialog.setAttribute('aria-label', 'Search');
    document.body.append(dialog);

    let chosen = -1;
    let said = 0;
    const options = () => [...list.children];
    function choose(number) {
      const all = options();
      chosen = all.length ? (number + all.length) % all.length : -1;
      all.forEach((option, place) => option.setAttribute('aria-selected', place === chosen));
      if (chosen < 0) input.removeAttribute('aria-activedescendant');
      else {
        input.setAttribute('aria-activedescendant', all[chosen].id);
        all[chosen].scrollIntoView({ block: 'nearest' });
      }
    }
    async function show(isSame = false) { // whether the reader has asked for this before
      const query = input.value.trim();
      const before = isSame ? options()[chosen]?.href : null;
      const whole = new URL('search.html', home);
      whole.searchParams.set('q', query);
      let results = [];
      try {
        const made = await ready(() => show(true));
        results = query ? made.find(query) : [];
      } catch {
        status.textContent = 'The index of the search could not be loaded.';
        return;
      }
      if (query !== input.value.trim()) return; // the reader has typed on
      const shown = results.slice(0, MOST_IN_DIALOG);
      list.replaceChildren(...shown.map((result, number) => {
        const option = make('a', { id: `result-${number}`, href: address(result), tabIndex: -1 }, ...parts(result));
        option.setAttribute('role', 'option');
        option.addEventListener('click', () => dialog.close());
        return option;
      }));
      body.querySelector('.result-advice')?.remove();
      if (query && isWhole && !results.length) body.append(advice());
      input.setAttribute('aria-expanded', shown.length > 0);
      more.hidden = results.length <= shown.length;
      more.href = whole.href;
      more.textContent = `All ${results.length} results`;
      choose(Math.max(0, options().findIndex((option) => option.href === before)));
      if (!isSame) body.scrollTop = 0;
      clearTimeout(said);
      said = setTimeout(() => { status.textContent = query ? counted(results.length) : ''; }, 300); // once the reader pauses
    }
    input.addEventListener('input', () => { status.textContent = ''; show(); });
    input.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      if (event.key === 'Escape') {
        event.preventDefault(); // it would clear the field
        dialog.close();
      }
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
      }
    });
    dialog.querySelector('form').addEventListener('submit', async (event) => {
      event.preventDefault();
      await show(true);
      options()[chosen]?.click();
    });
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); }); // beside it
    dialog.refresh = () => show(true);
  }
  function open() {
    const own = document.querySelector('#search-again');
    if (own) { // the page of results has a field of its own
      own.focus();
      return;
    }
    if (!globalThis.HTMLDialogElement) { // an older browser
      location.href = new URL('search.html', home).href;
      return;
    }
    if (!dialog) build();
    if (!dialog.open) dialog.showModal();
    const field = dialog.querySelector('input');
    field.focus();
    field.select();
    dialog.refresh();
  }

  const button = document.querySelector('.search-button');
  button.hidden = false;
  button.addEventListener('click', open);
  const isTyping = (element) => element.closest?.('input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]');
  addEventListener('keydown', (event) => {
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isSlash && !isCtrlK) return;
    event.preventDefault();
    open();
  });

  // ---- The page of all results ----

  const page = document.querySelector('.search-page');
  if (page) {
    const field = page.querySelector('#search-again');
    const status = page.querySelector('.search-status');
    const box = page.querySelector('.search-results');
    page.hidden = false;
    let later = 0;
    let most = MOST_ON_PAGE;
    async function list() {
      const query = field.value.trim();
      const now = new URL(location.href);
      now.search = query ? `?q=${encodeURIComponent(query).replaceAll('%20', '+')}` : '';
      try { history.replaceState(history.state, '', now); } catch { /* this browser keeps the address of a file */ }
      document.title = query ? `${query} · Search · ${document.title.split(' · ').at(-1)}` : document.title;
      status.textContent = query ? 'Searching' : '';
      let results = [];
      try {
        const made = await ready(list);
        results = query ? made.find(query) : [];
      } catch {
        status.textContent = 'The index of the search could not be loaded.';
        return;
      }
      if (query !== field.value.trim()) return;
      const items = results.slice(0, most).map((result) => make('li', {}, make('a', { href: address(result) }, ...parts(result))));
      box.replaceChildren(...(items.length ? [make('ol', {}, ...items)] : query && isWhole ? [advice()] : []));
      if (results.length > most) {
        const more = make('button', { type: 'button', textContent: `Show ${Math.min(MOST_ON_PAGE, results.length - most)} more` });
        more.addEventListener('click', async () => {
          const from = most;
          most += MOST_ON_PAGE;
          await list();
          box.querySelectorAll('li a')[from]?.focus();
        });
        box.append(more);
      }
      status.textContent = query ? counted(results.length) : '';
    }
    field.value = new URLSearchParams(location.search).get('q') || '';
    field.addEventListener('input', () => {
      clearTimeout(later);
      most = MOST_ON_PAGE;
      later = setTimeout(list, 120);
    });
    page.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); list(); });
    list();
    if (!field.value) field.focus();
  }

  // ---- On arrival: the place is marked, and the words in it ----

  const arrived = new URL(location.href);
  const query = arrived.searchParams.get('found');
  if (query && !page) {
    style();
    arrived.searchParams.delete('found');
    try { history.replaceState(history.state, '', arrived); } catch { /* the address keeps its question */ }
    const target = arrived.hash && document.getElementById(decodeURIComponent(arrived.hash.slice(1)));
    const place = target && placeOf(target);
    if (place) place.classList.add('found-place');
    const scope = place || document.querySelector('article > section') || root;
    load('_static/search_engine.js').then(() => markWords(scope, globalThis.bookSearch.isFound(query)));
  }

  // The box, the section or the paragraph that an address within the page stands for.
  function placeOf(target) {
    const heading = target.parentElement.matches('section') && target.matches('span') ? target.parentElement : target;
    if (heading.matches('section')) return heading.querySelector('h1, h2, h3, h4');
    return target.matches('strong, span') ? target.closest('p, li, dd, tr') || target : target;
  }
  function markWords(place, isFound) {
    const scope = place.matches('h1, h2, h3, h4') ? place.closest('section') : place;
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT, (text) => (
      text.parentElement.closest('.formula, pre, .headerlink, .lesson-data, button, script, svg, .explorer-stage, mark')
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const found = text.data.split(/([\p{L}\p{N}\p{M}'’]+)/u);
      if (found.some((piece) => piece && isFound(piece))) {
        text.replaceWith(...found.filter(Boolean).map((piece) => (isFound(piece) ? make('mark', { className: 'found-word', textContent: piece }) : piece)));
      }
    }
  }
})();
