// Finding one's way among lessons: the core path, what was read, where to go on. All of it is kept in this
// browser only, and every page reads well without.
(() => {
  const root = document.documentElement;
  const main = document.querySelector('main');
  const here = main.dataset.lesson;

  function keep(name, value) {
    try {
      if (value === null) localStorage.removeItem(name); else localStorage.setItem(name, value);
    } catch { /* storage is off: it lasts as long as the page */ }
  }
  function kept(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  }
  const isKept = () => kept('lessons-off') === null;
  const finished = new Set(JSON.parse(kept('lessons-read') || '[]'));

  // An address from before the chapters were cut leads to the lesson that has it now; a fold on the way opens.
  function follow() {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!name) return;
    const entry = document.querySelector(`.lesson-map [data-labels~="${CSS.escape(name)}"]`);
    if (entry) {
      location.replace(`${entry.querySelector('a').href}#${name}`);
      return;
    }
    const named = document.getElementById(name);
    // A section that is folded holds its fold; its label stands before it.
    const section = [named, named?.parentElement].find((element) => element?.matches('section'));
    const target = section?.querySelector(':scope > details.deeper > summary') || named;
    for (let box = target?.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
    if (target?.closest('details')) target.scrollIntoView();
  }
  addEventListener('hashchange', follow);
  follow();

  // The path: all lessons, or the core ones only.
  const toggle = document.querySelector('.path-button');
  function applyPath() {
    const core = root.dataset.path === 'core';
    toggle.setAttribute('aria-pressed', core);
    const next = document.querySelector('.neighbours .next[data-core]');
    if (next) {
      next.dataset.all ||= next.getAttribute('href');
      next.href = core ? next.dataset.core : next.dataset.all;
      next.querySelector('.all').hidden = core;
      next.querySelector('.core').hidden = !core;
    }
  }
  if (toggle) {
    root.dataset.path = kept('path') || 'all';
    toggle.hidden = false;
    toggle.addEventListener('click', () => {
      root.dataset.path = root.dataset.path === 'core' ? 'all' : 'core';
      keep('path', root.dataset.path === 'core' ? 'core' : null);
      applyPath();
    });
    applyPath();
  }

  // What was read.
  function applyRead() {
    for (const entry of document.querySelectorAll('[data-lesson]:not(main)')) {
      entry.classList.toggle('finished', finished.has(entry.dataset.lesson));
    }
  }
  function save() {
    if (isKept()) keep('lessons-read', JSON.stringify([...finished]));
    applyRead();
  }
  applyRead();
  if (here) {
    if (isKept()) keep('lesson-last', JSON.stringify([here, document.querySelector('h1').textContent.replace(/#$/, ''), location.pathname]));
    const box = document.querySelector('.lesson-done');
    if (box) {
      const button = box.querySelector('button');
      const say = () => {
        button.setAttribute('aria-pressed', finished.has(here));
        button.textContent = finished.has(here) ? 'Read' : 'Mark as read';
      };
      button.addEventListener('click', () => {
        if (!finished.delete(here)) finished.add(here);
        save();
        say();
      });
      say();
      box.hidden = false;
    }
  }

  // Where to go on, on the first page; and the switch that keeps nothing.
  const place = document.querySelector('.lesson-continue');
  const last = JSON.parse(kept('lesson-last') || 'null');
  if (place && last) {
    const link = Object.assign(document.createElement('a'), { href: last[2], textContent: last[1] });
    place.querySelector('p').append(link);
    place.hidden = false;
  }
  const off = document.querySelector('.lesson-memory');
  if (off) {
    const box = off.querySelector('input');
    box.checked = isKept();
    box.addEventListener('change', () => {
      keep('lessons-off', box.checked ? null : '1');
      if (!box.checked) for (const name of ['lessons-read', 'lesson-last']) keep(name, null);
      if (!box.checked) finished.clear();
      applyRead();
    });
    off.hidden = false;
  }
})();
