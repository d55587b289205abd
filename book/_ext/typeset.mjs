// Typesets TeX as HTML with MathJax: JSON on standard input, JSON on standard output.
// In:  {mathjax: folder, macros: {...}, formulas: [{tex, display}]}
// Out: {css, formulas: [{html, width} or {error}]}, width in em
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { mathjax, macros, formulas } = JSON.parse(readFileSync(0, 'utf8'));
const packages = ['base', 'ams', 'boldsymbol', 'cases', 'color', 'mathtools', 'newcommand', 'textmacros'];
const MathJax = await createRequire(import.meta.url)(mathjax).init({
  loader: { load: ['input/tex-base', ...packages.slice(1).map((name) => `[tex]/${name}`),
    '[tex]/configmacros', 'output/chtml', 'a11y/assistive-mml'] },
  // Without 'noundefined' and 'noerrors' a mistake is reported, not drawn in red.
  tex: { packages: [...packages, 'configmacros'], macros, tags: 'none' },
  chtml: { fontURL: '.', adaptiveCSS: false },
});
const { adaptor, output, document: page } = MathJax.startup;
// MathJax draws \left\| about a small letter with bars that are too short; its own upright bars fit.
Object.assign(output.font.getDelimiter(0x2016), { sizes: [1], schar: [0x2016], variants: [0] });

async function typeset({ tex, display }) {
  const node = await MathJax.tex2chtmlPromise(tex, { display, em: 17, ex: 8, containerWidth: 80 * 17 });
  const html = adaptor.outerHTML(node);
  const mistake = /data-mjx-error="([^"]*)"/.exec(html);
  return mistake ? { error: mistake[1] } : { html, width: output.getBBox(output.math, page).w };
}

const results = [];
for (const formula of formulas) results.push(await typeset(formula));
process.stdout.write(JSON.stringify({ css: adaptor.textContent(MathJax.chtmlStylesheet()), formulas: results }));
