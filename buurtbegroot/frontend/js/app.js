// Every page works without this script; it only saves a reload or a keystroke.
import { enhanceBasket } from "./basket.js";
import { focusErrorSummary } from "./errors.js";
import { closeMenusOnEscape } from "./menus.js";
import { offerPrinting, takeCodeFromAddress } from "./voting.js";

enhanceBasket();
focusErrorSummary();
closeMenusOnEscape();
takeCodeFromAddress();
offerPrinting();
