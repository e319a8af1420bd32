/** Put the code from the letter's QR address in the form: it stands after the #, which never leaves the browser. */
export function takeCodeFromAddress() {
  const field = document.querySelector("[data-bb-code]");
  const code = location.hash.slice(1);
  if (!field || !/^[0-9A-Za-z-]{16,19}$/.test(code)) return;
  field.value = code.toUpperCase().match(/[0-9A-Z]{1,4}/g).join("-");
  history.replaceState(null, "", location.pathname + location.search);
}

/** Show the print button, which can do nothing without this script. */
export function offerPrinting() {
  for (const button of document.querySelectorAll("[data-bb-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
