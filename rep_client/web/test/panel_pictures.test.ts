/** Every state of the gallery has a picture in docs/panel, and no picture shows a state that is gone. */
import { expect, test } from "vitest";
import { SCENES } from "../pages/states/scenes.js";

const pictures = Object.keys(import.meta.glob("../../../docs/panel/*.png"));

test("every state has a picture, and every picture a state", () => {
  const shown = new Set(pictures.map((path) => path.replace(/^.*\/|-[a-z]+\.png$/g, "")));
  expect([...shown].sort()).toEqual(Object.keys(SCENES).sort());
});
