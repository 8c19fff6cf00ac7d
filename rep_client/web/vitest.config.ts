import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** Unit tests run in a real Chromium: the one CHROMIUM names. */
const executablePath = process.env.CHROMIUM;
if (!executablePath)
  throw new Error("CHROMIUM must name a Chromium browser: `make test` finds or installs one");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    allowOnly: false,
    passWithNoTests: false,
    testTimeout: 20_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});
