// Cards: what a link refers to, shown beside it while it is hovered or has the keyboard's focus. A word brings its own
// line; statements, equations, sections and references come with a script of the page that holds them.
(() => {
  const WAIT = 250; // ms that the pointer rests on a link before its card comes, and is away before it goes
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const card = Object.assign(document.createElement('div'), { id: 'card', className: 'card', hidden: true });
  card.setAttribute('role', 'tooltip');
  document.body.append(card);
  const loading = new Map();
  let shown = null; // the link whose card is there
  let timer;

  /** The cards of a page, by the names of its places. */
  function cardsOf(page) {
    if (!loading.has(page)) {
      loading.set(page, new Promise((done) => {
        const script = document.createElement('script');
        script.src = new URL(`_static/cards/${page.replace(/\.html$/, '.js')}`, root);
        script.onload = script.onerror = () => { script.remove(); done(window.mmlCards?.[page] ?? {}); };
        document.head.append(script);
      }));
    }
    return loading.get(page);
  }

  /** Fill the card with what a link refers to; say whether there is anything. */
  async function fill(link) {
    if (link.matches('.term')) {
      card.textContent = link.getAttribute('aria-description');
      return true;
    }
    const page = decodeURI(link.href.split(/[?#]/)[0].slice(root.href.length));
    const html = (await cardsOf(page))[decodeURIComponent(link.hash.slice(1))];
    if (!html) return false;
    card.innerHTML = html;
    link.removeAttribute('title'); // the browser would show it too
    return true;
  }

  async function show(link) {
    if (shown === link || !(await fill(link)) || !link.isConnected) return;
    shown = link;
    if (!link.matches('.term')) link.setAttribute('aria-describedby', card.id); // a word describes itself
    card.hidden = false;
    const at = link.getClientRects()[0];
    const { offsetWidth: width, offsetHeight: height } = card;
    const below = at.bottom + height + 8 < innerHeight || at.top < height + 60;
    card.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
    card.style.top = `${(below ? at.bottom + 4 : at.top - height - 4) + scrollY}px`;
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute('aria-describedby');
    shown = null;
    card.hidden = true;
  }

  const linkAt = (target) => target.closest?.('article :is(a.term, a.reference.internal:not(.image-reference))');

  document.addEventListener('pointerover', ({ target, pointerType }) => {
    if (pointerType !== 'mouse') return; // a finger follows the link
    const link = linkAt(target);
    clearTimeout(timer);
    if (link) timer = setTimeout(() => show(link), WAIT);
    else if (shown && !card.contains(target)) timer = setTimeout(hide, WAIT);
  });
  document.addEventListener('focusin', ({ target }) => {
    const link = linkAt(target);
    if (link?.matches(':focus-visible')) show(link);
    else hide();
  });
  document.addEventListener('focusout', hide);
  addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
})();
