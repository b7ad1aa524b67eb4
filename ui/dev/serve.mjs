// Serves ui/dist on loopback with the fake backend in its page: `node ui/dev/serve.mjs [PORT]`, then open what it prints.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ui = fileURLToPath(new URL("..", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
// The same policy as the real window, but for where the backend is.
const policy = "default-src 'self'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://x").pathname);
  const file = path.startsWith("/dev/") ? join(ui, path) : join(ui, "dist", path === "/" ? "index.html" : path);
  try {
    let content = await readFile(file);
    if (file.endsWith("index.html")) content = String(content).replace("<head>", '<head><script src="/dev/fake-backend.js"></script>');
    response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain", "content-security-policy": policy, "cache-control": "no-store" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/?scene=up`));
