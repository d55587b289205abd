// Python for the exercises of a page, beside the page, so that a loop without an end stops nobody. A message is
// { before, packages, code }. Answers are { doing } on the way, and at the end { done } with what the answer
// { printed, shown, error }, or with what is { missing } because it could not be fetched, or { broken } here.
const base = new URL('../lite/static/pyodide/', import.meta.url).href;
const NEEDS = ['numpy', 'matplotlib', 'pillow', 'mmlhelpers'];
const ANSWER = `
import traceback
from pyodide.code import eval_code

prepared = {}  # the names of a set-up, so that it runs once

def answer(before, code):
    if before not in prepared:
        names = {"__name__": "__main__"}
        eval_code(before, globals=names)
        prepared[before] = names
    try:
        value = eval_code(code, globals=dict(prepared[before]), filename="answer")
        return "" if value is None else repr(value), ""
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == "answer"]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        return "", (f"line {line}: " if line else "") + "".join(traceback.format_exception_only(error)[-1:]).strip()

answer
`;
const tell = (message) => postMessage(message);
let starting = null;
let printed = [];

async function start() {
  tell({ doing: 'Python is starting.' });
  const { loadPyodide } = await import(`${base}pyodide.mjs`);
  const python = await loadPyodide({ indexURL: base, stderr: () => {} });
  python.setStdout({ batched: (line) => printed.push(line) });
  return { python, run: python.runPython(ANSWER) };
}

// Returns the names of what did not come; Pyodide itself goes on without.
async function fetchPackages(python, wanted) {
  const missing = () => {
    const there = Object.keys(python.loadedPackages).map((name) => name.toLowerCase());
    return wanted.filter((name) => !there.includes(name));
  };
  if (missing().length > 0) {
    tell({ doing: 'NumPy and its like are coming.' });
    await python.loadPackage(missing(), { messageCallback: () => {}, errorCallback: () => {} });
  }
  return missing();
}

async function answer({ before, packages, code }) {
  try {
    starting ??= start().catch((failure) => { starting = null; throw failure; });
    const { python, run } = await starting;
    const missing = await fetchPackages(python, [...NEEDS, ...packages]);
    if (missing.length > 0) return { missing };
    tell({ doing: 'Your answer is running.' });
    printed = [];
    const [shown, error] = run(before, code).toJs();
    return { printed: printed.join('\n'), shown, error };
  } catch (failure) {
    return { broken: String(failure.message ?? failure).trim().split('\n').at(-1) };
  }
}

onmessage = async ({ data }) => { tell({ done: true, ...await answer(data) }); };
