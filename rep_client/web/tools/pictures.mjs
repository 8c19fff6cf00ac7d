/**
 * Takes the pictures of docs/panel: states of the panel's gallery in a real Chromium, with a table that lists them.
 * CHROMIUM names the browser. `node tools/pictures.mjs [state ...]` takes those states only and leaves the table alone.
 */
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { createServer } from "vite";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const PICTURES = fileURLToPath(new URL("../../../docs/panel/", import.meta.url));
const LARGEST = 60 * 1024;
const BOTH = ["light", "dark"];

/** State, themes, what to look at, and how it differs from 340 by 640 px in English. */
const SHOTS = [
  ["consent", BOTH, "before anybody is heard: what to read out, who waits"],
  ["consent_late", ["light"], "somebody came late"],
  ["listening", BOTH, "nothing to say"],
  ["card", BOTH, "a card: the words that fired it, its source"],
  ["thinking", ["light"], "the prepared words stand while a model thinks"],
  ["streaming", ["light"], "words arrive; nothing below moves"],
  ["advice", BOTH, "a grounded card with one action"],
  ["answer", ["dark"], "an answer to the rep's question"],
  ["compliance", ["light"], "what must be said at once"],
  ["stack", BOTH, "earlier cards, one pinned"],
  ["row_open", ["dark"], "an earlier card opened"],
  ["stale", ["light"], "a card past its time"],
  ["people", BOTH, "who is heard, who is not and why"],
  ["people_sure", ["light"], "consent taken back"],
  ["course", BOTH, "how the call stands, opened"],
  ["source", ["light"], "a source, read in place"],
  ["notes", ["dark"], "notes so far"],
  ["keys", ["light"], "the keyboard"],
  ["quiet", ["light"], "quiet"],
  ["off", ["dark"], "off"],
  ["lost", ["light"], "the coach fell silent"],
  ["elsewhere", ["dark"], "the call is open in another tab"],
  ["discreet_why", BOTH, "the screen is shared: a dot, and why", { height: 240 }],
  ["card", ["contrast"], "high contrast"],
  ["german", ["light"], "in German, as narrow as it goes", { lang: "de", width: 280 }],
  ["hostile", ["light"], "markup, links and endless words stay text"],
  ["connecting", ["light"], "the room is being joined"],
  ["no_coach", ["light"], "joined, and no coach yet"],
  ["consent_late_open", ["light"], "telling somebody who came late"],
  ["consent_theirs", ["light"], "everybody is asked by the meeting itself"],
  ["ask", ["light"], "a question being asked"],
  ["gauge", ["light"], "a card that a measure caused"],
  ["screen", ["dark"], "a card about what is on the screen"],
  ["withdrawn", ["light"], "a card taken back leaves no words"],
  ["failed", ["light"], "something did not reach the coach"],
  ["rules_only", ["light"], "no model: the playbook's own cards"],
  ["reconnecting", ["light"], "the connection is being made anew"],
  ["closed", ["dark"], "the call is over"],
  ["discreet", ["light"], "the dot by itself", { height: 240 }],
];

const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM must name a Chromium browser");
const wanted = process.argv.slice(2);
const server = await createServer({
  root: WEB,
  configFile: false,
  logLevel: "warn",
  optimizeDeps: { noDiscovery: true },
  server: { host: "127.0.0.1", port: 5199, strictPort: false, hmr: false },
});
await server.listen();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--hide-scrollbars"] });
const rows = [];
let address = "";
try {
  address = `${server.resolvedUrls.local[0]}pages/states.html`;
  await mkdir(PICTURES, { recursive: true });
  const stale = new Set((await readdir(PICTURES)).filter((name) => name.endsWith(".png")));
  for (const [state, themes, what, { lang = "en", width = 340, height = 640 } = {}] of SHOTS) {
    if (wanted.length && !wanted.includes(state)) continue;
    for (const theme of themes) {
      const name = `${state}-${theme}.png`;
      let size = LARGEST + 1;
      // As sharp as a small file allows.
      for (let scale = 1.5; size > LARGEST; scale -= 0.25) {
        if (scale < 1) throw new Error(`${name} has ${size} bytes, more than ${LARGEST}`);
        size = await take(state, theme, name, { lang, width, height, scale });
      }
      stale.delete(name);
      rows.push([state, theme, what, name]);
      process.stdout.write(`${name} ${(size / 1024).toFixed(1)} kB\n`);
    }
  }
  if (!wanted.length) {
    for (const name of stale) await rm(PICTURES + name);
    await writeFile(`${PICTURES}README.md`, table(rows));
  }
} finally {
  await browser.close();
  await server.close();
}

/** Takes one picture; its size in bytes. */
async function take(state, theme, name, { lang, width, height, scale }) {
  const context = await browser.newContext({
    viewport: { width: width + 48, height: height + 48 },
    deviceScaleFactor: scale,
    colorScheme: theme === "dark" ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(`${address}#${state}&theme=${theme}&lang=${lang}&width=${width}&height=${height}`);
  await page.waitForSelector("html[data-ready]");
  await page.screenshot({ path: PICTURES + name });
  await context.close();
  return (await stat(PICTURES + name)).size;
}

function table(rows) {
  const lines = rows.map(
    ([state, theme, what, name]) =>
      `| ${state.replaceAll("_", " ")} | ${theme} | ${what} | ![${state}](${name}) |`,
  );
  return [
    "# The panel in pictures",
    "",
    "Taken by `node tools/pictures.mjs` in `rep_client/web`, with `CHROMIUM` naming the browser; the states are those of",
    "`pages/states.html`, where every state can be tried.",
    "",
    "| state | theme | what it shows | |",
    "|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}
