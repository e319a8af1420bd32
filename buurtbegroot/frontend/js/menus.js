/** Let Escape close the open menu and return to its button. */
export function closeMenusOnEscape() {
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".bb-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
