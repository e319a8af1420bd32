// Looks up a ballot by its receipt on this device. What is typed or chosen goes nowhere: whoever looks something up
// fetches the same whole lists, in the same order and to their end, so that the server learns nothing of the answer.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RECEIPT = new RegExp(["^bb-receipt/v2", "round: (?<round>[\\w.-]{1,64})", "manifest: (?<manifest>[0-9a-f]{64})",
  "tracker: (?<tracker>[0-9a-f]{32})", "s: [0-9a-f]{32}", "epoch: (?<epoch>\\d{5})", "revision: \\d{3}",
  "leaf: (?<leaf>[0-9a-f]{64})", "signature: (?<signature>[0-9a-f]{128})$"].join("\n"));
const LARGEST_FILE = 100_000; // bytes: far more than any receipt

/** Make the page "Controleer uw ontvangstbewijs" work; without this script it explains other ways. */
export function checkReceipts() {
  const page = document.querySelector("[data-bb-receipts]");
  if (page) new Checker(page);
}

class Checker {
  constructor(page) {
    this.page = page;
    this.field = (name) => page.querySelector(`[data-bb-field="${name}"]`);
    this.part("ways").hidden = false;
    this.field("file").addEventListener("change", () => this.takeFile());
    for (const kind of ["text", "code"]) {
      page.querySelector(`[data-bb-form="${kind}"]`).addEventListener("submit", (event) => {
        event.preventDefault();
        this.take(kind, this.field(kind).value);
      });
    }
    for (const button of page.querySelectorAll("[data-bb-again]")) button.addEventListener("click", () => this.clear());
    addEventListener("pagehide", () => this.clear());
  }

  part(name) {
    return this.page.querySelector(`[data-bb-part="${name}"]`);
  }

  async takeFile() {
    const file = this.field("file").files[0];
    if (file) await this.take("file", file.size > LARGEST_FILE ? "" : await file.text());
  }

  /** Check what was given in one of the three ways, or say at the field that it is no receipt. */
  async take(kind, given) {
    const asked = kind === "code" ? shortCode(given) : receiptOf(given);
    for (const error of this.page.querySelectorAll("[data-bb-error]")) error.hidden = true;
    const error = this.page.querySelector(`[data-bb-error="${kind}"]`);
    this.field(kind).toggleAttribute("aria-invalid", !asked);
    if (!asked) {
      error.hidden = false;
      this.field(kind).focus();
      return;
    }
    this.part("ways").hidden = true;
    this.part("busy").hidden = false;
    this.part("bar").focus();
    try {
      this.show(asked, await this.find(asked));
    } catch {
      this.show(asked, { outcome: "failed" });
    }
  }

  /** Return what became of the ballot. */
  async find(asked) {
    const { round, manifest, key } = this.page.dataset;
    if (asked.text && (asked.round !== round || asked.manifest !== manifest)) return { outcome: "other" };
    const signed = asked.text && (await isSigned(asked, key));
    if (signed === false) return { outcome: "forged" };
    const found = await this.search(asked);
    if (found.ballots.length > 1) return { outcome: "many" };
    const [ballot] = found.ballots;
    if (ballot && !(asked.text && crypto.subtle)) return { outcome: "seen", ...found, ballot };
    if (ballot && (await leafOf(ballot, round, manifest)) === asked.leaf) return { outcome: "counted", signed, ...found, ballot };
    if (found.superseded) return { outcome: "replaced", signed };
    if (found.refused) return { outcome: "refused", signed };
    if (!signed) return { outcome: "missing" };
    return { outcome: Number(asked.epoch) < Number(this.page.dataset.epoch) ? "restored" : "lost" };
  }

  /** Read the three lists, each to its end. */
  async search({ tracker, leaf = "none" }) {
    const found = { ballots: [], lines: 0, superseded: false, refused: false };
    const bar = this.part("bar");
    bar.value = 0;
    const read = async (name, look) => {
      for await (const lines of linesOf(this.page.dataset[name], (bytes) => { bar.value += bytes; })) lines.forEach(look);
    };
    await read("ballots", (line) => {
      found.lines += 1;
      if (line.includes(`"tracker":"${tracker}`)) found.ballots.push({ ...JSON.parse(line), line: found.lines });
    });
    await read("superseded", (line) => { found.superseded ||= line === leaf; });
    await read("refused", (line) => { found.refused ||= line.startsWith(leaf); });
    return found;
  }

