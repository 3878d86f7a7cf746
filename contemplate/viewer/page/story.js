// The story: question, answer, tally, and what happened, in words.
function bars(rows) {
  const most = Math.max(...rows.map((row) => row.votes), 1);
  return make("div", { class: "bars" }, rows.slice(0, 30).map((row) => {
    const bar = make("div", { class: `bar b${colour(row.group)}` });
    bar.style.width = `${(100 * row.votes) / most}%`;
    const who = row.seats.length > 8 ? `${row.seats.slice(0, 8).join(", ")} …` : row.seats.join(", ");
    return [make("div", { dir: "auto" }, mark(row.group), make("span", { class: "isolated" }, row.answer)), make("div", null, bar),
      make("div", { class: "count" }, `${plural(row.votes, "vote")} `, make("span", { class: "note" }, who, row.note ? ` (${row.note})` : ""))];
  }));
}

function facts() {
  return make("dl", null, DATA.facts.map(([name, value]) => [make("dt", null, name), make("dd", { dir: "auto" }, value)]));
}

function buildStory(root) {
  const answer = DATA.answer === null ? "No answer" : long(DATA.answer).text;
  const size = DATA.grouped === "verb" || answer.length > 80 || answer.includes("\n") ? "answer long" : "answer";
  const asked = long(DATA.question).text;
  const confidence = DATA.confidence === null ? null : `Confidence ${DATA.confidence.toFixed(2)}. `;
  if (asked !== DATA.title) root.append(make("section", { class: "card asked", "aria-label": "Question" }, make("h2", null, "Question"), words(DATA.question)));
  root.append(make("div", { class: DATA.tally.length ? "hero" : "hero whole" },
    make("section", { class: "card", "aria-label": "Answer" }, make("h2", null, "Answer"),
      make("div", { class: size }, DATA.answer === null ? answer : words(DATA.answer)),
      make("p", { class: "verdict" }, confidence ? make("strong", null, confidence) : null, make("span", { class: "isolated" }, DATA.verdict))),
    DATA.tally.length ? make("section", { class: "card", "aria-label": "Votes" }, make("h2", null, "Votes"), bars(DATA.tally)) : null));
  root.append(...attachmentCards());
  const told = DATA.story.map((part) => [make("h2", null, part.title), make("ul", null, part.lines.map((spans) => make("li", null, line(spans))))]);
  root.append(make("div", { class: "story" }, told), make("h2", null, "The run"), facts());
}
