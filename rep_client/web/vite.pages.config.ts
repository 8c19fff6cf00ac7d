import { defineConfig } from "vite";

const here = (path: string) => decodeURIComponent(new URL(path, import.meta.url).pathname);
const pages = ["index", "rep", "prospect", "frame", "host", "states"];

/**
 * The demo's pages, built into the Python package that serves them. They import the client as a product would; here its
 * name leads to the source. Nothing is inlined: the server's policy lets scripts and styles come from files only.
 */
export default defineConfig({
  root: here("pages"),
  resolve: {
    alias: [
      { find: /^cornerman-client\/element$/, replacement: here("src/element.ts") },
      { find: /^cornerman-client$/, replacement: here("src/index.ts") },
    ],
  },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    outDir: here("../../agent/cornerman/demo/pages"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rolldownOptions: { input: pages.map((name) => here(`pages/${name}.html`)) },
  },
});
