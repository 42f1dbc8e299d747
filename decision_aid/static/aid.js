/* Small helps. Everything works without this file. */
"use strict";
document.documentElement.classList.add("script");

/* A page kept in memory is asked for again, so that nothing stays on screen after clearing. */
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

/* The error summary takes the focus. */
const errors = document.getElementById("errors");
if (errors) errors.focus();

/* "None of these" clears the rest, and the rest clears it. The server checks it again. */
for (const group of document.querySelectorAll("fieldset")) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  group.addEventListener("change", (event) => {
    if (!boxes.includes(event.target) || !event.target.checked) return;
    const alone = "exclusive" in event.target.dataset;
    for (const box of boxes) {
      if (box === event.target || !box.checked) continue;
      if (alone || "exclusive" in box.dataset) {
        box.checked = false;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  });
}

/* The body picture and its list stay in step. */
for (const picture of document.querySelectorAll("[data-body-map]")) {
  const group = picture.closest("fieldset");
  const box = (region) => group.querySelector(`input[value="${region.dataset.option}"]`);
  for (const region of picture.querySelectorAll("[data-option]")) {
    const input = box(region);
    if (!input) { region.remove(); continue; }
    const show = () => region.classList.toggle("on", input.checked);
    input.addEventListener("change", show);
    show();
  }
  /* A tap beside a place counts for the nearest: thumbs are wide. */
  picture.addEventListener("click", ({ clientX: x, clientY: y }) => {
    const far = (region) => {
      const r = region.getBoundingClientRect();
      return Math.hypot(Math.max(r.left - x, 0, x - r.right), Math.max(r.top - y, 0, y - r.bottom));
    };
    const regions = [...picture.querySelectorAll("[data-option]")];
    const nearest = regions.reduce((one, other) => (far(other) < far(one) ? other : one));
    if (far(nearest) < 24) box(nearest).click();
  });
}

/* Says how many characters are left when it gets close, and when it is too many. */
for (const input of document.querySelectorAll("[data-count]")) {
  const line = document.getElementById(`${input.id}-limit`);
  const voice = document.querySelector(`[data-counter="${input.id}"]`);
  const plain = line.textContent;
  let later = 0;
  input.addEventListener("input", () => {
    const left = Number(input.dataset.count) - input.value.length;
    line.textContent = left > 40 ? plain : left < 0 ? `${-left} characters too many.` : `${left} characters left.`;
    line.classList.toggle("too-many", left < 0);
    clearTimeout(later);
    later = setTimeout(() => { if (left <= 40) voice.textContent = line.textContent; }, 1000);
  });
}

/* The paper form: Enter goes to the next line, and sends from the last. */
for (const form of document.querySelectorAll("[data-enter-moves]")) {
  const lines = [...form.querySelectorAll("input[type=text]")];
  form.addEventListener("keydown", (event) => {
    const next = lines[lines.indexOf(event.target) + 1];
    if (event.key !== "Enter" || !lines.includes(event.target) || !next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
  if (!errors) lines[0].focus();
}

/* Sent pages are asked for anew on reload and on Back; nothing is sent twice. */
history.replaceState(history.state, "", location.href);

/* Typed or chosen and not sent: ask before it is lost. A form that is sent, and a call, go on. */
let unsent = false;
for (const form of document.querySelectorAll("form.questions")) {
  form.addEventListener("input", () => { unsent = true; });
}
addEventListener("submit", (event) => { if (!event.target.closest("dialog")) unsent = false; });
addEventListener("beforeunload", (event) => { if (unsent) event.preventDefault(); });
addEventListener("click", (event) => {
  if (!unsent || !event.target.closest("a[href^='tel:']")) return;
  unsent = false;
  setTimeout(() => { unsent = true; }, 2000);
});

/* Two minutes before the time is up: a question, and one press for more. Typed text stays.
   The device's own clock may be wrong or sleep: time is the server's, and it has the last word. */
const ending = document.getElementById("ending-soon");
if (ending) {
  const tablet = ending.dataset.tablet;
  const form = ending.querySelector("form");
  const begin = Number(ending.dataset.seconds);
  let ahead = Number(ending.dataset.now);
  const now = () => performance.now() / 1000 + ahead;
  ahead -= performance.now() / 1000;
  let end = now() + begin;
  let asking = false;
  const trust = ({ now: told, seconds }) => {
    /* A tablet that slept is older than it thinks, never younger. */
    const found = told - performance.now() / 1000;
    ahead = tablet ? Math.max(ahead, found) : found;
    if (!tablet) end = told + seconds;
  };
  const ask = async () => {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(ending.dataset.left);
      if (!answer.ok) throw new Error("refused");
      trust(await answer.json());
      if (!tablet && end - now() <= 0) leave();
    } catch { /* Not reached: what is on the screen stays. */ }
    asking = false;
  };
  const leave = () => { unsent = false; location.replace(tablet || ending.dataset.gone); };
  let next = 0;
  setInterval(async () => {
    const left = end - now();
    if (left <= 0 && now() >= next) {
      next = now() + 10;
      await ask();
      if (tablet && end - now() <= 0) leave();
    } else if (left > 0 && left <= ending.dataset.warn && !ending.open) ending.showModal();
  }, 1000);
  addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  if (tablet) {
    const touched = () => { if (!ending.open) end = now() + begin; };
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, touched, { passive: true });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error("refused");
      const told = await answer.json();
      trust(told);
      end = now() + told.seconds;
      ending.close();
    } catch {
      ending.querySelector(".message").hidden = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

/* A link into a folded part opens it. */
const unfold = () => {
  const target = document.getElementById(location.hash.slice(1));
  const folded = target && (target.closest("details") || target.querySelector(":scope > details"));
  if (folded) folded.open = true;
};
addEventListener("hashchange", unfold);
unfold();

/* A link to a card or a question moves the focus too. */
addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target && !target.matches("a, button, input, textarea, summary")) {
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
  }
});
