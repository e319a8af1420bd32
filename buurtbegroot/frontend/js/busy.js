// Says at once that a press was taken, for whoever waits long for the answer; without this script the browser alone does.

const LONGEST_MILLISECONDS = 10_000; // by then a file may have come, which leaves the page as it is
let pressed;

/** Mark the pressed button or the link that looks like one, and keep it from being pressed twice. */
export function sayBusy() {
  if (!document.querySelector("[data-bb-busy]")) return;
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "dialog" && event.submitter) take(event, event.submitter);
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.utrecht-button");
    if (link && isLeaving(link, event)) take(event, link);
  });
  addEventListener("pageshow", idle);
}

/** Let the button be pressed again. */
export function idle() {
  if (!pressed) return;
  clearTimeout(pressed.timer);
  delete pressed.button.dataset.bbPressed;
  pressed.button.style.minInlineSize = "";
  document.querySelector("[data-bb-busy]").textContent = "";
  pressed = undefined;
}

function take(event, button) {
  if (pressed?.button === button) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  idle();
  const status = document.querySelector("[data-bb-busy]");
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.dataset.bbPressed = status.dataset.bbBusy;
  status.textContent = status.dataset.bbBusy;
  pressed = { button, timer: setTimeout(idle, LONGEST_MILLISECONDS) };
}

function isLeaving(link, event) {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const isElsewhere = link.pathname !== location.pathname || link.search !== location.search;
  return isPlain && isElsewhere && link.origin === location.origin && !link.target && !link.hasAttribute("download");
}
