/**
 * The few verbs the panel builds its tree with. Text goes in as text nodes only; there is no way here to make markup of
 * a string.
 */

type Child = Node | string;
type Attributes = Readonly<Record<string, string>>;

/** A new element. `class` and `part` are attributes like any other; an empty value sets a bare attribute. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that does `press`; a string child is its label, an icon needs `aria-label`. */
export function button(
  attributes: Attributes,
  press: () => void,
  ...children: readonly Child[]
): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", press);
  return made;
}

/** A button that shows an icon and is called `label`. */
export function iconButton(
  name: IconName,
  label: string,
  attributes: Attributes,
  press: () => void,
): HTMLButtonElement {
  const named = { "aria-label": label, title: label, ...attributes };
  return button({ ...named, class: `icon ${attributes.class ?? ""}` }, press, icon(name));
}

/** Sets text only where it differs, so that an update that changes nothing costs no layout. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or removes an attribute only where it differs. */
export function setAttribute(node: Element, name: string, value: string | null): void {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/** Puts nodes into this order, at the end of `parent`. Those that stand right already are not touched. */
export function arrange(parent: Element, nodes: readonly HTMLElement[]): void {
  let before: HTMLElement | null = null;
  for (const node of nodes.toReversed()) {
    place(parent, node, before);
    before = node;
  }
}

/** Puts a node into its place. The focus stays where it is, also inside the node. */
export function place(parent: Element, node: Element, before: Element | null): void {
  if (node.parentNode === parent && node.nextElementSibling === before) return;
  const root = node.getRootNode();
  const focused = root instanceof ShadowRoot ? root.activeElement : null;
  parent.insertBefore(node, before);
  if (focused && node.contains(focused)) (focused as HTMLElement).focus({ preventScroll: true });
}

const ICONS = {
  live: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM4.2 4.2a5.4 5.4 0 0 0 0 7.6m7.6 0a5.4 5.4 0 0 0 0-7.6",
  quiet: "M13 9.6A5.4 5.4 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.6Z",
  off: "M8 2.5v5M4.8 4.2a5 5 0 1 0 6.4 0",
  pin: "M6 2.5h4l-.5 4 2 2.5h-7l2-2.5zM8 9v4.5",
  close: "m4.5 4.5 7 7m0-7-7 7",
  down: "m4.5 6.5 3.5 3.5 3.5-3.5",
  send: "M8 12.5v-9M4.5 7 8 3.5 11.5 7",
  notes: "M4 3h8v10H4zM6.5 6h3M6.5 8.5h3",
  keys: "M2.5 4.5h11v7h-11zM5 7h.01M8 7h.01M11 7h.01M5.5 9.5h5",
  check: "m3.5 8.5 3 3 6-7",
} as const;

export type IconName = keyof typeof ICONS;

/** A 16 px icon drawn with a line in the current colour; hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI ?? "", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A box that was ticked or not: a sign for the eye, a word for the ear. */
export function tick(is: boolean, done: string, open: string): HTMLElement {
  const box = el("span", { class: is ? "tick done" : "tick", role: "img", "aria-label": is ? done : open });
  if (is) box.append(icon("check"));
  return box;
}
