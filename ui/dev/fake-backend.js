// A backend that plays recorded scenes, for work on the window without the program behind it. Never part of a bundle:
// `serve.mjs` puts it into the page. `?scene=NAME` chooses what the first cluster of the list is (see scenes.json);
// `?scene=empty` is a computer without clusters.
(() => {
const callbacks = new Map();
let nextCallback = 1;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// The program may call before the scenes are there.
const commands = play();
window.__TAURI_INTERNALS__ = {
  transformCallback: (callback) => { callbacks.set(nextCallback, callback); return nextCallback++; },
  unregisterCallback: (id) => callbacks.delete(id),
  invoke: async (command, args) => {
    await sleep(15);
    const known = await commands;
    if (!known[command]) throw `command ${command} not found`;
    return (await known[command](args)) ?? null;
  },
};

async function play() {
  const wanted = new URLSearchParams(location.search).get("scene") ?? "up";
  const scenes = await (await fetch("/dev/scenes.json")).json();
  // What was recorded happened just now.
  const shift = Date.now() - scenes.now;
  const shifted = (value) =>
    Array.isArray(value) ? value.map(shifted)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, v]) => [key, /(^at|_at|as_of|since)_ms$/.test(key) ? v + shift : shifted(v)]))
    : value;
  const view = shifted(scenes.clusters[wanted] ?? scenes.clusters.planned);
  const home = wanted === "empty" ? scenes.empty : scenes.home;
  const problem = (id, en, fr) => ({ id, what: { en, fr }, next: { en: "Try something else.", fr: "Essayez autre chose." } });

  let channel = null;
  let index = 0;
  const emit = (change) => {
    view.seq += 1;
    // Messages overtake each other now and then, as they do in the real window.
    const message = { index: index++, message: { v: 1, seq: view.seq, at_ms: Date.now(), change } };
    setTimeout(() => callbacks.get(channel)?.(message), Math.random() * 4);
  };
  const log = (node, text) => {
    const line = { at_ms: Date.now(), node, step: null, error: false, text };
    view.log.push(line);
    emit({ kind: "log", body: line });
  };
  const setStep = (step, state, observed) => {
    Object.assign(step, { state, observed });
    emit({ kind: "step", body: step });
  };
  const setRun = (is) => { view.run = { is }; emit({ kind: "run", body: view.run }); };
  const setLive = (section, key, now) => { view.live[key] = now; emit({ kind: "live", body: { section, now } }); };

  let cancelled = false;
  async function runStep(step) {
    setStep(step, { is: "running", since_ms: Date.now(), doing: { en: "doing it", fr: "en train de le faire" } }, null);
    const ms = 300 + Math.random() * 900;
    for (let n = 0; n < 5; n += 1) { await sleep(ms / 5); log(step.node, `${step.id}: line ${n}`); }
    if (cancelled) return setStep(step, { is: "interrupted" }, null);
    setStep(step, { is: "done", took_ms: Math.round(ms), already: false }, { command: "test -e it && echo yes", output: "yes" });
  }
  async function runAll() {
    cancelled = false;
    setRun("running");
    for (const page of ["plan", "machines", "zoo-keeper", "mesos", "application"]) {
      const lanes = Map.groupBy ? Map.groupBy(view.steps.filter((s) => s.page === page), (s) => s.node) : new Map();
      await Promise.all([...lanes.values()].map(async (steps) => {
        for (const step of steps) if (step.state.is !== "done" && !cancelled) await runStep(step);
      }));
      if (cancelled) break;
      const up = shifted(scenes.clusters.up).live;
      if (page === "machines") setLive("machines", "machines", up.machines);
      if (page === "zoo-keeper") setLive("ensemble", "ensemble", up.ensemble);
      if (page === "mesos") setLive("mesos", "mesos", up.mesos);
      if (page === "application") setLive("applications", "applications", up.applications);
    }
    setRun("idle");
  }
  const application = (id) => view.live.applications.body.applications.find((a) => a.id === id);
  const touch = () => setLive("applications", "applications", view.live.applications);

  const commands = {
    home: () => home,
    plan_draft: ({ name }) => ({ ...view.plan, name }),
    cluster_create: ({ plan }) => { view.plan = plan; return plan.name; },
    plan_save: ({ plan }) => { view.plan = plan; emit({ kind: "plan", body: { plan, steps: view.steps } }); },
    cluster_open: ({ name, events }) => {
      if (name === "old-lab") throw problem("plan-unknown-key", "The plan can’t be read.", "Le plan est illisible.");
      channel = Number(events.split(":")[1]);
      index = 0;
      view.plan.name = name;
      return structuredClone(view);
    },
    cluster_close: () => null,
    run_all: () => { runAll(); },
    run_step: async ({ step }) => { setRun("running"); cancelled = false; await runStep(view.steps.find((s) => s.id === step)); setRun("idle"); },
    run_cancel: () => { cancelled = true; setRun("cancelling"); },
    deploy: ({ application }) => { if (application.id === "/no") throw problem("app-locked", "The application is locked by a deployment.", "L’application est verrouillée par un déploiement."); },
    scale: async ({ application: id, instances }) => {
      Object.assign(application(id), { instances, state: { is: "deploying" } });
      touch();
      await sleep(700);
      Object.assign(application(id), { running: instances, healthy: instances, state: { is: "stable" } });
      touch();
    },
    remove: ({ application: id }) => { view.live.applications.body.applications = view.live.applications.body.applications.filter((a) => a.id !== id); touch(); },
    halt: async () => { setRun("halting"); await sleep(800); setRun("idle"); },
    destroy: async () => { setRun("destroying"); await sleep(800); emit({ kind: "live", body: { section: "gone" } }); setRun("idle"); },
    files: () => scenes.files,
    export: ({ destination }) => destination,
    import: () => { throw problem("bundle-not-one", "That is not a bundle that Startline wrote.", "Ce n’est pas un paquet écrit par Startline."); },
  };
  // A flood of log lines, to see that the page stays quick: `flood(1000, 10)` for ten seconds.
  window.flood = async (perSecond, seconds) => {
    for (let n = 0; n < seconds * 50; n += 1) {
      for (let i = 0; i < perSecond / 50; i += 1) log(`node${1 + (i % 3)}`, `flood ${n}/${i}: nothing to see here, only a line among many`);
      await sleep(20);
    }
  };
  return commands;
}
})();
