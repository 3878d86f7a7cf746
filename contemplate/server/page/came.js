// What comes of a run: the answer, where the seats stand or how they voted, who changed, the claims, and what was noted.
const inOrder = (one, two) => one.localeCompare(two, "en", { numeric: true });
const named = (seats) => [...seats].sort(inOrder).map((seat, place) => [place ? ", " : "", make("span", { class: seat.length < 20 ? "whole-name" : null }, seat)]);

function answerCard(run) {
  const { outcome } = run;
  const card = make("div", { class: "card", id: "answer" }, make("h3", null, "Answer"));
  const text = outcome.answer;
  const long = text !== null && text.length > 120;
  card.append(text === null ? make("p", { class: "failure" }, "There is no answer.") : make("div", { class: `words answer${long ? " long" : ""}`, dir: "auto", tabindex: -1, id: "answered" }, text));
  const decision = outcome.decision;
  const told = [];
  if (text !== null && outcome.confidence !== null) told.push(`confidence ${outcome.confidence.toFixed(2)}`);
  if (decision) told.push(decision.rule);
  if (outcome.stopped !== "completed") told.push(`stopped: ${outcome.stopped}`);
  if (outcome.detail) told.push(outcome.detail);
  card.append(make("p", { class: "verdict isolated" }, told.join(" · ")));
  return card;
}

function bar(run, group, label, votes, most, seats) {
  const drawn = make("div", { class: `bar b${group === null ? "x" : colour(group.place)}` });
  drawn.style.width = `${Math.max(100 * votes / most, 1)}%`;
  return [make("div", { class: "isolated", dir: "auto" }, group === null ? null : run.groups.mark(group), shortened(label, 120)), drawn,
    make("div", { class: "note count isolated" }, `${votes}${seats.length ? " · " : ""}`, named(seats))];
}

// Before the vote, where each seat stands now; then how it was counted.
function barsOf(run) {
  const decision = run.outcome?.decision ?? run.decision;
  if (run.open && !decision) return null;
  let rows;
  if (decision) rows = decision.tally.map((row) => [run.groups.called(row.answer), row.answer, row.votes, row.seats]);
  else {
    const held = new Map();
    for (const [seat, turn] of run.stands) {
      const group = run.groups.of(turn);
      held.set(group, [...held.get(group) ?? [], seat]);
    }
    rows = [...held].sort(([one], [two]) => one.place - two.place).map(([group, seats]) => [group, group.label, seats.length, seats]);
  }
  if (!rows.length || (run.open && rows.length < 2)) return null;
  const most = Math.max(...rows.map(([, , votes]) => votes), 1);
  const title = decision ? `The vote, by ${decision.rule}` : "Where the seats stand";
  return make("section", { id: "vote", "aria-label": title }, make("h3", null, title),
    make("div", { class: "bars" }, rows.map(([group, label, votes, seats]) => bar(run, group, label, votes, most, seats))));
}

function changesOf(run) {
  if (!run.changes.length) return null;
  const rows = run.changes.map(({ seat, before, after, read }) => make("li", null, make("strong", { class: "isolated" }, seat), ": ",
    run.groups.mark(run.groups.of(before)), isolated(shortened(before.answer.text, 80)), make("span", { "aria-label": "became" , role: "img" }, " → "),
    run.groups.mark(run.groups.of(after)), isolated(shortened(after.answer.text, 80)),
    make("span", { class: "note" }, ` in ${after.id}${read.length ? `, having read it from ` : ""}`, named(read))));
  return make("section", { id: "changes", "aria-label": "Who changed their mind" }, make("h3", null, "Who changed their mind"), make("ul", null, rows));
}

function claimsOf(run) {
  if (!run.claims.length) return null;
  const by = (claim, side) => claim.stances.filter((one) => one.side === side).map((one) => one.seat);
  const rows = run.claims.map((claim) => [isolated(claim.text), make("span", { class: `state ${claim.state}` }, claim.state), claim.confidence === null || claim.confidence === undefined ? "" : claim.confidence.toFixed(2),
    named(by(claim, "for")), named(by(claim, "against")), isolated(claim.why ?? "")]);
  return make("section", { id: "claims", "aria-label": "Claims" }, make("h3", null, "Claims"), table("What the panel claims, and how each claim stands", ["claim", "state", "confidence", "for", "against", "why"], rows, [2]));
}

function notesOf(run) {
  if (!run.notes.length) return null;
  const shown = run.notes.slice(-20);
  return make("section", { id: "notes", "aria-label": "Notes" }, make("h3", null, "Notes"),
    make("ul", null, shown.map((text) => make("li", { class: "isolated" }, text))), run.notes.length > 20 ? make("p", { class: "note" }, `And ${run.notes.length - 20} before.`) : null);
}

function linksOf(run) {
  const { id } = run;
  const again = make("button", { type: "button", id: "follow-up", class: "primary" }, "Ask a follow-up");
  again.addEventListener("click", () => follow(id, run.question.text));
  const saved = (rest, name, text) => make("a", { href: runPath(id, rest), download: name }, text);
  return make("p", { class: "tools" }, run.outcome?.answer ? again : null, apart(runPath(id, "/page"), "Trace page"),
    run.outcome ? saved("/markdown", `${id}.md`, "Markdown") : null, saved("", `${id}.json`, "JSON"));
}
