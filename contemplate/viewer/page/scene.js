// A large drawing of which only what can be seen is in the document.
const AROUND = 400;

class Scene {
  constructor({ width, height, side, top, heads, sides, items, render, under }) {
    Object.assign(this, { width, height, items, render, under, sides, drawn: null, kept: new Map() });
    this.svg = draw("svg", { width, height, role: "group", "aria-label": "Turns" });
    this.edges = draw("g");
    this.nodes = draw("g");
    this.svg.append(this.edges, this.nodes);
    this.heads = make("div", { class: "heads" }, draw("svg", { width, height: top }, heads));
    this.names = draw("svg", { width: side, height });
    const corner = make("div", { class: "corner" }, draw("svg", { width: side, height: top }));
    this.element = make("div", { class: "scene", tabindex: 0, role: "application", "aria-label": "Turns; the arrow keys move from one to the next" },
      corner, this.heads, make("div", { class: "sides" }, this.names), this.svg);
    this.element.addEventListener("scroll", () => this.look(), { passive: true });
    this.element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-n]");
      if (node) choose(Number(node.dataset.n));
    });
    new ResizeObserver(() => this.look()).observe(this.element);
    this.side = side;
    this.top = top;
  }

  seen() {
    const { scrollLeft: x, scrollTop: y, clientWidth: width, clientHeight: height } = this.element;
    return { left: x, top: y, right: x + width, bottom: y + height };
  }

  look(again = false) {
    const now = this.seen();
    const old = this.drawn;
    if (now.right === now.left) return;
    if (!again && old && now.left >= old.left && now.top >= old.top && now.right <= old.right && now.bottom <= old.bottom) return;
    this.drawn = { left: now.left - AROUND, top: now.top - AROUND, right: now.right + AROUND, bottom: now.bottom + AROUND };
    const box = this.drawn;
    const within = this.items.filter((item) => item.x < box.right && item.x + item.w > box.left && item.y < box.bottom && item.y + item.h > box.top);
    const kept = again ? new Map() : this.kept;
    this.kept = new Map(within.map((item) => [item.n, kept.get(item.n) ?? this.render(item)]));
    if (again) this.nodes.replaceChildren();
    for (const [n, node] of kept) if (!this.kept.has(n)) node.remove();
    for (const [n, node] of this.kept) if (!kept.has(n)) this.nodes.append(node);
    this.edges.replaceChildren(...this.under(box));
    const beside = this.sides.filter(({ y }) => y > box.top && y < box.bottom);
    this.names.replaceChildren(...beside.map(({ y, label }) => draw("text", { x: 10, y }, draw("title", null, label), shortened(label, 15))));
  }

  reveal(number) {
    const item = this.items.find((one) => one.n === number);
    if (!item) return;
    const now = this.seen();
    const left = item.x < now.left || item.x + item.w > now.right - this.side ? item.x - (now.right - now.left - this.side - item.w) / 2 : now.left;
    const top = item.y < now.top || item.y + item.h > now.bottom - this.top ? item.y - (now.bottom - now.top - this.top - item.h) / 2 : now.top;
    this.element.scrollTo({ left, top });
  }
}

function nodeClass(number, more) {
  const turn = TURNS[number];
  const chosen = number === state.turn ? "chosen" : "";
  const off = filtering() && !matches(number) ? "off" : "";
  return ["node", turn.status, chosen, off, more].filter(Boolean).join(" ");
}

function legend(extra) {
  const groups = DATA.groups.slice(0, 12).map((group, place) => make("span", { title: group.label }, mark(place), `${group.label} (${group.turns})`));
  const more = DATA.groups.length > 12 ? [make("span", null, `and ${DATA.groups.length - 12} more`)] : [];
  return make("div", { class: "legend" }, groups, more, extra);
}
