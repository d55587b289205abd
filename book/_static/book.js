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

  // What scrolls sideways can be reached and scrolled by keyboard.
  const names = { PRE: 'Code', SPAN: 'Formula', DIV: 'Table' };
  function markScrollable() {
    for (const box of document.querySelectorAll('pre, .formula, .scroll')) {
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === 'auto') {
        box.tabIndex = 0;
        box.setAttribute('role', 'region');
        box.setAttribute('aria-label', `${names[box.tagName]}, scrolls sideways`);
      } else {
        for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
      }
    }
  }
  document.fonts.ready.then(markScrollable);
  addEventListener('resize', markScrollable);
  addEventListener('toggle', markScrollable, true); // a solution that opens has boxes of its own

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

  // Where in the page the reader is.
  const links = new Map([...document.querySelectorAll('.on-this-page a')].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      for (const [id, link] of links) link.classList.toggle('here', id === target.parentElement.id);
    }
  }, { rootMargin: '-10% 0% -70% 0%' });
  for (const id of links.keys()) {
    const heading = document.getElementById(decodeURIComponent(id))?.querySelector(':scope > h2, :scope > h3, :scope > h4');
    if (heading) seen.observe(heading);
  }

  // On paper nothing can be opened.
  addEventListener('beforeprint', () => {
    for (const box of document.querySelectorAll('article details:not(.hide)')) box.open = true;
  });
})();
