/**
 * A gallery of the panel: `states.html#<state>&theme=dark&lang=de&width=320&height=640` shows one state, and
 * `states.html` alone lists them all. There is no call behind it: a script plays the coach.
 */
import { SCENES } from "./states/scenes.js";
import { isLook, type Look, showScene } from "./states/stage.js";

const place = document.querySelector("#stage") as HTMLElement;

async function show(): Promise<void> {
  const [name = "", ...rest] = location.hash.slice(1).split("&");
  const wishes = new URLSearchParams(rest.join("&"));
  const scene = SCENES[name];
  if (!scene) {
    place.replaceChildren(index());
    return;
  }
  const theme = wishes.get("theme") ?? "auto";
  const look: Look = { theme: isLook(theme) ? theme : "auto", lang: wishes.get("lang") ?? "en" };
  place.style.width = `${Number(wishes.get("width") ?? 340)}px`;
  place.style.height = `${Number(wishes.get("height") ?? 640)}px`;
  document.documentElement.style.colorScheme = theme === "light" || theme === "dark" ? theme : "light dark";
  await showScene(scene, place, look);
  document.documentElement.dataset.ready = name;
}

function index(): HTMLElement {
  const list = document.createElement("ul");
  for (const name of Object.keys(SCENES)) {
    const link = document.createElement("a");
    link.href = `#${name}`;
    link.textContent = name.replaceAll("_", " ");
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  return list;
}

addEventListener("hashchange", () => location.reload());
void show();
