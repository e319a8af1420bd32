// Bundles css, js, fonts and icons into the folder named on the command line; build.py calls it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { build, transform } from "esbuild";
import postcss from "postcss";

const DARK = ".ma-theme--color-scheme-dark";
const FONTS = { "source-sans-3-latin-wght-normal": "text.woff2", "bricolage-grotesque-latin-wght-normal": "headings.woff2" };
const target = ["chrome105", "firefox115", "safari15.4"];
const out = process.argv[2];
const manifest = {};

const lines = (name) => readFileSync(name, "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 10);

function write(logical, content) {
  const hashed = `${basename(logical, extname(logical))}.${hash(content)}${extname(logical)}`;
  writeFileSync(join(out, hashed), content);
  manifest[logical] = hashed;
}

/** Drop the package rules whose classes no template uses, and those for :invalid: an empty form is not wrong yet. */
function keepUsedRules(root) {
  const used = new Set(lines("classes.txt"));
  root.walkRules((rule) => {
    const kept = rule.selectors.filter((selector) => !/(?:utrecht|nl)-.*:invalid/.test(selector) &&
      (selector.match(/(?<=\.)(?:utrecht|nl)-[\w-]+/g) ?? []).every((name) => used.has(name)));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
}

/** Drop what the package's theme says in vain: our own theme replaces it, or its dark half repeats its light half. */
function dropReplacedTokens(root) {
  const own = new Set();
  const light = new Map();
  root.walkRules(".bb-theme", (rule) => rule.walkDecls(/^--/, (decl) => { own.add(decl.prop); }));
  root.walkRules(".ma-theme", (rule) => rule.walkDecls(/^--/, (decl) => { light.set(decl.prop, decl.value); }));
  root.walkRules(/^\.ma-theme/, (rule) => rule.walkDecls(/^--/, (decl) => {
    const repeats = rule.selector === DARK && light.get(decl.prop) === decl.value;
    if (own.has(decl.prop) || repeats) decl.remove();
  }));
}

/** Drop every custom property that no kept rule reads, directly or through another. */
function keepUsedTokens(root) {
  const definitions = new Map();
  const wanted = [];
  root.walkDecls((decl) => {
    const reads = decl.value.match(/--[\w-]+/g) ?? [];
    if (decl.prop.startsWith("--")) definitions.set(decl.prop, [...(definitions.get(decl.prop) ?? []), ...reads]);
    else wanted.push(...reads);
  });
  const used = new Set();
  for (let name = wanted.pop(); name; name = wanted.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    wanted.push(...(definitions.get(name) ?? []));
  }
  root.walkDecls(/^--/, (decl) => {
    if (used.has(decl.prop)) decl.value = decl.value.replace(/\s+/g, " ").replace(/\( /g, "(").replace(/ \)/g, ")");
    else decl.remove();
  });
  root.walkRules((rule) => { if (rule.nodes.length === 0) rule.remove(); });
}

/** Write each dark rule twice, for who chose dark and for who leaves it to a device that asks for dark; paper stays light. */
function addAutomaticScheme(root) {
  root.walkRules((rule) => {
    if (!rule.selector.includes(DARK)) return;
    const within = (params, scheme) => postcss.atRule({ name: "media", params })
      .append(rule.clone({ selector: rule.selector.replaceAll(DARK, scheme) }));
    rule.replaceWith(within("screen", ".bb-scheme-dark"), within("screen and (prefers-color-scheme: dark)", ".bb-scheme-auto"));
  });
}

async function bundleStyles() {
  const result = await build({ entryPoints: ["css/app.css"], bundle: true, write: false, outdir: out, target,
    loader: { ".woff2": "file" }, assetNames: "[name].[hash]", legalComments: "none" });
  for (const file of result.outputFiles.filter((each) => each.path.endsWith(".woff2"))) {
    writeFileSync(file.path, file.contents);
    const logical = FONTS[basename(file.path).split(".")[0]];
    if (logical) manifest[logical] = basename(file.path);
  }
  const css = result.outputFiles.find((each) => each.path.endsWith(".css")).text;
  const { css: kept } = await postcss([keepUsedRules, dropReplacedTokens, keepUsedTokens, addAutomaticScheme]).process(css, { from: undefined });
  write("app.css", (await transform(kept, { loader: "css", minify: true, target })).code);
}

async function bundleScript() {
  const result = await build({ entryPoints: ["js/app.js"], bundle: true, minify: true, write: false, format: "esm", target });
  write("app.js", result.outputFiles[0].text);
}

function collectIcons() {
  const shapes = JSON.parse(readFileSync("node_modules/@tabler/icons/tabler-nodes-outline.json", "utf8"));
  const body = (name) => {
    if (!shapes[name]) throw new Error(`icons.txt names an icon that does not exist: ${name}`);
    return shapes[name].map(([tag, attributes]) =>
      `<${tag} ${Object.entries(attributes).map(([key, value]) => `${key}="${value}"`).join(" ")}/>`).join("");
  };
  const icons = Object.fromEntries(lines("icons.txt").map((name) => [name, body(name)]));
  writeFileSync(join(out, "icons.json"), JSON.stringify(icons));
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await bundleStyles();
await bundleScript();
collectIcons();
write("favicon.svg", readFileSync("favicon.svg", "utf8"));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 2));
