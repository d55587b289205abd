// Cuts fonts down to some letters and weights, with HarfBuzz: JSON on standard input, JSON on standard output.
// In:  {library: folder, fonts: [{file, letters, weights: [lightest, heaviest] or null}]}; without letters all are kept
// Out: [WOFF2 in base64]
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { library, fonts } = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(import.meta.url);
const cut = require(`${library}/subset-font`);
const { convert } = require(`${library}/fontverter`);

const features = ['ccmp', 'kern', 'liga', 'mark', 'mkmk']; // no fractions or the like, each with digits of its own

const results = [];
for (const { file, letters, weights } of fonts) {
  const axes = weights ? { wght: { min: weights[0], max: weights[1] } } : undefined;
  const options = { targetFormat: 'woff2', variationAxes: axes, keepFeatures: features };
  const whole = readFileSync(file);
  const font = letters ? await cut(whole, letters, options) : await convert(whole, 'woff2');
  results.push(font.toString('base64'));
}
process.stdout.write(JSON.stringify(results));
