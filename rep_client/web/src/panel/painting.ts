/**
 * Tells when the frame with a change was really painted: the browser's next animation frame, and then a message that
 * is handled only after that frame. A page that is hidden stalls its frames, so a hidden page is an answer of its own,
 * and so is a frame that does not come.
 */

/** A frame later than this, in milliseconds, was not seen in time; less than what the client waits for. */
const LATEST = 900;

let after: MessageChannel | null = null;
const painted: (() => void)[] = [];

/** Resolves to true once what was changed so far is on the screen, to false if the page is hidden or draws nothing. */
export function onScreen(): Promise<boolean> {
  if (document.hidden) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (seen: boolean) => {
      clearTimeout(late);
      cancelAnimationFrame(frame);
      document.removeEventListener("visibilitychange", gone);
      resolve(seen);
    };
    const gone = () => settle(false);
    const late = setTimeout(gone, LATEST);
    const frame = requestAnimationFrame(() => afterFrame(() => settle(!document.hidden)));
    document.addEventListener("visibilitychange", gone);
  });
}

function afterFrame(then: () => void): void {
  if (!after) {
    after = new MessageChannel();
    after.port1.onmessage = () => {
      for (const one of painted.splice(0)) one();
    };
  }
  // Several cards of one frame share the message.
  if (painted.push(then) === 1) after.port2.postMessage(null);
}
