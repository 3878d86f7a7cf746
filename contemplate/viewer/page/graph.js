// The graph: columns by round, rows by seat; who read, revised, criticised and counted whom.
const [NODE, HIGH] = [132, 34];
const MOST_EDGES = 3000;
let graph = null;

function curve(from, to) {
  const [x1, y1] = [TURNS[from].place[0] + NODE, TURNS[from].place[1] + HIGH / 2];
  const y2 = TURNS[to].place[1] + HIGH / 2;
  if (TURNS[to].place[0] <= TURNS[from].place[0]) {
    const x2 = TURNS[to].place[0] + NODE;
    const out = Math.max(x1, x2) + 34;
    return `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x2} ${y2}`;
  }
  const x2 = TURNS[to].place[0];
  const bend = Math.min(60, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

// Thousands of dashes on one line are slow to draw.
const far = (from, to) => (Math.abs(TURNS[to].place[0] - TURNS[from].place[0]) + Math.abs(TURNS[to].place[1] - TURNS[from].place[1]) > 6000 ? ".far" : "");

// Lines of one kind that end close to each other are one path: few elements, each of which is drawn in few tiles of the screen.
function edgesWithin(box) {
  const found = new Map();
  let count = 0;
  for (let to = 0; to < TURNS.length; to++) {
    const [x, y] = TURNS[to].place;
    for (const [from, kind] of TURNS[to].sees) {
      const [u, v] = TURNS[from].place;
      if (Math.min(x, u) > box.right || Math.max(x, u) + NODE < box.left || Math.min(y, v) > box.bottom || Math.max(y, v) + HIGH < box.top) continue;
      if (++count > MOST_EDGES) return null;
      const key = `${kind}${far(from, to)} ${TURNS[to].column} ${TURNS[to].row >> 2}`;
      const paths = found.get(key);
      if (paths === undefined) found.set(key, [curve(from, to)]); else paths.push(curve(from, to));
    }
  }
  return found;
}

function drawEdges(box) {
  const note = document.getElementById("edge-note");
  const found = edgesWithin(box);
  if (note) note.textContent = found === null ? `More than ${MOST_EDGES.toLocaleString("en")} lines here: those of the chosen turn are drawn.` : "";
  const faded = state.turn === null ? "" : " faded";
  const paths = [...(found ?? [])].map(([key, curves]) => draw("path", { class: `edge ${key.split(" ", 1)[0].replace(".", " ")}${faded}`, d: curves.join("") }));
  if (state.turn !== null) {
    const own = [...TURNS[state.turn].sees.map(([from, kind]) => [from, state.turn, kind]), ...readersOf(state.turn).map(([to, kind]) => [state.turn, to, kind])];
    paths.push(...own.slice(0, MOST_EDGES).map(([from, to, kind]) => draw("path", { class: `edge ${kind}${far(from, to).replace(".", " ")} hot`, d: curve(from, to) })));
  }
  return paths;
}

function drawNode({ n }) {
  const turn = TURNS[n];
  const near = state.turn !== null && (TURNS[state.turn].sees.some(([other]) => other === n) || turn.sees.some(([other]) => other === state.turn));
  const failed = turn.status === "failed";
  const badge = draw("svg", { x: 6, y: 6, width: 22, height: 22, viewBox: "-1 -1 26 26" }, failed ? draw("path", { class: "cross", d: "M4 4L20 20M20 4L4 20" }) : lettered(turn.group, letterOf(turn.group, SIGNS[turn.brief])));
  return draw("g", { class: nodeClass(n, near ? "near" : ""), "data-n": n, transform: `translate(${turn.place[0]} ${turn.place[1]})` },
    draw("title", null, `${turn.id}: ${turn.brief}`), draw("rect", { class: "box", width: NODE, height: HIGH, rx: 6 }), badge,
    draw("svg", { x: 34, y: 0, width: NODE - 38, height: HIGH }, draw("text", { class: "what", x: 0, y: 15 }, shortened(turn.label, 13)),
      draw("text", { class: "who", x: 0, y: 28 }, shortened(`${n + 1} · ${turn.seat || turn.verb}`, 18))));
}

function lineOf(kind, text) {
  return make("span", null, draw("svg", { class: "line", viewBox: "0 0 34 12" }, draw("path", { class: `edge ${kind}`, d: "M0 6H34" })), text);
}

function bands(box, width) {
  const [x1, x2] = [Math.max(0, box.left), Math.min(width, box.right)];
  const places = DATA.rows.map((row) => row.y + row.height + 10).filter((y) => y > box.top && y < box.bottom);
  return places.map((y) => draw("line", { class: "grid", x1, x2, y1: y, y2: y }));
}

function buildGraph(root) {
  const [width, height] = DATA.size;
  graph = new Scene({
    width, height, side: 124, top: 30,
    heads: DATA.columns.map((column) => draw("text", { x: column.x, y: 20 }, column.label)),
    sides: DATA.rows.map((row) => ({ y: row.y + 21, label: row.label })),
    items: TURNS.map((turn, n) => ({ n, x: turn.place[0], y: turn.place[1], w: NODE, h: HIGH })),
    render: drawNode, under: (box) => [...bands(box, width), ...drawEdges(box)],
  });
  root.append(legend([lineOf("saw", "read"), lineOf("revised", "revised its own"), lineOf("criticised", "criticised"), lineOf("counted", "counted"),
    make("span", null, draw("svg", { class: "mark", viewBox: "-1 -1 26 26" }, draw("path", { class: "cross", d: "M4 4L20 20M20 4L4 20" })), "failed")]),
  graph.element, make("p", { class: "note", id: "edge-note", role: "status" }),
  make("p", { class: "note" }, "Each column is a round, each row a seat. Choose a turn to see what it saw and what came of it; the arrow keys move on."));
  graph.look(true);
}

function besideInGraph(number, key) {
  const [x, y] = TURNS[number].place;
  let best = null;
  let least = Infinity;
  TURNS.forEach((turn, other) => {
    const [dx, dy] = [turn.place[0] - x, turn.place[1] - y];
    const along = { ArrowLeft: -dx, ArrowRight: dx, ArrowUp: -dy, ArrowDown: dy }[key];
    const across = key === "ArrowLeft" || key === "ArrowRight" ? Math.abs(dy) : Math.abs(dx);
    if (along > 0 && along + 4 * across < least) [best, least] = [other, along + 4 * across];
  });
  return best;
}
