// Where the reader is: the mark in the list of sections, the place in the contents, and the drawers that hold both on
// small screens. Without it all of them are there, unmarked.
(() => {
  const LINE = 0.3; // of the window's height: the last section that begins above it is the one that is read

  // ---- The mark in "On this page" ----

  const links = new Map([...document.querySelectorAll('.on-this-page li a')].map((link) => [link.hash.slice(1), link]));
  const sections = [...links.keys()].map((id) => document.getElementById(decodeURIComponent(id))).filter(Boolean);
  let aim = null; // the section that an address named, as long as the window stands where that brought it

  function aimed() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = sections.findLast?.((one) => one === target || one.contains(target));
    aim = target && section ? { section, top: scrollY } : null;
  }

  /** The last section above the line, which sinks to the foot of the window where the page ends. */
  function current() {
    const left = document.documentElement.scrollHeight - scrollY - innerHeight;
    const line = Math.max(innerHeight * LINE, innerHeight - left);
    let found = null;
    for (const section of sections) if (section.getBoundingClientRect().top <= line) found = section;
    return found;
  }

  let asked = false;
  function mark() {
    asked = false;
    if (aim && Math.abs(aim.top - scrollY) > 2) aim = null;
    const section = aim ? aim.section : current();
    for (const [id, link] of links) {
      if (section && decodeURIComponent(id) === section.id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }
  function ask() {
    if (!asked) requestAnimationFrame(mark);
    asked = true;
  }
  function follow() {
    requestAnimationFrame(() => { aimed(); mark(); });
  }

  if (sections.length) {
    addEventListener('scroll', ask, { passive: true });
    addEventListener('hashchange', follow);
    new ResizeObserver(ask).observe(document.querySelector('main'));
  }

  // ---- Arriving ----

  /** Go where the address says: a fold on the way is open only now, and nothing had a height before. */
  function arrive() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && performance.getEntriesByType('navigation')[0]?.type === 'navigate') target.scrollIntoView();
    follow();
    showHere();
  }
  if (document.documentElement.hidden) addEventListener('shown', arrive);
  else arrive();

  // ---- The drawers ----

  const drawers = [...document.querySelectorAll('.drawer')];

  function showHere() {
    const here = document.querySelector('.contents [aria-current]');
    const box = document.querySelector('.contents');
    if (here && box) box.scrollTop += here.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
  }

  for (const drawer of drawers) {
    drawer.addEventListener('toggle', showHere);
    drawer.addEventListener('click', (event) => {
      if (event.target.closest('a')) close(drawer); // the reader goes to a place of this page
    });
  }

  function close(drawer) {
    if (drawer.hidePopover) { if (drawer.matches(':popover-open')) drawer.hidePopover(); } else drawer.classList.remove('open');
  }

  if (!('popover' in HTMLElement.prototype)) {
    for (const button of document.querySelectorAll('[popovertarget]')) {
      const drawer = document.getElementById(button.getAttribute('popovertarget'));
      const opener = document.querySelector(`[popovertarget="${drawer.id}"]`);
      opener.setAttribute('aria-expanded', 'false');
      const set = (open) => {
        drawer.classList.toggle('open', open);
        opener.setAttribute('aria-expanded', open);
        if (open) showHere();
      };
      button.addEventListener('click', (event) => {
        event.stopPropagation();
        set(button.getAttribute('popovertargetaction') !== 'hide' && !drawer.classList.contains('open'));
      });
      addEventListener('keydown', (event) => { if (event.key === 'Escape') set(false); });
      addEventListener('click', (event) => { if (!drawer.contains(event.target)) set(false); });
    }
  }

  // ---- By keyboard: a long list is one stop, its arrows lead through it ----

  for (const list of drawers) {
    const entries = [...list.querySelectorAll('li a')];
    const seen = () => entries.filter((entry) => entry.offsetParent);
    let stop = entries.find((entry) => entry.hasAttribute('aria-current')) || entries[0];
    const enter = (entry) => {
      for (const one of entries) one.tabIndex = one === entry ? 0 : -1;
      stop = entry;
    };
    if (stop) enter(stop);
    list.addEventListener('focusin', ({ target }) => { if (entries.includes(target)) enter(target); });
    list.addEventListener('keydown', (event) => {
      const all = seen();
      const at = all.indexOf(event.target);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      all[Math.min(Math.max(to, 0), all.length - 1)].focus();
    });
  }
})();
