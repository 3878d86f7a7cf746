// The votes: each ballot as it was read, what was merged and why, and what came of it.
function decisionOf(decision, first) {
  const how = decision.winner === null ? "no winner" : decision.winner;
  const rows = decision.tally.map((row) => [[mark(row.group), row.answer], row.votes, row.weight.toFixed(2), row.seats.join(", "), row.note]);
  const noted = decision.tally.some((row) => row.note);
  const heads = ["answer", "votes", "weight", "seats", "beside"];
  const ballots = decision.ballots.map((ballot) => [link(ballot.turn, ballot.seat), [mark(ballot.group), make("span", { class: "isolated" }, ballot.choice)], make("span", { class: "isolated" }, ballot.read)]);
  const merges = decision.merges.map(([answer, into, reason]) => [answer, into, reason]);
  return make("section", null,
    make("h2", null, link(decision.turn, decision.title), first ? " (this one decided)" : null),
    make("p", { class: "isolated" }, make("strong", null, decision.rule), `: ${how} (${decision.figures.map(([name, value]) => `${name} ${value}`).join(", ")})`),
    decision.notes.map((note) => make("p", { class: "note isolated" }, note)),
    rows.length ? table("What it came to", noted ? heads : heads.slice(0, 4), noted ? rows : rows.map((row) => row.slice(0, 4)), [1, 2]) : null,
    ballots.length ? table("What was counted, and how it was read", ["who", "says", "how that was read"], ballots) : null,
    decision.more ? make("p", { class: "note" }, `And ${plural(decision.more, "row")} more; the transcript has every turn.`) : null,
    merges.length ? table("Counted as one answer", ["answer", "counted as", "why"], merges) : make("p", { class: "note" }, "No two answers were merged that are written differently."));
}

function buildVote(root) {
  if (!DATA.decisions.length) root.append(make("p", { class: "note" }, "Nothing was voted on in this run."));
  root.append(...DATA.decisions.map((decision, place) => decisionOf(decision, place === 0)));
}
