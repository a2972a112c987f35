// One application, or one provider: the address says which of the two.

export async function start(main, visit) {
  const { show } = await (visit.query.kind === "connection" ? import("./connection.js") : import("./client.js"));
  await show(main, visit);
}
