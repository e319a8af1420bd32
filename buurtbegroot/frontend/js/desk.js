const KEPT = "bb-keys";

/** Let j and k go through the rows of a list, as long as the fold that tells of these keys is open; it stays so. */
export function walkQueue() {
  const fold = document.querySelector("[data-bb-keys]");
  const links = [...document.querySelectorAll("[data-bb-queue] h2 a")];
  if (!fold || !links.length) return;
  fold.hidden = false;
  fold.open = remembered();
  fold.addEventListener("toggle", () => remember(fold.open));
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || !fold.open || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const place = links.indexOf(document.activeElement);
    const next = place < 0 ? (step > 0 ? 0 : links.length - 1) : place + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  });
}

/** A browser that keeps nothing begins with the keys off. */
function remembered() {
  try {
    return localStorage.getItem(KEPT) === "on";
  } catch {
    return false;
  }
}

function remember(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // then they are off on the next page
  }
}
