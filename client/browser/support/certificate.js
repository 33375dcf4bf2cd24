/**
 * Self-signed certificates for `localhost`.
 */

import { execFileSync } from "node:child_process";
import { X509Certificate, createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A certificate and its key, in a folder of their own, which is removed when this process ends.
 *
 * @typedef {object} Certificate
 * @property {string} folder
 * @property {string} cert the certificate's file
 * @property {string} key the key's file
 * @property {string} pem the certificate
 * @property {string} keyHash the hash of the key by which Chromium identifies it
 */

const OPENSSL = process.env.OPENSSL ?? "openssl";
/** A key on an elliptic curve, which is quick to make; unencrypted, so that servers can read it. */
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const NAMES = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];

/** @returns {Certificate} */
export function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "drumline-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const files = ["-out", cert, "-keyout", key];
  execFileSync(OPENSSL, ["req", "-x509", "-days", "2", ...KEY, ...NAMES, ...files], { stdio: "ignore" });
  const pem = readFileSync(cert, "utf8");
  const publicKey = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return { folder, cert, key, pem, keyHash: createHash("sha256").update(publicKey).digest("base64") };
}
