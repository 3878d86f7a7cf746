// The claims of an open answer, and its sentences with the claims that they rest on.
function sides(claim, side) {
  const found = claim.stances.filter((stance) => stance.side === side);
  return found.map((stance, place) => [place ? ", " : "", stance.turn === null ? stance.seat : link(stance.turn, stance.seat)]).flat();
}

function claimDetails(claim) {
  const reasons = claim.stances.filter((stance) => stance.reason).map((stance) => make("li", null, make("strong", null, `${stance.seat} (${stance.side}): `), make("span", { class: "isolated" }, stance.reason)));
  const listed = (title, items) => (items.length ? [make("strong", null, title), make("ul", { class: "saw" }, items)] : []);
  return make("details", null, make("summary", null, "who said so, and why"), listed("Whose it is", claim.sources.map((spans) => make("li", null, line(spans)))),
    listed("Reasons", reasons), listed("Checks", claim.checks.map((spans) => make("li", null, line(spans)))));
}

function buildClaims(root) {
  const { claims, sentences, notes } = DATA.claims;
  const rows = claims.map((claim) => [claim.id, [make("span", { class: "isolated" }, claim.text), claimDetails(claim)],
    make("span", { class: `state ${claim.state}` }, claim.state), claim.confidence.toFixed(2), sides(claim, "for"), sides(claim, "against"), make("span", { class: "isolated" }, claim.why)]);
  root.append(...notes.map((note) => make("p", { class: "note isolated" }, note)));
  if (rows.length) root.append(table("The claims of the panel", ["", "claim", "state", "confidence", "for", "against", "why"], rows, [3]));
  if (sentences.length) root.append(make("h2", null, "The answer, sentence by sentence"));
  const known = new Map(claims.map((claim) => [claim.id, claim.text]));
  root.append(...sentences.map((sentence) => make("p", { class: "sentence", dir: "auto" }, sentence.text,
    sentence.claims.map((id) => make("abbr", { title: known.get(id) ?? "no such claim" }, ` [${id}]`)), sentence.flags.map((flag) => make("span", { class: "flag" }, ` — ${flag}`)))));
}
