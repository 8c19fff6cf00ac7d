/**
 * Prints what the built package weighs, gzipped, and fails where the panel is over its limit: node tools/size.mjs.
 * A file counts with everything it imports from the package; livekit-client is the embedder's and does not count.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMITS = { "dist/element.js": 20_000, "dist/index.js": 9_000, "dist/bridge.js": 5_000 };

/** A module and all modules of the package it imports, each once. */
function modules(path, seen = new Set()) {
  if (!seen.has(path)) {
    seen.add(path);
    for (const [, next] of readFileSync(path, "utf8").matchAll(/(?:from|import)\s*["'](\.[^"']+)["']/g))
      modules(join(dirname(path), next), seen);
  }
  return seen;
}

let over = false;
for (const [path, limit] of Object.entries(LIMITS)) {
  const bytes = [...modules(path)].reduce(
    (sum, each) => sum + gzipSync(readFileSync(each), { level: 9 }).length,
    0,
  );
  over ||= bytes > limit;
  process.stdout.write(
    `${path}: ${bytes} bytes gzipped, limit ${limit}${bytes > limit ? ": TOO LARGE" : ""}\n`,
  );
}
process.exitCode = over ? 1 : 0;
