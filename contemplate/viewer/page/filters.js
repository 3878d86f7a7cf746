// What is chosen and what is looked for; views redraw themselves when it changes.
const state = { view: null, turn: null, query: "", seat: "", column: "", group: "", status: "" };
const listeners = [];
const FILTERED = ["graph", "timeline", "transcript"];
let haystacks = null;

function searched(number) {
  haystacks ??= new Array(TURNS.length);
  if (haystacks[number] === undefined) {
    const turn = TURNS[number];
    const texts = [turn.id, turn.seat, turn.card, turn.model, turn.brief, turn.failure ? turn.failure[1] : "",
      ...turn.fields.flat(), turn.text === null ? "" : long(turn.text).text];
    haystacks[number] = texts.join("\n").toLowerCase();
  }
  return haystacks[number];
}

function matches(number) {
  const turn = TURNS[number];
  return (state.seat === "" || turn.row === Number(state.seat)) && (state.column === "" || turn.column === Number(state.column))
    && (state.group === "" || turn.group === Number(state.group)) && (state.status === "" || turn.status === state.status)
    && (state.query === "" || searched(number).includes(state.query));
}

const filtering = () => Boolean(state.query || state.seat || state.column || state.group || state.status);

function changed() {
  const output = document.getElementById("count");
  if (output) {
    let count = 0;
    if (filtering()) for (let number = 0; number < TURNS.length; number++) count += matches(number);
    output.textContent = filtering() ? `${count.toLocaleString("en")} of ${plural(TURNS.length, "turn")}` : plural(TURNS.length, "turn");
  }
  for (const listener of listeners) listener();
}

function choice(name, label, options) {
  const select = make("select", { "aria-label": label, "data-filter": name }, make("option", { value: "" }, label),
    options.map(([value, text]) => make("option", { value }, text.length > 60 ? `${text.slice(0, 59)}…` : text)));
  select.addEventListener("change", () => { state[name] = select.value; changed(); });
  return select;
}

function clearFilters() {
  Object.assign(state, { query: "", seat: "", column: "", group: "", status: "" });
  for (const field of document.querySelectorAll("#filters input, #filters select")) field.value = "";
  changed();
}

function restoreFilters(kept) {
  for (const name of ["query", "seat", "column", "group", "status"]) if (typeof kept?.[name] === "string") state[name] = kept[name];
  document.getElementById("search").value = state.query;
  for (const field of document.querySelectorAll("#filters select")) field.value = state[field.dataset.filter];
}

function buildFilters(form) {
  const input = make("input", { type: "search", placeholder: "Search replies  ( / )", "aria-label": "Search replies", id: "search" });
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { state.query = input.value.trim().toLowerCase(); changed(); }, 120);
  });
  const clear = make("button", { type: "button" }, "Clear");
  clear.addEventListener("click", clearFilters);
  form.addEventListener("submit", (event) => event.preventDefault());
  const numbered = (rows, text) => rows.map((row, place) => [place, text(row)]);
  form.append(input,
    choice("seat", "every seat", numbered(DATA.rows, (row) => row.label)),
    choice("column", "every round", numbered(DATA.columns, (column) => column.label)),
    choice("group", `every ${DATA.grouped}`, numbered(DATA.groups, (group) => `${group.letter}: ${group.label}`)),
    choice("status", "every end", [["said", "said"], ["failed", "failed"], ["cancelled", "cancelled"]]),
    clear, make("output", { id: "count" }));
}
