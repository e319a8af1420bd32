// Every page works without this script; it only saves a reload or a keystroke.
import { enhanceBasket } from "./basket.js";
import { focusErrorSummary } from "./errors.js";
import { closeMenusOnEscape } from "./menus.js";

enhanceBasket();
focusErrorSummary();
closeMenusOnEscape();
