// The editor of exercises: CodeMirror for Python, in the colours of the book's code. See try_it.py.
import { EditorView, keymap, drawSelection, highlightActiveLine, highlightSpecialChars } from '@codemirror/view';
import { EditorState, Prec } from '@codemirror/state';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { python } from '@codemirror/lang-python';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.docString], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--role-gradient)' },
  { tag: tags.string, color: 'var(--role-target)' },
  { tag: tags.number, color: 'var(--role-model)' },
  { tag: [tags.definition(tags.function(tags.variableName)), tags.className], color: 'var(--role-data)', fontWeight: '600' },
]);

const look = EditorView.theme({
  '&': { background: 'var(--paper)', color: 'var(--ink)', border: '1px solid var(--edge)', borderRadius: '6px' },
  '&.cm-focused': { outline: '3px solid var(--role-data)', outlineOffset: '1px' },
  '.cm-scroller': { font: 'inherit', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '.6rem 0' },
  '.cm-line': { padding: '0 .75rem' },
  '.cm-activeLine': { background: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'light-dark(#CFE3F3, #2C4A63)',
  },
});

// Tab indents; Escape, then Tab, leaves: that is CodeMirror's own rule.
globalThis.mmlEditor = (parent, text, { run, label, describedBy }) => {
  const runs = { run: () => { run(); return true; } };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of(['Mod-Enter', 'Shift-Enter'].map((key) => ({ key, ...runs })))),
        highlightSpecialChars(), history(), drawSelection(), highlightActiveLine(), indentOnInput(), bracketMatching(),
        indentUnit.of('    '), EditorState.tabSize.of(4), python(), syntaxHighlighting(colours), look,
        EditorView.lineWrapping, // so nothing in it scrolls by itself
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, spellcheck: 'false' }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    write: (code) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } }),
    focus: () => view.focus(),
  };
};
