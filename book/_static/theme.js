// Runs before the page is painted: the reader's choice of theme, or the system's; and its fonts.
(() => {
  let choice = null;
  try { choice = localStorage.getItem('theme'); } catch { /* storage is off: follow the system */ }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = choice || (dark ? 'dark' : 'light');

  // The fonts have come with the style sheets; until they are unpacked, some milliseconds, nothing is laid out in
  // others, so that no line breaks anew. And what the scripts of the page change is changed before it is shown.
  const root = document.documentElement;
  if (!document.fonts) return;
  const read = new Promise((done) => { addEventListener('DOMContentLoaded', done); });
  read.then(() => Promise.allSettled([...document.fonts].map((face) => face.load()))).then(() => {
    root.hidden = false;
    dispatchEvent(new Event('shown')); // only now places have heights
  });
  root.hidden = true;
})();
