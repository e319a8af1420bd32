/** Let j and k go through the rows of a list, as long as the fold that tells of these keys is open. */
export function walkQueue() {
  const fold = document.querySelector("[data-bb-keys]");
  const links = [...document.querySelectorAll("[data-bb-queue] h2 a")];
  if (!fold || !links.length) return;
  fold.hidden = false;
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || !fold.open || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const place = links.indexOf(document.activeElement);
    const next = place < 0 ? (step > 0 ? 0 : links.length - 1) : place + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  });
}
