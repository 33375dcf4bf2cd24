// Shared by all servers: each prints its address, and ends with the process that started it.

/** Call it when the server listens. */
export function announce(address) {
  process.stdout.write(`listening ${address.address}:${address.port}\n`);
  process.stdin.on("end", () => process.exit());
  process.stdin.resume();
}
