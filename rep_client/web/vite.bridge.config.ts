import { defineConfig } from "vite";

/** The one file a host page loads with a script tag to reach a framed panel; it needs nothing else. */
export default defineConfig({
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry: "src/bridge.ts", name: "Cornerman", formats: ["iife"], fileName: () => "bridge.js" },
    sourcemap: true,
  },
});
