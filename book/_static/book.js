// Small comforts; every page reads well without them.
(() => {
  const root = document.documentElement;

  // The theme: the system's, light, or dark.
  const button = document.querySelector('.theme-button');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const themes = ['system', 'light', 'dark'];
  let theme = 'system';
  try { theme = localStorage.getItem('theme') || theme; } catch { /* storage is off */ }
  function applyTheme() {
    root.dataset.theme = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
    button.querySelector('[data-theme-name]').textContent = `Theme: ${theme}`;
    button.title = `Theme: ${theme}`;
  }
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      if (theme === 'system') localStorage.removeItem('theme'); else localStorage.setItem('theme', theme);
    } catch { /* storage is off: the choice lasts as long as the page */ }
    applyTheme();
  });
  system.addEventListener('change', applyTheme);
  applyTheme();
  button.hidden = false;

  // What scrolls sideways can be reached and scrolled by keyboard. All boxes are measured before one is changed: to ask
  // for a width after a change would lay out the page anew, box after box.
  const names = { PRE: 'Code', SPAN: 'Formula', DIV: 'Table' };
  function markScrollable() {
    const isFolded = (box) => box.closest('details:not([open]) > :not(summary)'); // it has no width, and is marked once open
    const boxes = [...document.querySelectorAll('pre, .formula, .scroll')].filter((box) => !isFolded(box));
    const wide = new Set(boxes.filter((box) => box.scrollWidth > box.clientWidth + 1));
    const scrolling = new Set([...wide].filter((box) => getComputedStyle(box).overflowX === 'auto'));
    for (const box of boxes) {
      if (scrolling.has(box)) {
        box.tabIndex = 0;
        box.setAttribute('role', 'group');
        box.setAttribute('aria-label', `${names[box.tagName]}, scrolls sideways`);
      } else if (box.hasAttribute('tabindex')) {
        for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
      }
    }
  }
  let marking;
  function markSoon() {
    marking ??= requestAnimationFrame(() => {
      marking = undefined;
      markScrollable();
    });
  }
  document.fonts.ready.then(markScrollable);
  addEventListener('shown', markScrollable); // nothing has a width before
  addEventListener('resize', markSoon);
  addEventListener('toggle', markSoon, true); // a solution that opens has boxes of its own

  // Code can be copied.
  for (const block of document.querySelectorAll('.cell_input .highlight, .copyable .highlight')) {
    const copy = document.createElement('button');
    copy.className = 'copy';
    copy.textContent = 'Copy';
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector('pre').textContent);
        copy.textContent = 'Copied';
      } catch { copy.textContent = 'Press Ctrl+C'; }
      setTimeout(() => { copy.textContent = 'Copy'; }, 1500);
    });
    block.append(copy);
  }

  // A passage is copied with its formulas as TeX: what draws them is no text.
  document.addEventListener('copy', (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || event.target.closest?.('input, textarea')) return;
    const range = selection.getRangeAt(0).cloneRange();
    const formulaOf = (place) => (place.closest ? place : place.parentElement).closest('.formula');
    if (formulaOf(range.startContainer)) range.setStartBefore(formulaOf(range.startContainer));
    if (formulaOf(range.endContainer)) range.setEndAfter(formulaOf(range.endContainer));
    const passage = document.createElement('div');
    passage.append(range.cloneContents());
    const formulas = passage.querySelectorAll('.formula');
    if (!formulas.length) return;
    for (const formula of formulas) {
      const mark = formula.closest('.math') ? '$$' : '$';
      formula.replaceWith(`${mark}${formula.dataset.tex.trim()}${mark}`);
    }
    for (const control of passage.querySelectorAll('.headerlink, .copy, .visually-hidden')) control.remove();
    passage.className = 'unseen';
    document.body.append(passage); // only what is laid out knows where its lines end
    event.clipboardData.setData('text/plain', passage.innerText.trim());
    event.clipboardData.setData('text/html', passage.innerHTML);
    passage.remove();
    event.preventDefault();
  });

  // On paper nothing can be opened; afterwards what was closed is closed again.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('article details:not([open])')];
    for (const box of opened) box.open = true;
    for (const picture of document.querySelectorAll('img[loading=lazy]')) picture.loading = 'eager';
  });
  addEventListener('afterprint', () => {
    for (const box of opened) box.open = false;
    opened = [];
  });
})();
