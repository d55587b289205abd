// Runs before the page is painted: the reader's choice of theme, or the system's; and the fonts as early as can be.
(() => {
  let choice = null;
  try { choice = localStorage.getItem('theme'); } catch { /* storage is off: follow the system */ }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = choice || (dark ? 'dark' : 'light');

  // Not in the page itself: a browser refuses to preload a font for a page opened from a file.
  if (!location.protocol.startsWith('http')) return;
  for (const href of document.currentScript.dataset.fonts.split(' ')) {
    document.head.append(Object.assign(document.createElement('link'),
      { rel: 'preload', as: 'font', type: 'font/woff2', crossOrigin: '', href }));
  }
})();
