// One turn: what it saw, what came of it, what was read from it; for the panel and for the transcript.
const HOW = { saw: "read", revised: "revised", criticised: "criticised", counted: "counted" };
let followers = null;

function readersOf(number) {
  if (followers === null) {
    followers = TURNS.map(() => []);
    TURNS.forEach((turn, reader) => { for (const [other, kind] of turn.sees) followers[other].push([reader, kind]); });
  }
  return followers[number];
}

const flipsByTurn = new Map(DATA.flips.map((flip) => [flip.after, flip]));
const flipAt = (number) => flipsByTurn.get(number);

function named(number) {
  const turn = TURNS[number];
  return [mark(turn.group), link(number), make("span", { class: "isolated" }, `: ${turn.brief}`)];
}

function sawList(number) {
  const turn = TURNS[number];
  if (!turn.sees.length) return make("p", { class: "note" }, "Nobody's words: it answered by itself.");
  return make("ul", { class: "saw" }, turn.sees.slice(0, 60).map(([other, kind]) => make("li", null, `${HOW[kind]} `, named(other))),
    turn.sees.length > 60 ? make("li", null, `and ${turn.sees.length - 60} more`) : null);
}

function cameList(number) {
  const readers = readersOf(number);
  if (!readers.length) return make("p", { class: "note" }, "Nobody read it.");
  const rows = readers.slice(0, 60).map(([reader, kind]) => {
    const flip = flipAt(reader);
    const went = flip && (flip.read.includes(number) || flip.before === number);
    const change = went ? make("strong", null, ` changed from ${TURNS[flip.before].brief} to ${TURNS[reader].brief}`) : null;
    return make("li", null, `${HOW[kind]} by `, named(reader), change);
  });
  return make("ul", { class: "saw" }, rows, readers.length > 60 ? make("li", null, `and ${readers.length - 60} more`) : null);
}

function metaOf(turn) {
  const column = DATA.columns[turn.column];
  const parts = [turn.seat || "nobody's words", column.label, turn.card && `card ${turn.card}`, turn.model];
  if (turn.tokens[0] + turn.tokens[1]) parts.push(`${turn.tokens[0].toLocaleString("en")} + ${turn.tokens[1].toLocaleString("en")} tokens`);
  if (turn.usd !== null) parts.push(dollars(turn.usd));
  if (turn.cached) parts.push("from the ledger, at no cost");
  else if (turn.span && turn.span[1] > turn.span[0]) parts.push(`${DATA.measured ? "" : "at most "}${seconds(turn.span[1] - turn.span[0])}`);
  if (turn.calls.length > 1) parts.push(`asked ${turn.calls.length} times`);
  if (turn.attempts > turn.calls.length) parts.push(`${plural(turn.attempts, "attempt")} at a call`);
  return parts.filter(Boolean).join(" · ");
}

function fieldsOf(turn) {
  if (!turn.fields.length) return null;
  return make("dl", null, turn.fields.map(([name, value]) => [make("dt", null, name), make("dd", { dir: "auto" }, value)]));
}

function failureOf(turn) {
  if (turn.failure === null) return null;
  return make("p", { class: "failure" }, make("strong", null, `Failed (${turn.failure[0]}). `), turn.failure[1]);
}

function programsOf(turn) {
  return turn.programs.map((program) => make("details", null,
    make("summary", null, `its program ${program.failed ? `failed (${program.failed})` : "and what it printed"}`),
    words(program.code, "pre"), make("p", { class: "note" }, "printed:"), words(program.output, "pre"),
    program.error ? make("p", { class: "failure" }, program.error) : null));
}

function toolsOf(turn) {
  return turn.tools.map((use) => make("details", { class: "tool" },
    make("summary", null, `${use.tool || "a tool"} ${use.failed ? `failed (${use.failed})` : "was called"}, ${seconds(use.seconds)}${use.pure ? "" : ", reaching outside"}`),
    words(use.said, "div"), words(use.arguments, "pre"), make("p", { class: "note" }, "returned:"), words(use.result, "pre"),
    use.error ? make("p", { class: "failure" }, use.error) : null));
}

function lazily(summary, content, attributes) {
  const head = make("summary", null, summary);
  const details = make("details", attributes, head);
  const unfold = () => { if (details.children.length === 1) details.append(...content().flat().filter(Boolean)); };
  head.addEventListener("click", unfold);
  details.addEventListener("toggle", () => { if (details.open) unfold(); });
  return details;
}

function messageOf(message) {
  const parts = message.parts.map((part) => (typeof part === "number" ? words(part, "div")
    : lazily(`${part.title} (${plural(long(part.text).whole, "character")})`, () => words(part.text, "div"))));
  return make("div", { class: "prompt" }, make("div", { class: "role" }, message.role), parts);
}

function promptsOf(turn) {
  if (!turn.calls.length) return null;
  if (!DATA.prompts) return make("p", { class: "note" }, "What it was asked stands in the ledger; a trace file does not have it.");
  return turn.calls.map((call, place) => {
    const which = turn.calls.length > 1 ? ` of call ${place + 1}` : "";
    if (call.prompt === null) return make("p", { class: "note" }, `The prompt${which} is not in the ledger.`);
    return lazily(`prompt${which} as sent to ${call.model || turn.model || "the model"}`, () => call.prompt.map(messageOf));
  });
}

function showPanel(number) {
  const panel = document.getElementById("panel");
  panel.hidden = number === null || state.view === "transcript";
  document.body.classList.toggle("beside", !panel.hidden);
  if (panel.hidden) return;
  const turn = TURNS[number];
  const close = make("button", { class: "close", type: "button", "aria-label": "Close (Esc)" }, "✕");
  close.addEventListener("click", () => choose(null));
  const whole = make("button", { type: "button" }, "Whole turn in the transcript");
  whole.addEventListener("click", () => { open("transcript"); });
  panel.replaceChildren(close, make("h2", null, mark(turn.group), make("span", { class: "isolated" }, turn.id)),
    make("p", { class: "note isolated" }, metaOf(turn)), ...[failureOf(turn)].filter(Boolean),
    make("h3", null, "What it saw"), sawList(number), make("h3", null, "What it said"),
    ...(turn.text === null ? [make("p", { class: "note" }, turn.brief)] : words(turn.text, "div", 1500).filter(Boolean)),
    make("h3", null, "What came of it"), cameList(number), make("p", null, whole));
  panel.scrollTop = 0;
}
