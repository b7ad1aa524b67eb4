// Runs before the first paint: shows the theme and the language that were chosen last time.
try {
  document.documentElement.dataset.theme = localStorage.getItem("startline.theme") || "auto";
  document.documentElement.lang = localStorage.getItem("startline.lang") || "en";
} catch {
  // Without storage the window follows the system.
}
