// Does what a small form does (a plan in the basket, a contribution found useful) without leaving the page. The server
// answers as always with a whole page; the parts marked data-bb-region are taken over from it. Any surprise falls back
// to an ordinary submit.

import { idle } from "./busy.js";

let busy = false;

/** Take over the submit of every form marked data-bb-inplace, also of those that arrive later. */
export function changeInPlace() {
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-bb-inplace]")) return;
    event.preventDefault();
    if (!busy) change(form, submitter);
  });
}

async function change(form, submitter) {
  busy = true;
  try {
    const body = new FormData(form);
    if (submitter?.name) body.append(submitter.name, submitter.value);
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (!response.ok) throw new Error(String(response.status));
    const isHere = new URL(response.url).pathname === location.pathname;
    if (!isHere || !takeOver(await response.text(), submitter)) location.assign(response.url);
    else idle();
  } catch {
    submitOrdinarily(form, submitter);
  } finally {
    busy = false;
  }
}

/** Tell whether the answer was this page: the same address may say something else by now. */
function takeOver(html, submitter) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (!fresh.querySelector("[data-bb-region]")) return false;
  for (const region of document.querySelectorAll("[data-bb-region]")) {
    const name = CSS.escape(region.dataset.bbRegion);
    const replacement = fresh.querySelector(`[data-bb-region="${name}"]`);
    if (replacement) region.replaceWith(document.adoptNode(replacement));
  }
  restoreFocus(submitter);
  announce(fresh.querySelector("[data-bb-status]")?.textContent);
  return true;
}

/** The same button keeps the focus; when it is gone (removed from the basket) its heading gets it. */
function restoreFocus(submitter) {
  const target = document.getElementById(submitter?.id) ?? document.querySelector("[data-bb-focus]");
  target?.focus({ preventScroll: true });
}

function announce(text) {
  const status = document.querySelector("[data-bb-status]");
  if (status && text) status.textContent = text.trim();
}

/** form.submit() forgets which button was pressed, so the button's value travels in a hidden field. */
function submitOrdinarily(form, submitter) {
  if (submitter?.name) {
    const field = Object.assign(document.createElement("input"),
      { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(field);
  }
  form.submit();
}
