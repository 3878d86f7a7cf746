// Files of a question: chosen, dropped or pasted. What each is is seen from its bytes, by the server.
let files = [];

function drawFiles() {
  at("filed").replaceChildren(...files.map((file) => {
    const remove = make("button", { type: "button", "aria-label": `Remove ${file.name}` }, "Remove");
    remove.addEventListener("click", () => { files = files.filter((one) => one !== file); drawFiles(); at("files").focus(); });
    return make("li", null, isolated(file.name), ` (${file.size.toLocaleString("en")} bytes) `, remove);
  }));
}

function addFiles(given) {
  const added = [...given];
  if (!added.length) return;
  const size = [...files, ...added].reduce((sum, file) => sum + file.size, 0);
  if (size * 4 / 3 + 100000 > catalogue.limits.body) {
    complain(`Together these files are too large; this server takes ${Math.floor(catalogue.limits.body * 3 / 4e6)} MB of files with a question.`);
    return;
  }
  complain("");
  files = [...files, ...added];
  drawFiles();
  say(`${plural(files.length, "file")} with the question`);
}

function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ name: file.name.slice(-200) || "file", data: reader.result.slice(reader.result.indexOf(",") + 1) }));
    reader.addEventListener("error", () => reject(new Refused(`${file.name}: can't be read any more`)));
    reader.readAsDataURL(file);
  });
}

function takeFiles() {
  const form = at("ask");
  at("files").addEventListener("change", (event) => { addFiles(event.target.files); event.target.value = ""; });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => { event.preventDefault(); form.classList.remove("over"); addFiles(event.dataTransfer.files); });
  at("question").addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    addFiles(event.clipboardData.files);
  });
}
