// What the search finds and in which order: MiniSearch asked about the places of the book. It knows no page,
// so that a test can ask it as a reader does: `bookSearch(MiniSearch, bookPlaces).find('gradient descent')`. The names of the places
// come first; `read` takes in what stands there.
(() => {
  const EMPTY = new Set(('a an the of to in on at by for from with and or is are be it its that this these what which how '
    + 'why when does do i my we you can one').split(' '));

  const words = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

  // British and American spelling, singular and plural are one word.
  function fold(word) {
    let text = word.replace(/([iy])z/g, '$1s').replace(/ll/g, 'l').replace(/(\w{2})our/g, '$1or').replace(/(t|b)re$/, '$1er');
    if (text.length > 3) text = text.replace(/ies$/, 'y').replace(/([^siu])s$/, '$1');
    return text;
  }
  const known = (word) => (EMPTY.has(word) ? null : fold(word));
  const key = (text) => {
    const all = words(text);
    const full = all.filter((word) => !EMPTY.has(word));
    return (full.length ? full : all).map(fold).join('');
  };

  // Whether a word of a page is one of those that a reader asked for.
  function isFound(query) {
    const terms = words(query).filter((word) => !EMPTY.has(word)).map(fold);
    return (word) => words(word).map(fold).some((part) => terms.some((term) => part === term || (term.length > 3 && part.startsWith(term))));
  }

  function bookSearch(MiniSearch, { kinds, pages, places }) {
    // Names of ideas come before lessons, and these before what stands in them.
    const WEIGHT = {
      Word: 3, Statement: 2.6, Lesson: 2.2, Chapter: 2, Page: 1.6, Section: 1.5, Question: 1.4,
      Symbol: 1.2, Explorer: 1, Exercise: 0.9, Figure: 0.7, Source: 0.25,
    };
    const FIRST = new Map([['Word', 0], ['Statement', 1]]);
    const OF_PART = 200; // the score of a name that is all of the query
    const CLOSING = /^(Summary|Exercises|Check yourself)/; // lessons that repeat what others say
    const WINDOW = 170; // letters of a snippet
    const AT_A_TIME = 60; // texts that are taken in before the reader may type again

    const list = places.map(([kind, page, at, name, other], id) => ({
      id, kind: kinds[kind], page, at, name, text: '', other: other ? other.split(' | ') : [],
    }));
    for (const place of list) place.keys = new Map([...place.other, place.name].map((one) => [key(one), one]));
    const weight = ({ kind, name }) => (CLOSING.test(name) ? 0.4 : 1) * WEIGHT[kind];
    const settings = { tokenize: words, processTerm: known };
    const names = new MiniSearch({ ...settings, fields: ['name', 'other', 'keys', 'page'] });
    names.addAll(list.map((place) => ({
      id: place.id, name: place.name, other: place.other.join(' '), keys: [...place.keys.keys()].join(' '),
      page: pages[place.page][1] === place.name ? '' : pages[place.page][1],
    })));
    const texts = new MiniSearch({ ...settings, fields: ['text'] });

    // The texts come after the names, some at a time, so that the first answer waits for no text.
    async function read(all) {
      for (const place of list) place.text = all[place.id];
      await texts.addAllAsync(list.filter(({ text }) => text), { chunkSize: AT_A_TIME });
    }

    const options = {
      boost: { name: 4, other: 3.5, keys: 5, page: 0.5 },
      boostDocument: (id) => weight(list[id]),
      weights: { fuzzy: 0.3, prefix: 0.45 },
    };
    const tolerance = (term) => (term.length > 3 && !/\d/.test(term) ? 0.2 : false);
    const asPrefix = (term) => term.length > 2;

    function ask(terms, whole, combineWith, isTolerant) {
      const fuzzy = isTolerant ? tolerance : false;
      const each = { queries: terms, combineWith, prefix: asPrefix, fuzzy };
      const joined = { queries: [whole], fields: ['keys'], tokenize: (text) => [text], prefix: (term) => term.length > 3, fuzzy };
      const scores = new Map();
      const add = (hit, share) => {
        const { score = 0, found = [] } = scores.get(hit.id) || {};
        scores.set(hit.id, { score: score + share * hit.score, found: [...found, ...hit.terms] });
      };
      for (const hit of names.search({ combineWith: 'OR', queries: [each, joined] }, options)) add(hit, 1);
      for (const hit of texts.search(each, { boostDocument: options.boostDocument, weights: options.weights })) add(hit, 1);
      return scores;
    }

    // A query may hold a name and more: "Adam optimizer".
    const named = new Map();
    for (const { id, kind, keys } of list) {
      if (FIRST.has(kind)) for (const one of keys.keys()) named.set(one, [...(named.get(one) || []), id]);
    }
    function addParts(hits, terms) {
      const folded = terms.map(fold);
      for (let from = 0; from < terms.length; from += 1) {
        for (let to = from + 1; to <= terms.length; to += 1) {
          for (const id of named.get(folded.slice(from, to).join('')) || []) {
            const { score = 0, found = [] } = hits.get(id) || {};
            hits.set(id, { score: score + OF_PART * ((to - from) / terms.length) ** 2, found: [...found, ...folded.slice(from, to)] });
          }
        }
      }
    }

    // The places for a query, best first, each with what is shown of it.
    function find(query, most = Infinity) {
      const whole = key(query);
      if (!whole) return [];
      const terms = [...new Set(words(query).filter((word) => !EMPTY.has(word)))];
      const hits = ask(terms, whole, 'AND', true);
      if (hits.size < 3 && terms.length > 1) {
        for (const [id, hit] of ask(terms, whole, 'OR', true)) if (!hits.has(id)) hits.set(id, { ...hit, score: hit.score / 10 });
      }
      addParts(hits, terms);
      const rank = ({ keys, kind }) => (keys.has(whole) ? FIRST.get(kind) ?? 2 : 3);
      const seen = new Set();
      return [...hits]
        .map(([id, hit]) => ({ ...list[id], ...hit, rank: rank(list[id]) }))
        .sort((one, other) => one.rank - other.rank || other.score - one.score)
        .filter(({ page, at }) => !seen.has(`${page}#${at}`) && seen.add(`${page}#${at}`))
        .slice(0, most)
        .map((place) => shown(place, whole, terms.map(fold)));
    }

    function shown({ kind, page, at, name, text, other, keys, found, score }, whole, terms) {
      const [address, title, chapter] = pages[page];
      const hits = new Set(found);
      const isHit = (word) => words(word).map(fold).some((part) => hits.has(part)
        || (part.length > 2 && terms.some((term) => term.length > 2 && part.startsWith(term))));
      const called = keys.get(whole) ?? name; // by the name under which it was looked for
      return {
        kind,
        name: marked(called, isHit),
        also: called === name ? other.filter((one) => !name.includes(one) && words(one).some(isHit)).slice(0, 3) : [name],
        text: marked(snippet(text, isHit), isHit),
        where: [...new Set([chapter, title])].filter((part) => part && part !== name),
        address: at ? `${address}#${at}` : address,
        found: [...hits].slice(0, 8), // as they are spelled there
        score,
      };
    }

    // Text in pieces, alternately plain and marked.
    const marked = (text, isFound) => text.split(/([\p{L}\p{N}\p{M}'’]+)/u)
      .map((piece) => ({ text: piece, marked: isFound(piece) }))
      .filter((piece) => piece.text);

    // The part of a text with most of what was asked for.
    function snippet(text, isFound) {
      if (text.length <= WINDOW) return text;
      const hits = [...text.matchAll(/[\p{L}\p{N}\p{M}'’]+/gu)].filter(([word]) => isFound(word)).map(({ index: at }) => at);
      let start = 0;
      let most = 0;
      for (const at of hits) {
        const count = hits.filter((other) => other >= at && other < at + WINDOW - 40).length;
        if (count > most) [start, most] = [at, count];
      }
      start = start < WINDOW - 40 ? 0 : text.lastIndexOf(' ', start - 30) + 1;
      let end = start + WINDOW;
      if (end < text.length) end = text.lastIndexOf(' ', end);
      return `${start ? '… ' : ''}${text.slice(start, end)}${end < text.length ? ' …' : ''}`;
    }

    return { find, read, count: list.length };
  }

  globalThis.bookSearch = Object.assign(bookSearch, { isFound });
})();
