// Runs the core's tests in a real MicroPython: node tests/core/micropython.mjs [FILE.py…]
//
// Each file gets an interpreter of its own with a heap of 128 KiB, with firmware_py/core and the files beside this one
// in its file system, and every test_* function is called. One line a failure and one a file; the exit status is 1 if
// anything failed, 2 if it could not be run. The heap of this port grows where a real one ends, and within one call it
// collects nothing: so what must fit in 128 KiB is all of the core and the file's tests, loaded, after a collection.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HEAP_BYTES = 128 * 1024;
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(path.dirname(here));

let loadMicroPython;
try {
  ({ loadMicroPython } = await import("@micropython/micropython-webassembly-pyscript/micropython.mjs"));
} catch {
  console.error("MicroPython is missing: run 'scripts/setup test' (or 'npm ci') and try again.");
  process.exit(2);
}

const HARNESS = `
import gc, io, sys

def _load(name):
    global _module, _tests
    _module = __import__(name)
    _tests = sorted([key for key in dir(_module) if key.startswith("test_") and callable(getattr(_module, key))])
    return ",".join(_tests)

def _run(key):
    try:
        getattr(_module, key)()
    except BaseException as error:
        trace = io.StringIO()
        sys.print_exception(error, trace)
        return trace.getvalue()
    return ""

def _heap_bytes():  # the port counts what it might still grow by as free: only differences mean something
    return gc.mem_alloc() + gc.mem_free()
`;

async function run(file) {
  const name = path.basename(file, ".py");
  const mp = await loadMicroPython({ heapsize: HEAP_BYTES, stdout: (line) => console.error(line) });
  const ask = (expression) => {
    mp.runPython(`_answer = ${expression}`);
    return mp.globals.get("_answer");
  };
  for (const folder of ["/firmware_py", "/firmware_py/core", "/tests"]) mp.FS.mkdir(folder);
  for (const inner of ["firmware_py/__init__.py", ...fs.readdirSync(path.join(root, "firmware_py/core"))
    .filter((one) => one.endsWith(".py")).map((one) => `firmware_py/core/${one}`)])
    mp.FS.writeFile(`/${inner}`, fs.readFileSync(path.join(root, inner)));
  for (const inner of fs.readdirSync(here).filter((one) => /\.(py|json)$/.test(one)))
    mp.FS.writeFile(`/tests/${inner}`, fs.readFileSync(path.join(here, inner)));
  mp.FS.writeFile(`/tests/${name}.py`, fs.readFileSync(file));
  mp.runPython(HARNESS);
  mp.runPython("sys.path.append('/tests')");
  const bytes = ask("_heap_bytes()");
  for (const inner of fs.readdirSync(path.join(root, "firmware_py/core")).filter((one) => /^[a-z]+\.py$/.test(one)))
    mp.runPython(`import firmware_py.core.${path.basename(inner, ".py")}`);
  let tests;
  try {
    tests = ask(`_load("${name}")`).split(",").filter(Boolean);
  } catch (error) {
    console.log(`FAIL ${name}: cannot be loaded: ${String(error.message ?? error).trim().split("\n").pop()}`);
    return 1;
  }
  if (!tests.length) {
    console.log(`FAIL ${name}: has no tests`);
    return 1;
  }
  mp.runPython("gc.collect()");
  let failed = 0, passed = 0;
  const used = ask("gc.mem_alloc()");
  if (used > HEAP_BYTES || ask("_heap_bytes()") > bytes) {
    console.log(`FAIL ${name}: the core and these tests need more than ${HEAP_BYTES / 1024} KiB`);
    failed += 1;
  }
  for (const test of tests) {
    mp.runPython("gc.collect()");
    const trace = ask(`_run("${test}")`);
    if (!trace) passed += 1;
    else {
      failed += 1;
      console.log(`FAIL ${name}.${test}: ${trace.trim().split("\n").slice(-2).map((line) => line.trim()).join(" | ")}`);
    }
  }
  console.log(`${name}: ${passed} of ${tests.length} passed, ${Math.round(used / 1024)} KiB in use`);
  return failed;
}

const asked = process.argv.slice(2);
const files = asked.length ? asked
  : fs.readdirSync(here).filter((one) => /^test_.*\.py$/.test(one) && one !== "test_on_micropython.py").sort()
    .map((one) => path.join(here, one));
let failed = 0;
for (const file of files) failed += await run(file);
process.exit(failed ? 1 : 0);
