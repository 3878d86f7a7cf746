// The data, and what is made of them.
const DATA = JSON.parse(document.getElementById("data").textContent);
const TURNS = DATA.turns;

function long(number) {
  const row = DATA.texts[number];
  return typeof row === "string" ? { text: row, whole: row.length, cut: false } : { text: row[0], whole: row[1], cut: true };
}

function words(number, tag = "div", most = Infinity) {
  const { text, whole, cut } = long(number);
  const shown = text.length > most ? text.slice(0, most) + "…" : text;
  const note = cut ? make("p", { class: "note" }, `Cut short: the whole has ${plural(whole, "character")}; contemplate show prints it.`) : null;
  return [make(tag, { class: "words", dir: "auto", tabindex: text.length > 2000 ? 0 : null }, shown), note];
}

const SIGNS = { sound: "✓", flawed: "✗", unclear: "?" };
const letterOf = (group, sign = "–") => (group === null ? sign : DATA.groups[group].letter);
const mark = (group) => marked(group, letterOf(group), group === null ? "no answer" : DATA.groups[group].label);

const link = (number, text) => make("a", { href: `#turn-${number + 1}`, class: "isolated" }, text ?? TURNS[number].id);
const line = (spans) => spans.map((span) => (span.turn === null ? make("span", { class: "isolated" }, span.text) : link(span.turn, span.text)));
