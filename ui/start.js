// Loads the window's program. A file of its own, because the page allows no scripts inside itself.
import init from "./ui.js";

init({ module_or_path: new URL("ui_bg.wasm", import.meta.url) }).catch((error) => {
  console.error(error);
  document.documentElement.dataset.crashed = "";
});
