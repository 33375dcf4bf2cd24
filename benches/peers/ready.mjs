// What a server has in common with the others: it says where it listens, and ends with the process that started it.

/** To be called when the server listens. */
export function announce(address) {
  process.stdout.write(`listening ${address.address}:${address.port}\n`);
  process.stdin.on("end", () => process.exit());
  process.stdin.resume();
}
