// The page begins: whoever has no token yet shows one, then all is there.
async function enter() {
  if (!await attempted(async () => { catalogue = await api("/api/catalogue"); })) return;
  at("room").hidden = at("ways").hidden = false;
  buildForm();
  await drawList();
  route();
  if (!shown) at("question").focus();
}

function route() {
  const run = location.hash.slice(1);
  if (/^[\w.-]{4,200}$/.test(run) && !at(run) && run !== shown?.id) openRun(run);
}

at("version").textContent = document.body.dataset.version;
at("sign").addEventListener("submit", signIn);
at("ask").addEventListener("submit", ask);
at("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  ask();
});
at("anew").addEventListener("click", () => { follow(null); at("question").focus(); });
takeFiles();
addEventListener("hashchange", route);
if (document.body.dataset.token) showSign(); else enter();
