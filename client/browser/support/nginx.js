/**
 * nginx in front of a server, with the configuration in `deploy/`.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NGINX = process.env.NGINX ?? "/usr/sbin/nginx";
const FILE = fileURLToPath(new URL("../../../deploy/nginx.conf", import.meta.url));
/** Another program can take a port between its choice and nginx's start. */
const ATTEMPTS = 5;

/**
 * @typedef {object} Front
 * @property {number} http the port of plain HTTP
 * @property {number} https the port of TLS
 * @property {() => string} logs all its log lines
 * @property {() => Promise<void>} stop
 */

/**
 * Starts nginx with `deploy/nginx.conf`, in which nothing is changed but ports and files.
 *
 * @param {string} server the address of the server behind it, `host:port`
 * @param {import("./certificate.js").Certificate} certificate
 * @returns {Promise<Front>}
 */
export async function startNginx(server, certificate) {
  for (let attempt = 1; ; attempt++) {
    const [http, https] = await freePorts(2);
    const nginx = spawn(NGINX, ["-c", configuration(server, certificate, http, https), "-e", "stderr"]);
    process.once("exit", () => nginx.kill());
    let said = "";
    nginx.stderr.on("data", (words) => (said += words));
    const ended = once(nginx, "exit");
    if (await Promise.race([takesConnections(https, nginx), ended.then(() => false)])) {
      const logs = () => said + readFileSync(join(certificate.folder, "drumline.log"), "utf8");
      const stop = async () => {
        nginx.kill("SIGTERM");
        await ended;
      };
      return { http, https, logs, stop };
    }
    if (attempt === ATTEMPTS || !said.includes("Address already in use")) {
      throw new Error(`nginx does not start: ${said}`);
    }
  }
}

/**
 * Writes the configuration and returns its file.
 *
 * @param {string} server
 * @param {import("./certificate.js").Certificate} certificate
 * @param {number} http
 * @param {number} https
 */
function configuration(server, { folder, cert, key }, http, https) {
  let site = readFileSync(FILE, "utf8");
  /** @param {RegExp} what @param {string} by @param {number} times */
  const change = (what, by, times) => {
    const found = site.match(what)?.length ?? 0;
    if (found !== times) throw new Error(`${what} is ${found} times in ${FILE}, and not ${times}`);
    site = site.replace(what, by);
  };
  change(/server 127\.0\.0\.1:7777;/g, `server ${server};`, 1);
  change(/listen 80;/g, `listen 127.0.0.1:${http};`, 1);
  change(/listen 443 ssl;/g, `listen 127.0.0.1:${https} ssl;`, 1);
  change(/listen \[::\]:.*\n/g, "", 2);
  change(/server_name play\.example\.org;/g, "server_name localhost;", 2);
  change(/\/etc\/letsencrypt\/live\/play\.example\.org\/fullchain\.pem/g, cert, 1);
  change(/\/etc\/letsencrypt\/live\/play\.example\.org\/privkey\.pem/g, key, 1);
  change(/\/var\/log\/nginx\/drumline\.log/g, join(folder, "drumline.log"), 2);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = folders.map((name) => `${name}_temp_path ${join(folder, name)};`);
  const file = join(folder, "nginx.conf");
  const main = ["daemon off;", "error_log stderr info;", `pid ${join(folder, "nginx.pid")};`, "events {}"];
  writeFileSync(file, [...main, "http {", ...temporary, site, "}", ""].join("\n"));
  return file;
}

/**
 * @param {number} count
 * @returns {Promise<number[]>}
 */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => /** @type {import("node:net").AddressInfo} */ (server.address()).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/**
 * Waits until a port accepts connections, or a program ends. Resolves with true if it does.
 *
 * @param {number} port
 * @param {import("node:child_process").ChildProcess} program
 */
async function takesConnections(port, program) {
  while (program.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const taken = await new Promise((settle) => {
      socket.once("connect", () => settle(true)).once("error", () => settle(false));
    });
    socket.destroy();
    if (taken) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
