// How elements are made: whatever anybody said is set as text, never as markup, and what would not be seen is shown as its number.
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 7;

const UNSEEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const visible = (text) => text.replace(/\r\n?/g, "\n").replace(UNSEEN, (one) => `⟨U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

const READ = new Set(["aria-label", "title", "placeholder"]);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : READ.has(name) ? visible(String(value)) : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child instanceof Node ? child : visible(String(child)));
  }
  return element;
}

const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const seconds = (value) => (value < 10 ? `${value.toFixed(2)} s` : `${value.toFixed(1)} s`);
const dollars = (value) => (value ? `$${value < 0.01 ? value.toPrecision(2) : value.toFixed(4)}` : "$0");

const colour = (group) => (group === null ? "n" : group < COLOURS ? String(group) : "x");

const SHAPES = [
  null, "2,2 22,2 22,22 2,22", "12,0 24,12 12,24 0,12", "12,0 24,22 0,22", "6,1 18,1 24,12 18,23 6,23 0,12", "0,2 24,2 12,24",
  "12,0 24,9 19.5,23 4.5,23 0,9",
];

function shape(group, extra) {
  const attributes = { class: `shape g${colour(group)}`, ...extra };
  const points = group === null || group >= COLOURS ? null : SHAPES[group];
  return points ? draw("polygon", { points, ...attributes }) : draw("circle", { cx: 12, cy: 12, r: 11, ...attributes });
}

function lettered(group, letter) {
  const low = group === 3 ? 19 : group === 5 ? 14 : 16.5;
  return [shape(group), draw("text", { class: `letter t${colour(group)}`, x: 12, y: low }, letter)];
}

const marked = (group, letter, label) => draw("svg", { class: "mark", viewBox: "-1 -1 26 26", role: "img", "aria-label": label }, lettered(group, letter));

function table(caption, heads, rows, numbers = []) {
  const kind = (place) => (numbers.includes(place) ? "number" : null);
  const head = make("tr", null, heads.map((name, place) => make("th", { scope: "col", class: kind(place) }, name)));
  const body = rows.map((row) => make("tr", null, row.map((cell, place) => make("td", { class: kind(place), dir: "auto" }, cell))));
  return make("div", { class: "table", role: "region", "aria-label": caption, tabindex: 0 },
    make("table", null, make("caption", null, caption), make("thead", null, head), make("tbody", null, body)));
}
