/** Bring someone whose form was refused to the list of what to change. */
export function focusErrorSummary() {
  document.querySelector("[data-bb-errors]")?.focus();
}
