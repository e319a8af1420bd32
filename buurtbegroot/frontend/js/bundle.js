/** Compare the SHA-256 of a chosen file with that of the certified bundle, on this device; the checks are verify.py's. */
export function compareBundle() {
  const part = document.querySelector("[data-bb-bundle]");
  if (!part) return;
  part.hidden = false;
  part.querySelector("input").addEventListener("change", async ({ target }) => {
    for (const each of part.querySelectorAll("[data-bb-outcome]")) each.hidden = true;
    if (!target.files[0]) return;
    const found = await sha256(target.files[0]);
    const outcome = found ? (found === part.dataset.bbBundle ? "same" : "other") : "unread";
    const shown = part.querySelector(`[data-bb-outcome="${outcome}"]`);
    for (const each of shown.querySelectorAll("[data-bb-fill]")) each.textContent = found.match(/.{8}/g).join(" ");
    shown.hidden = false;
  });
}

async function sha256(file) {
  try {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return "";
  }
}
