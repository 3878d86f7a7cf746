// The form: strategies with their parameters, models and caps, as the catalogue of the server has them.
let catalogue = null;
let follows = null;
const KINDS = { "": "as the question asks", number: "a number", choice: "one of several choices", math: "a formula", date: "a date",
  set: "a set", boolean: "yes or no", text: "a short text", open: "an open answer" };
const REACH = { any: "may go anywhere", eu: "stays in the EU", local: "stays on this machine" };
const SHOWN = { "": "as usual", full: "all of them to everybody", digest: "what was found in each part, to everybody",
  split: "to each seat its part, and what was found in the others" };

function field(id, label, input, note) {
  fill(input, { id, "aria-describedby": note ? `${id}-note` : null }, []);
  return make("div", { class: "field" }, make("label", { for: id }, label), input, note ? make("p", { class: "note", id: `${id}-note` }, note) : null);
}

const number = (attributes) => make("input", { type: "number", inputmode: "decimal", min: 0, ...attributes });
const select = (options, chosen) => make("select", null, options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
const atMost = (cap) => (cap === null ? "no cap" : `at most ${cap}`);
const strategy = () => catalogue.strategies[at("strategy").selectedIndex];

function inputOf(name, { default: value }) {
  if (typeof value === "boolean") return make("input", { type: "checkbox", checked: value });
  if (typeof value !== "number") return make("input", { type: "text", value });
  return name === "seats" || Number.isInteger(value) ? number({ value, step: 1 }) : number({ value, step: "any" });
}

function parameterFields() {
  const { parameters, seats } = strategy();
  const fields = Object.entries(parameters).filter(([name]) => name !== "seats");
  at("parameters").replaceChildren(...fields.map(([name, one]) => field(`set-${name}`, name, inputOf(name, one), one.summary)));
  at("parameters").parentElement.hidden = !fields.length;
  const seated = at("seats");
  seated.value = seats;
  seated.disabled = !("seats" in parameters);
}

function strategyChosen() {
  const { summary, paper } = strategy();
  at("summary").textContent = paper ? `${summary} (${paper})` : summary;
  parameterFields();
}

function buildForm() {
  const named = catalogue.strategies.map(({ name }) => [name, name]);
  const kinds = Object.entries(KINDS).filter(([kind]) => !kind || catalogue.answers.includes(kind));
  at("first").replaceChildren(field("strategy", "Strategy", select(named, catalogue.default)), field("seats", "Seats", number({ min: 1, step: 1 })),
    field("kind", "Answer", select(kinds, "")));
  const { budget } = catalogue;
  const choices = field("choices", "Choices, one a line", make("textarea", { rows: 3 }));
  choices.hidden = true;
  at("first").append(choices);
  const group = (title, inside) => make("fieldset", null, make("legend", null, title), inside);
  const models = catalogue.models.map((name) => make("label", { class: "tick" }, make("input", { type: "checkbox", name: "model", value: name }), isolated(name)));
  const further = catalogue.more_models.length ? field("further", "Further models, with commas between", make("input", { type: "text" }), `This server allows ${catalogue.more_models.join(", ")}.`) : null;
  at("settings").replaceChildren(
    group("Settings of the strategy", make("div", { class: "fields", id: "parameters" })),
    group("Models", [make("p", { class: "note" }, `Seats take those that are ticked in turn; none ticked: ${catalogue.panel.join(", ") || "the server's own"}.`), ...models, further]),
    group("Budget", make("div", { class: "fields" },
      field("usd", "US dollars", number({ step: "any", placeholder: atMost(budget.usd) })), field("tokens", "Tokens", number({ step: 1, placeholder: atMost(budget.tokens) })),
      field("calls", "Calls", number({ step: 1, placeholder: atMost(budget.calls) })), field("deadline", "Deadline, seconds", number({ step: "any", placeholder: atMost(budget.seconds) })))),
    group("Question, files and seed", make("div", { class: "fields" }, field("privacy", "The question", select(Object.entries(REACH), "any")),
      field("refine", "Put it more tightly first", make("input", { type: "checkbox" }), "One call more; the run says what became of it."),
      field("focus", "Files are shown", select(Object.entries(SHOWN), ""), "Long ones can be read in parts."),
      field("seed", "Seed", number({ step: 1 }), "The same seed draws the same replies; the ledger has them at no cost."))));
  at("strategy").addEventListener("change", strategyChosen);
  at("kind").addEventListener("change", () => { choices.hidden = at("kind").value !== "choice"; });
  strategyChosen();
}

function changedParameters() {
  const changed = {};
  for (const [name, { default: value }] of Object.entries(strategy().parameters)) {
    const input = at(name === "seats" ? "seats" : `set-${name}`);
    const given = typeof value === "boolean" ? input.checked : typeof value === "number" && input.value !== "" ? Number(input.value) : input.value;
    if (given !== value && given !== "") changed[name] = given;
  }
  return changed;
}

const numeric = (id) => (at(id).value === "" ? null : Number(at(id).value));

async function bodyOfForm() {
  const ticked = [...document.querySelectorAll("input[name=model]:checked")].map((input) => input.value);
  const further = (at("further")?.value ?? "").split(",").map((name) => name.trim()).filter(Boolean);
  const budget = { usd: numeric("usd"), tokens: numeric("tokens"), calls: numeric("calls") };
  const body = { question: at("question").value, strategy: strategy().name, models: [...ticked, ...further], parameters: changedParameters(), budget,
    deadline: numeric("deadline"), privacy: at("privacy").value, refine: at("refine").checked, focus: at("focus").value || null, seed: numeric("seed"),
    after: follows?.run ?? null, documents: await Promise.all(files.map(readFile)) };
  if (at("kind").value) body.answer = at("kind").value;
  if (at("kind").value === "choice") body.choices = at("choices").value.split("\n").map((line) => line.trim()).filter(Boolean);
  return body;
}

function follow(run, question) {
  follows = run === null ? null : { run, question };
  at("follows").hidden = follows === null;
  if (follows === null) return;
  fill(at("follows-what"), { href: `#${run}` }, []).textContent = visible(shortened(question, 120));
  at("question").value = "";
  at("question").focus();
}

async function ask(event) {
  event?.preventDefault();
  if (!at("question").value.trim()) { complain("Write a question first."); at("question").focus(); return; }
  if (!at("ask").reportValidity()) return;
  at("go").disabled = true;
  await attempted(async () => {
    const begun = await post("/api/runs", await bodyOfForm());
    files = [];
    drawFiles();
    follow(null);
    history.pushState(null, "", `#${begun.run}`);
    openRun(begun.run, true);
  });
  at("go").disabled = false;
}
