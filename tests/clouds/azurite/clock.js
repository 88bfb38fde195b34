// Read before Azurite: its clock can be put forward, and it ends when whoever started it is gone.
// Each line on stdin is a number of milliseconds; it is answered by a line on stdout.
const Real = Date;
let ahead = 0;

globalThis.Date = new Proxy(Real, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length ? given : [Real.now() + ahead], made),
  apply: () => new Real(Real.now() + ahead).toString(),
  get: (target, name) => (name === "now" ? () => Real.now() + ahead : Reflect.get(target, name)),
});

require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    ahead += Number(line);
    process.stdout.write(`clock ${ahead}\n`);
  })
  .on("close", () => process.exit(0));
