/** Resolves once what was changed by now has been painted: after the next frame, at once where nothing is painted. */
export function painted(): Promise<void> {
  if (document.visibilityState === "hidden") return Promise.resolve();
  // The frame's callback runs before its paint; the task after it runs behind it.
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
