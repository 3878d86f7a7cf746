// The timeline: calls on a time axis by seat, with the longest chain of waiting.
const LANE = 26;
let timeline = null;
let timeZoom = 1;

function spans() {
  const timed = TURNS.map((turn, n) => ({ turn, n })).filter(({ turn }) => turn.span !== null);
  return { timed, end: Math.max(...timed.map(({ turn }) => turn.span[1]), 0.001) };
}

function ticks(end, width) {
  const rough = (end * 90) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, place) => [place * step, `${(place * step).toFixed(digits)} s`]);
}

function drawTime(items, critical) {
  return ({ n, x, y, w, h }) => {
    const turn = TURNS[n];
    const on = critical.has(n);
    const letter = turn.group === null ? "" : `${DATA.groups[turn.group].letter} `;
    const text = turn.status === "failed" ? "✕ failed" : letter + turn.label;
    const room = Math.floor((w - 8) / 7);
    return draw("g", { class: nodeClass(n, on ? "critical" : ""), "data-n": n, transform: `translate(${x} ${y})` },
      draw("title", null, `${turn.id}: ${turn.brief} (${seconds(turn.span[0])} to ${seconds(turn.span[1])})`),
      draw("rect", { class: `bartime g${colour(turn.group)}`, width: Math.max(w, 4), height: h, rx: 3 }),
      room > 1 ? draw("text", { class: `inbar t${colour(turn.group)}`, x: 6, y: 14 }, text.slice(0, room)) : null);
  };
}

// Lines are cut to what can be seen: browsers are slow with very long ones.
function rules(places, box, height) {
  const [y1, y2] = [Math.max(0, box.top), Math.min(height, box.bottom)];
  return places.filter((x) => x > box.left && x < box.right).map((x) => draw("line", { class: "grid", x1: x, x2: x, y1, y2 }));
}

function chainWithin(points, box) {
  const within = (value, low, high) => Math.min(Math.max(value, low - 9), high + 9);
  const clipped = points.map(([x, y]) => [within(x, box.left, box.right), within(y, box.top, box.bottom)]);
  return clipped.length ? [draw("path", { class: "path", d: `M${clipped.map((point) => point.join(" ")).join("L")}` })] : [];
}

function buildTimes(root) {
  const { timed, end } = spans();
  const room = Math.max(root.clientWidth - 150, 320);
  const width = Math.round(room * timeZoom) + 24;
  const scale = (width - 40) / end;
  const tops = [];
  let height = 10;
  for (const row of DATA.rows) { tops.push(height); height += row.lanes * LANE + 10; }
  const at = (turn) => ({ x: 12 + turn.span[0] * scale, y: tops[turn.row] + turn.lane * LANE, w: (turn.span[1] - turn.span[0]) * scale, h: LANE - 6 });
  const items = timed.map(({ turn, n }) => ({ n, ...at(turn) }));
  const marks = ticks(end, width);
  const critical = new Set(DATA.critical);
  const points = DATA.critical.filter((n) => TURNS[n].span).map((n) => at(TURNS[n])).flatMap(({ x, y, w, h }) => [[x, y + h / 2], [x + w, y + h / 2]]);
  timeline = new Scene({
    width, height, side: 124, top: 28,
    heads: marks.map(([value, text]) => draw("text", { class: "tick", x: 12 + value * scale + 3, y: 19 }, text)),
    sides: DATA.rows.map((row, place) => ({ y: tops[place] + 15, label: row.label })),
    items, render: drawTime(items, critical), under: (box) => [...rules(marks.map(([value]) => 12 + value * scale), box, height), ...chainWithin(points, box)],
  });
  return timeline.element;
}

function buildTimeline(root) {
  const { timed } = spans();
  if (!timed.length) {
    root.append(make("p", { class: "note" }, "No times are known of this run."));
    return;
  }
  const last = DATA.critical.length ? TURNS[DATA.critical[DATA.critical.length - 1]].span[1] : 0;
  const chain = DATA.critical.slice(0, 40).map((n) => [link(n), " → "]).flat().slice(0, -1);
  const holder = make("div");
  const zoom = (by) => { timeZoom = Math.min(40, Math.max(1, timeZoom * by)); holder.replaceChildren(buildTimes(root)); timeline.look(true); };
  const button = (text, label, by) => {
    const one = make("button", { type: "button", "aria-label": label }, text);
    one.addEventListener("click", () => zoom(by));
    return one;
  };
  root.append(legend([make("span", null, draw("svg", { class: "line", viewBox: "0 0 34 12" }, draw("path", { class: "path", d: "M0 6H34" })), "critical path")]),
    make("div", { class: "tools" }, button("−", "Less of it wider", 0.5), button("+", "Wider", 2), make("span", { class: "note" }, `${seconds(last)} in all`)),
    holder, make("h2", null, "Critical path"),
    make("p", { class: "note" }, "Each of these turns waited for the one before it, and the last of them ended the run."),
    make("p", { class: "isolated" }, chain, DATA.critical.length > 40 ? " …" : null));
  if (!DATA.measured) root.append(make("p", { class: "note" }, "The times are worked out from when replies were stored: a turn begins when the last turn that it reads is over. They are upper bounds of what its call took."));
  zoom(1);
}
