// A run on the page: followed while it goes, or told once more from what is kept of it.
let shown = null;
const LAST = ["run_ended", "run_failed", "run_stopped"];

class Run {
  constructor(id) {
    Object.assign(this, { id, turns: new Map(), stands: new Map(), changes: [], claims: [], notes: [], question: { text: "", documents: [], attachments: [] }, open: false,
      groups: new Groups(false), outcome: null, decision: null, usage: null, state: "waiting", problem: null, waiting: new Set(), began: null, at: 0, fresh: false });
    this.board = new Board(this);
  }

  take(event) {
    this.at = event.at ?? this.at;
    const does = this[event.type];
    if (does) does.call(this, event);
    else if (event.message) this.notes.push(event.seat ? `${event.seat}: ${event.message}` : event.message);
    drawSoon();
  }

  run_started(event) {
    this.question = event.question;
    this.open = event.question.kind === "open";
    this.groups = new Groups(this.open);
    Object.assign(this, { strategy: event.strategy, models: event.models, state: "running", began: performance.now() - 1000 * this.at });
  }

  turn_started({ id, seat, model, sees }) {
    this.turns.set(id, { id, seat, model, sees, said: "", ended: null });
    this.waiting.add(id);
  }

  turn_delta({ id, text }) {
    const turn = this.turns.get(id);
    if (!turn) return;
    turn.said += text;
    this.waiting.add(id);
  }

  turn_ended({ turn, usage }) {
    this.turns.set(turn.id, { id: turn.id, seat: turn.seat, model: turn.model, said: "", ended: turn });
    this.waiting.add(turn.id);
    this.usage = usage ?? this.usage;
    this.groups.of(turn);
    if (turn.decision && turn.decision.winner !== null) this.decision = turn.decision;
    if (turn.found?.claims?.length) this.claims = turn.found.claims;
    if (turn.answer && turn.seat && !this.open) this.stand(turn);
  }

  stand(turn) {
    this.board.card(turn.id, turn.seat);
    if (!this.board.seats.includes(turn.seat)) return;
    const before = this.stands.get(turn.seat);
    this.stands.set(turn.seat, turn);
    if (!before) return say(`${turn.seat} says ${turn.brief}`);
    if (before.answer.value === turn.answer.value) return;
    const saw = (turn.sees ?? []).map(([id]) => this.turns.get(id)?.ended).filter((one) => one?.answer?.value === turn.answer.value && one.seat !== turn.seat);
    this.changes.push({ seat: turn.seat, before, after: turn, read: [...new Set(saw.map((one) => one.seat))] });
    say(`${turn.seat} changes from ${before.brief} to ${turn.brief}`);
  }

  run_ended({ outcome }) {
    Object.assign(this, { outcome, state: "finished", usage: outcome.usage ?? this.usage });
    if (outcome.claims?.length) this.claims = outcome.claims;
    this.groups.settle([...this.turns.values()].map((turn) => turn.ended).filter(Boolean), this.decision?.value ?? null);
    for (const id of this.turns.keys()) this.waiting.add(id);
    say(outcome.answer === null ? "There is no answer" : `The answer: ${shortened(outcome.answer, 300)}`);
  }

  ended(state, { error }) {
    Object.assign(this, { state, problem: error?.message ?? state });
    for (const [id, turn] of this.turns) if (!turn.ended) { this.turns.delete(id); this.board.cards.get(id)?.remove(); }
    this.waiting.clear();
    say(this.problem);
  }

  run_failed(event) { this.ended("failed", event); }

  run_stopped(event) { this.ended("stopped", event); }

  get over() { return ["finished", "failed", "stopped"].includes(this.state); }
}

let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; if (shown) drawRun(shown); });
}

function factsOf(run) {
  const usage = run.usage ?? {};
  const past = run.over ? usage.seconds ?? null : run.began === null ? 0 : (performance.now() - run.began) / 1000;
  const tokens = (usage.prompt_tokens ?? 0) + (usage.completion_tokens ?? 0);
  return [["state", run.state], ["time", past === null ? "–" : seconds(past)], ["calls", (usage.calls ?? 0).toLocaleString("en")],
    ["tokens", tokens.toLocaleString("en")], ["cost", usage.usd === null || usage.usd === undefined ? "not known" : dollars(usage.usd)]];
}

const drawFacts = (run) => at("facts")?.replaceChildren(...factsOf(run).map(([name, value]) => make("div", null, make("dt", null, name), make("dd", null, value))));

function drawRun(run) {
  for (const id of run.waiting) run.board.draw(run.turns.get(id));
  run.waiting.clear();
  at("asked").textContent = visible(run.question.text || "…");
  const besides = [...run.question.documents ?? [], ...run.question.attachments ?? []].map((one) => one.name);
  at("panel-line").textContent = visible([run.strategy, (run.models ?? []).join(", "), besides.length ? `with ${besides.join(", ")}` : null].filter(Boolean).join(" · "));
  drawFacts(run);
  at("stop").hidden = run.over;
  if (run.over && document.activeElement === at("stop")) at("asked").focus();
  at("came").replaceChildren(...[run.problem ? make("p", { class: "failure" }, run.problem) : null, run.outcome ? answerCard(run) : null,
    run.over ? linksOf(run) : null, barsOf(run), changesOf(run), claimsOf(run), notesOf(run)].filter(Boolean));
}

async function stop() {
  at("stop").disabled = true;
  await attempted(() => api(runPath(shown.id), { method: "DELETE" }));
  at("stop").disabled = false;
}

let source = null;
function openRun(id, fresh = false) {
  source?.close();
  const run = new Run(id);
  Object.assign(run, { fresh });
  shown = run;
  const halt = make("button", { type: "button", id: "stop" }, "Stop");
  halt.addEventListener("click", stop);
  at("run").replaceChildren(make("h2", { id: "asked", tabindex: -1, class: "isolated", dir: "auto" }, "…"), make("p", { class: "note isolated", id: "panel-line" }),
    make("div", { class: "tools" }, make("dl", { id: "facts" }), halt), make("div", { id: "came" }), make("h3", null, "The seats, side by side"), run.board.element);
  at("run").hidden = at("to-run").hidden = false;
  at("asked").focus();
  at("run").scrollIntoView();
  drawRun(run);
  listen(run);
  drawList();
}

function listen(run) {
  source = new EventSource(runPath(run.id, "/events"));
  const own = source;
  own.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    run.take(event);
    if (!LAST.includes(event.type)) return;
    own.close();
    drawList();
  });
  own.addEventListener("error", () => {
    if (own.readyState !== EventSource.CLOSED) return;
    complain(`Run ${run.id} can't be followed: there is no such run here, or the server wants a token.`);
  });
}

setInterval(() => { if (shown && !shown.over) drawFacts(shown); }, 250);
