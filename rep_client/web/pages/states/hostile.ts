/** Cards as somebody would send them who wants the panel to do what it must not. */
import type { Nudge } from "../../src/contract.js";

export const HOSTILE: readonly Partial<Nudge>[] = [
  { id: "1-21", headline: "W".repeat(80), detail: "i\n".repeat(200) },
  {
    id: "1-20",
    kind: "<b>kind</b>",
    headline: '<img src=x onerror="window.broken=1"> <script>window.broken=1</script>',
    detail: `[a link](javascript:alert(1)) <a href="https://example.org">here</a> gnp.exe ${"x".repeat(300)}`,
    because: [
      {
        type: "words",
        speaker: "<i>nobody</i>",
        role: "prospect",
        start: -5,
        end: 1,
        quote: `<mark onclick=x>quote</mark>`,
      },
      { type: "gauge", name: "__proto__", value: 1e9, window: -1 },
    ],
    sources: [{ id: "javascript:alert(1)", title: "<u>source</u>", locator: '"><script>' }],
    action: { id: "x", label: "<button>do it</button>" },
  },
];
