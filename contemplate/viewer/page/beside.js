// Another run beside this one: what came of both, what was set otherwise, and every turn that they do not share.
function besideTurn(turn, here, there) {
  const side = (name, brief, text) => make("div", { class: "side" }, make("p", { class: "note" }, name),
    brief === null ? make("p", { class: "note" }, "This run has no such turn.") : make("p", { class: "isolated" }, make("strong", null, brief)),
    text === null ? null : words(text));
  const changed = turn.fields.length ? `differs in ${turn.fields.join(", ")}` : "only one run has it";
  return make("article", { class: "turn pair", "aria-label": turn.id },
    make("h3", { class: "isolated" }, turn.turn === null ? turn.id : link(turn.turn, turn.id), make("span", { class: "note" }, ` ${changed}`)),
    make("div", { class: "sides-by-side" }, side(here, turn.this, turn.texts[0]), side(there, turn.other, turn.texts[1])));
}

function buildBeside(root) {
  const { run, sides, settings, turns, more } = DATA.beside;
  const rows = sides.slice(1); // the first is the names of the runs
  const named = (list) => list.map(([name, ...pair]) => [make("span", { class: "name" }, name), ...pair.map((cell) => make("span", { class: "isolated" }, cell))]);
  root.append(table("What came of them", ["", `here: ${DATA.run}`, `there: ${run}`], named(rows)));
  root.append(settings.length ? table("Set otherwise", ["setting", "here", "there"], named(settings)) : make("p", { class: "note" }, "Nothing was set otherwise."));
  root.append(make("h2", null, `${plural(turns.length + more, "turn")} ${turns.length + more === 1 ? "differs" : "differ"}`));
  root.append(...turns.map((turn) => besideTurn(turn, `here: ${DATA.run}`, `there: ${run}`)));
  if (more) root.append(make("p", { class: "note" }, `And ${plural(more, "turn")} more; contemplate diff ${DATA.run} ${run} --json counts them all.`));
}