  /** Show one of the outcomes that stand in the page already. */
  show(asked, { outcome, signed, ballot, lines }) {
    this.part("busy").hidden = true;
    const shown = this.page.querySelector(`[data-bb-outcome="${outcome}"]`);
    for (const each of shown.querySelectorAll("[data-bb-when]")) each.hidden = each.dataset.bbWhen !== (signed ? "signed" : "unsigned");
    const number = new Intl.NumberFormat(document.documentElement.lang);
    fill(shown, "code", asked.text ? codeOf(asked.tracker) : asked.code);
    if (ballot) {
      fill(shown, "line", number.format(ballot.line));
      fill(shown, "lines", number.format(lines));
      const plans = ballot.choices.map((id) => document.querySelector(`[data-bb-plan="${Number(id)}"]`).cloneNode(true));
      shown.querySelector("[data-bb-choice]").replaceChildren(...plans);
      shown.querySelector("[data-bb-empty]").hidden = plans.length > 0;
    }
    shown.hidden = false;
    shown.querySelector("h2").focus();
  }

  /** Take everything off the screen, as if nothing was asked. */
  clear() {
    for (const form of this.page.querySelectorAll("form")) form.reset();
    for (const each of this.page.querySelectorAll("[data-bb-outcome], [data-bb-error]")) each.hidden = true;
    for (const each of this.page.querySelectorAll("[data-bb-choice], [data-bb-fill]")) each.replaceChildren();
    for (const each of this.page.querySelectorAll("details")) each.open = false;
    this.part("busy").hidden = true;
    this.part("ways").hidden = false;
    document.getElementById("inhoud").focus();
  }
}

function fill(shown, name, text) {
  for (const each of shown.querySelectorAll(`[data-bb-fill="${name}"]`)) each.textContent = text;
}

/** Return the parts of a receipt, or null for another text; line ends and space around may have changed on the way. */
function receiptOf(given) {
  const text = given.replace(/^\uFEFF/, "").trim().split(/\r\n|\r|\n/).map((line) => line.trim()).join("\n");
  const match = RECEIPT.exec(text);
  return match && { ...match.groups, text: text.slice(0, text.lastIndexOf("signature: ")) };
}

/** Return a short code with the ten digits with which its tracker begins, or null for what is none. */
function shortCode(given) {
  const code = given.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const values = [...code].map((symbol) => ALPHABET.indexOf(symbol));
  if (values.length !== 8 || values.includes(-1)) return null;
  const bits = values.map((value) => value.toString(2).padStart(5, "0")).join("");
  return { code: `${code.slice(0, 4)}-${code.slice(4)}`, tracker: bits.match(/.{4}/g).map((four) => parseInt(four, 2).toString(16)).join("") };
}

function codeOf(tracker) {
  const bits = [...tracker.slice(0, 10)].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  const code = bits.match(/.{5}/g).map((five) => ALPHABET[parseInt(five, 2)]).join("");
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const hexOf = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);

/** Return whether the key of the ballot box signed; null when this browser cannot tell. */
async function isSigned({ text, signature }, key) {
  try {
    const own = await crypto.subtle.importKey("raw", bytesOf(key), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, own, bytesOf(signature), utf8(text));
  } catch {
    return null;
  }
}

/** Return what stands for a ballot in the list of leaves: SHA-256 over the fields, each after its length in 8 bytes. */
async function leafOf({ tracker, choices, blind }, round, manifest) {
  const fields = [utf8("bb/v2/ballot"), utf8(round), bytesOf(manifest), bytesOf(tracker), utf8(JSON.stringify(choices)), bytesOf(blind)];
  const parts = fields.flatMap((field) => [eightBytes(field.length), field]);
  return hexOf(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

function eightBytes(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(number));
  return view;
}

/** Yield the lines of a list, a piece at a time, so that a long one needs little memory. */
async function* linesOf(address, progress) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(String(response.status));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    progress(piece.value.length);
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop();
    yield lines;
  }
  if (rest) yield [rest];
}
