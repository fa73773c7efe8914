// serve.mjs SITE_DIR PORT [API]: the built site on loopback, with the API's
// addresses passed on. Only for looking at a site without bansos-api.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

const root = path.resolve(process.argv[2]);
const port = Number(process.argv[3]);
const api = process.argv[4];
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".json": "application/json", ".xml": "application/xml", ".txt": "text/plain; charset=utf-8" };

http
  .createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (/^\/(v1|docs|log|openapi)/.test(pathname) && api) {
      const answer = await fetch(api + request.url);
      const headers = Object.fromEntries(["content-type", "content-disposition"].map((h) => [h, answer.headers.get(h)]).filter(([, v]) => v));
      return response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
    }
    let file = path.join(root, path.normalize(decodeURIComponent(pathname)));
    if (fs.existsSync(file) && fs.statSync(file).isDirectory()) file = path.join(file, "index.html");
    const found = fs.existsSync(file);
    if (!found) file = path.join(root, "404.html");
    const type = TYPES[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(found ? 200 : 404, { "content-type": type, "content-encoding": "gzip" });
    response.end(zlib.gzipSync(fs.readFileSync(file)));
  })
  .listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
