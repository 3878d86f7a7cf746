// Earlier runs: each can be opened here, and two of them be compared on a page of their own.
let ticked = [];

function drawCompare() {
  if (ticked.length !== 2) at("compare").textContent = ticked.length > 2 ? "Tick two only to compare them." : "Tick two to compare them.";
  else at("compare").replaceChildren(apart(runPath(ticked[0], `/page?beside=${encodeURIComponent(ticked[1])}`), "Compare these two"));
}

function rowOf(row) {
  const question = row.question ?? "a run that waits for its turn";
  const tick = make("input", { type: "checkbox", "aria-label": `Compare: ${shortened(question, 80)} (${row.strategy ?? ""})`, checked: ticked.includes(row.run), disabled: row.live });
  tick.addEventListener("change", () => { ticked = tick.checked ? [...ticked, row.run] : ticked.filter((one) => one !== row.run); drawCompare(); });
  const answer = row.live ? "goes on" : row.answer ?? row.state;
  const told = [row.strategy, row.usd === null || row.usd === undefined ? null : dollars(row.usd), row.created ? new Date(row.created * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }) : null];
  return make("li", { class: row.run === shown?.id ? "current" : null }, tick, make("div", null,
    make("a", { href: `#${row.run}`, class: "isolated", dir: "auto", "aria-current": row.run === shown?.id ? "true" : null }, shortened(question, 120)),
    make("p", { class: "isolated answer-line", dir: "auto" }, shortened(answer ?? "", 90)), make("p", { class: "note" }, told.filter(Boolean).join(" · "))));
}

async function drawList() {
  try {
    const { runs } = await api("/api/runs?limit=40");
    at("list").replaceChildren(...runs.map(rowOf));
    if (!runs.length) at("list").replaceChildren(make("li", { class: "note" }, "None yet."));
    drawCompare();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(error.message);
  }
}
