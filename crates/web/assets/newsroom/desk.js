// Keeps what was typed and not saved in this browser, says so, and listens to keys. No page needs it.
(() => {
  "use strict";
  const typing = (at) => at.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    const press = (key) => {
      const target = document.querySelector(`[data-key="${key}"]`);
      if (target) { event.preventDefault(); if (target.matches("input")) target.focus(); else target.click(); }
    };
    if (command && event.key === "Enter") press("enter");
    else if (command && event.key.toLowerCase() === "s") press("s");
    else if (!command && !event.altKey && !typing(event.target) && (event.key === "n" || event.key === "/")) press(event.key);
  });

  const form = document.querySelector("form[data-kept]");
  if (!form || form.querySelector("textarea[readonly]")) return;
  const name = `newsroom:${form.dataset.kept}`;
  const saved = document.getElementById("saved");
  const fields = () => [...form.querySelectorAll("textarea[name], input[name]:not([type=file], [type=hidden], [type=radio], [type=checkbox])")];
  const read = () => Object.fromEntries(fields().map((field) => [field.name, field.value]));
  const based = form.elements.based_on.value;
  const first = JSON.stringify(read());
  const kept = (() => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } })();
  let timer = 0;
  let sending = false;

  if (kept && JSON.stringify(kept.fields) !== first) {
    const time = new Date(kept.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const box = document.createElement("section");
    box.className = "tell";
    box.setAttribute("role", "status");
    const words = document.createElement("p");
    words.append(Object.assign(document.createElement("b"), { textContent: `This browser kept a text of ${time} that was never saved. ` }));
    words.append(kept.based === based ? "Bring it back, or leave it." : "The article has been saved since; bring it back only to compare.");
    const back = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Bring it back" });
    const leave = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "Leave it" });
    back.addEventListener("click", () => {
      for (const field of fields()) if (field.name in kept.fields) field.value = kept.fields[field.name];
      box.remove();
      keep();
    });
    leave.addEventListener("click", () => { localStorage.removeItem(name); box.remove(); });
    box.append(words, back, leave);
    let above = form.querySelector(".above");
    if (!above) {
      above = Object.assign(document.createElement("section"), { className: "above", ariaLabel: "Notices" });
      form.querySelector(".slim").after(above);
    }
    above.prepend(box);
  }

  const keep = () => {
    const now = read();
    try {
      if (JSON.stringify(now) === first) { localStorage.removeItem(name); return; }
      localStorage.setItem(name, JSON.stringify({ at: Date.now(), based, fields: now }));
      saved.textContent = "Kept in this browser, not saved yet";
    } catch {
      saved.textContent = "Not saved";
      saved.classList.add("not");
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
  form.addEventListener("submit", () => { sending = true; clearTimeout(timer); keep(); saved.textContent = "Saving…"; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && JSON.stringify(read()) !== first) { keep(); event.preventDefault(); }
  });
})();
