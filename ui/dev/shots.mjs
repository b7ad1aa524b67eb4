// Pictures of every page, to be looked at: `node ui/dev/shots.mjs URL FOLDER [NAME…]`. Needs `playwright-core` and Chromium.
import { createRequire } from "node:module";
const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");

const [url, folder, ...only] = process.argv.slice(2);
const wide = { width: 1360, height: 850 }, small = { width: 1000, height: 700 };
const at = (screen) => `#/cluster/tp-cloud/${screen}`;
const click = (...tests) => async (page) => {
  for (const test of tests) await page.locator(`[data-test="${test}"]`).first().click();
};
const pages = [
  { name: "start-empty", scene: "empty", hash: "#/" },
  { name: "start", scene: "up", hash: "#/" },
  { name: "new", scene: "up", hash: "#/new" },
  { name: "plan", scene: "planned", hash: at("plan") },
  { name: "plan-end", scene: "planned", hash: at("plan"), act: (page) => page.locator(".plan .scroll").evaluate((e) => e.scrollTo(0, 1e6)) },
  { name: "machines", scene: "planned", hash: at("machines") },
  { name: "zookeeper", scene: "running", hash: at("zookeeper") },
  { name: "zookeeper-failed", scene: "failed", hash: at("zookeeper") },
  { name: "zookeeper-up", scene: "up", hash: at("zookeeper"), act: click("step-zookeeper.initialise.node1") },
  { name: "mesos", scene: "up", hash: at("mesos") },
  { name: "application", scene: "up", hash: at("application") },
  { name: "deploy", scene: "up", hash: at("application"), act: click("deploy") },
  { name: "monitor", scene: "up", hash: at("monitor") },
  { name: "monitor-planned", scene: "planned", hash: at("monitor") },
  { name: "monitor-lost", scene: "lost", hash: at("monitor") },
  { name: "monitor-long", scene: "long", hash: at("monitor") },
  { name: "monitor-halted", scene: "halted", hash: at("monitor") },
  { name: "zookeeper-halted", scene: "halted", hash: at("zookeeper") },
  { name: "import", scene: "up", hash: "#/", act: click("import") },
  { name: "files", scene: "up", hash: at("files") },
  { name: "log", scene: "up", hash: at("monitor"), act: async (page) => { await click("log-toggle")(page); await page.evaluate(() => window.flood(500, 1)); } },
  { name: "menu", scene: "up", hash: at("monitor"), act: click("cluster-menu") },
  { name: "destroy", scene: "up", hash: at("monitor"), act: click("cluster-menu", "menu-destroy") },
];
const looks = [
  { viewport: wide, theme: "light", lang: "en" },
  { viewport: wide, theme: "dark", lang: "fr" },
  { viewport: small, theme: "light", lang: "fr" },
];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const { viewport, theme, lang } of looks) {
  const context = await browser.newContext({ viewport, colorScheme: theme });
  await context.addInitScript(([theme, lang]) => {
    localStorage.setItem("startline.theme", theme);
    localStorage.setItem("startline.lang", lang);
  }, [theme, lang]);
  for (const { name, scene, hash, act } of pages) {
    if (only.length && !only.includes(name)) continue;
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && console.log(name, message.text()));
    page.on("pageerror", (error) => console.log(name, String(error)));
    await page.goto(`${url.split("?")[0]}?scene=${scene}${hash}`);
    await page.waitForSelector(".app, .plain-main > :not(.quiet)");
    await page.waitForTimeout(400);
    try { await act?.(page); } catch (error) { console.log(name, String(error)); }
    await page.waitForTimeout(350);
    await page.screenshot({ path: `${folder}/${name}-${viewport.width}-${theme}-${lang}.png` });
    await page.close();
  }
  await context.close();
}
await browser.close();
