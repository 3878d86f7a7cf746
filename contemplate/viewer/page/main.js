// Views, addresses and keys.
const VIEWS = [["story", "Story", buildStory], ["graph", "Graph", buildGraph], ["timeline", "Timeline", buildTimeline],
  ["transcript", "Transcript", buildTranscript], ["vote", "Vote", buildVote]];
if (DATA.claims !== null) VIEWS.push(["claims", "Claims", buildClaims]);
if (DATA.beside !== null) VIEWS.push(["beside", "Side by side", buildBeside]);
const NAMES = VIEWS.map(([name]) => name);
const sections = new Map();
const main = document.getElementById("main");

function section(name) {
  let found = sections.get(name);
  if (found === undefined) {
    found = make("section", { role: "tabpanel", id: `view-${name}`, "aria-labelledby": `tab-${name}` });
    sections.set(name, found);
    main.append(found);
    for (const [other, element] of sections) element.hidden = other !== name;
    VIEWS.find(([one]) => one === name)[2](found);
  }
  return found;
}

function redraw() {
  if (state.view === "graph" && graph) graph.look(true);
  if (state.view === "timeline" && timeline) timeline.look(true);
  if (state.view === "transcript" && articles) filterTranscript();
}
listeners.push(redraw);

function show(name) {
  state.view = name;
  section(name);
  for (const [other, element] of sections) element.hidden = other !== name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const on = tab.dataset.view === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  document.getElementById("filters").hidden = !FILTERED.includes(name);
  showPanel(state.turn);
  changed();
}

let remembering = 0;
listeners.push(() => rememberSoon());

function reveal() {
  if (state.turn === null) return;
  if (state.view === "transcript") scrollToTurn(state.turn);
  const scene = { graph, timeline }[state.view];
  if (scene) {
    if (matchMedia("(max-width: 60rem)").matches) scene.element.scrollIntoView();
    scene.reveal(state.turn);
  }
  document.getElementById("said").textContent = `${TURNS[state.turn].id}: ${TURNS[state.turn].brief}`;
}

function open(name) {
  show(name);
  if (FILTERED.includes(name)) reveal(); else scrollTo(0, 0);
  remember(address);
}

const address = () => (state.turn === null ? `#${state.view}` : `#turn-${state.turn + 1}`);

// Each choice is a step back in the browser's history, but not each press of an arrow key: browsers refuse more than a few a second.
function choose(number, stepping = false) {
  state.turn = number;
  if (!stepping && location.hash !== address()) history.pushState(null, "", address());
  show(state.view);
  reveal();
  if (stepping) rememberSoon(address);
}

// The view and the filters stand beside the address, for when the page is loaded again. An address is given only by who has just
// chosen it: a link that was followed in the meantime must not be undone.
function remember(to = () => undefined) {
  const { view, query, seat, column, group, status } = state;
  history.replaceState({ view, query, seat, column, group, status }, "", to());
}

function rememberSoon(to) {
  clearTimeout(remembering);
  remembering = setTimeout(remember, 200, to);
}

function turnNamed(name) {
  if (/^[0-9]{1,9}$/.test(name)) return Number(name) >= 1 && Number(name) <= TURNS.length ? Number(name) - 1 : null;
  const found = TURNS.findIndex((turn) => turn.id === name);
  return found < 0 ? null : found;
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function route() {
  const hash = decoded(location.hash.slice(1));
  if (hash.startsWith("turn-")) {
    state.turn = turnNamed(hash.slice(5));
    show(state.view ?? "transcript");
    reveal();
    return;
  }
  state.turn = null;
  show(NAMES.includes(hash) ? hash : state.view ?? "story");
}

function step(key) {
  const from = state.turn;
  if (from === null) return choose(0, true);
  if (state.view === "graph") { const next = besideInGraph(from, key); return next === null ? undefined : choose(next, true); }
  const by = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  for (let next = from + by; next >= 0 && next < TURNS.length; next += by) if (!filtering() || matches(next)) return choose(next, true);
}

function search() {
  if (!FILTERED.includes(state.view)) open("transcript");
  document.getElementById("search").focus();
}

function escape(typing) {
  if (typing) document.activeElement.blur();
  if (state.turn !== null) choose(null); else if (filtering()) clearFilters();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  if (event.key === "Escape") escape(typing);
  else if (typing || event.target.role === "tab") return;
  else if (event.key === "/") { event.preventDefault(); search(); }
  else if (/^[1-7]$/.test(event.key) && NAMES[event.key - 1]) open(NAMES[event.key - 1]);
  else if (event.key.startsWith("Arrow") && TURNS.length && (FILTERED.includes(state.view) && (state.view !== "transcript" || state.turn !== null) || state.turn !== null)) {
    event.preventDefault();
    step(event.key);
  }
});

document.getElementById("run").textContent = `· run ${DATA.run}`;
document.getElementById("title").textContent = DATA.title;
const tabs = document.getElementById("tabs");
for (const [name, label] of VIEWS) {
  const tab = make("button", { role: "tab", type: "button", id: `tab-${name}`, "data-view": name, "aria-controls": `view-${name}` }, label);
  tab.addEventListener("click", () => open(name));
  tabs.append(tab);
}
tabs.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = NAMES[(NAMES.indexOf(state.view) + by + NAMES.length) % NAMES.length];
  open(next);
  document.getElementById(`tab-${next}`).focus();
});
buildFilters(document.getElementById("filters"));
restoreFilters(history.state);
if (NAMES.includes(history.state?.view)) state.view = history.state.view;
addEventListener("hashchange", route);
route();
if (DATA.live) follow();
