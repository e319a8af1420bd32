// Every page works without this script, which saves a reload or a keystroke; it compares on the device what must not leave it.
import { sayBusy } from "./busy.js";
import { compareBundle } from "./bundle.js";
import { walkQueue } from "./desk.js";
import { focusErrorSummary } from "./errors.js";
import { changeInPlace } from "./inplace.js";
import { closeMenusOnEscape } from "./menus.js";
import { checkReceipts } from "./receipt.js";
import { offerPrinting, takeCodeFromAddress } from "./voting.js";

sayBusy();
changeInPlace();
focusErrorSummary();
closeMenusOnEscape();
takeCodeFromAddress();
addEventListener("hashchange", takeCodeFromAddress);
offerPrinting();
checkReceipts();
compareBundle();
walkQueue();
