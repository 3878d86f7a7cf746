// The transcript: every turn in full. A turn is filled in when it comes near to what can be seen.
const AT_ONCE = 6;
let articles = null;
let watcher = null;

function fillArticle(article) {
  if (article.childElementCount) return;
  const number = Number(article.dataset.n);
  const turn = TURNS[number];
  const parts = [
    make("h3", null, mark(turn.group), make("a", { href: `#turn-${number + 1}`, class: "isolated" }, turn.id), make("span", { class: "isolated" }, ` — ${turn.brief}`)),
    make("p", { class: "meta isolated" }, metaOf(turn)), failureOf(turn),
    turn.text === null ? null : words(turn.text), fieldsOf(turn), programsOf(turn), toolsOf(turn), promptsOf(turn),
    make("details", null, make("summary", null, `saw ${plural(turn.sees.length, "turn")}; ${plural(readersOf(number).length, "turn")} saw it`),
      make("strong", null, "What it saw"), sawList(number), make("strong", null, "What came of it"), cameList(number)),
  ];
  article.append(...parts.flat(2).filter(Boolean));
}

function buildTranscript(root) {
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { watcher.unobserve(entry.target); fillArticle(entry.target); }
  }, { rootMargin: "1200px" });
  articles = TURNS.map((turn, n) => make("article", { class: `turn ${turn.status}`, "data-n": n, "aria-label": turn.id }));
  root.append(...articles);
  articles.slice(0, AT_ONCE).forEach(fillArticle);
  for (const article of articles) watcher.observe(article);
}

function filterTranscript() {
  articles.forEach((article, n) => {
    article.hidden = filtering() && !matches(n);
    article.classList.toggle("chosen", n === state.turn);
  });
}

function scrollToTurn(number) {
  const article = articles[number];
  for (const near of articles.slice(Math.max(0, number - 3), number + 6)) fillArticle(near);
  article.hidden = false;
  article.scrollIntoView();
  requestAnimationFrame(() => article.scrollIntoView());
}

addEventListener("beforeprint", () => { if (articles) articles.forEach(fillArticle); });
