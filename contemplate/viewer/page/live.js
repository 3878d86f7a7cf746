// A run that goes on: the page is written anew now and then, and looks for that by loading itself again, unless it is being read.
const EVERY = 2000;
let paused = false;

function busy() {
  const typing = ["INPUT", "SELECT"].includes(document.activeElement?.tagName);
  return paused || typing || document.querySelector("main details[open]") !== null || !getSelection().isCollapsed;
}

function follow() {
  const pause = make("button", { type: "button" }, "Pause");
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
  });
  document.getElementById("live").replaceChildren(make("strong", null, "Live. "), "The run goes on; the page follows it. ", pause);
  document.getElementById("live").hidden = false;
  if (graph && state.turn === null) graph.element.scrollLeft = graph.element.scrollWidth;
  setInterval(() => { if (!busy()) location.reload(); }, EVERY);
}
