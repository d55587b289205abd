// Asks the search of the built site, as it is shipped: JSON {site, queries} on standard input; on standard output
// {answers: for each query the addresses of the first places and what is shown of them, count}.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

const { site, queries } = JSON.parse(readFileSync(0, 'utf8'));
for (const file of ['search/minisearch.js', 'search/places.js', 'search/texts.js', '_static/search_engine.js']) {
  vm.runInThisContext(readFileSync(join(site, file), 'utf8'), { filename: file });
}
const engine = globalThis.bookSearch(globalThis.MiniSearch, globalThis.bookPlaces);
const plain = (pieces) => pieces.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('');
const answer = (query) => engine.find(query, 5).map((place) => ({
  address: place.address, kind: place.kind, name: plain(place.name), text: plain(place.text),
}));
const names = queries.map(answer); // before the texts are there
await engine.read(globalThis.bookTexts);
process.stdout.write(JSON.stringify({ names, answers: queries.map(answer), count: engine.count }));
