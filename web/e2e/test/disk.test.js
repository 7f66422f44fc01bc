/** A disk that is really full: nothing is acknowledged that is not kept, and room is enough to go on. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { track } from "../harness/api.js";
import { eventually } from "../harness/eventually.js";
import { serve, temporaryFolder } from "../harness/kith.js";

/** Above the reserve that the log keeps free. */
const DISK_MB = 160;

test("a full disk: 503 until there is room, and what was acknowledged is there", async (t) => {
  const folder = await temporaryFolder();
  if (!mounted(folder.path)) {
    await folder.remove();
    console.error("NOT TESTED: a full disk; mounting a small file system takes root");
    return t.skip("mounting a small file system takes root");
  }
  const data = join(folder.path, "data");
  const filler = join(folder.path, "filler");
  const acknowledged = [];
  let kith;
  try {
    kith = await serve({ data });
    assert.equal(await send(kith.api, acknowledged), 200);
    await kith.api.settled();

    await fill(filler);
    for (let n = 0; n < 5; n++) assert.equal(await send(kith.api, acknowledged), 503);
    assert.ok(kith.process.alive);
    const { events_total: before } = await kith.api.ask("/overview");
    assert.equal(before, 2, "reading goes on");

    await rm(filler);
    await eventually("there is room", async () => (await send(kith.api, acknowledged)) === 200);
    assert.ok(kith.process.alive);
    await kith.api.settled();
    const { event_count: folded } = await kith.api.personOf("user_id:full");
    assert.equal(folded, acknowledged.length, "folding goes on without a restart");
    await kith.process.signal("SIGKILL");

    kith = await serve({ data });
    await kith.api.settled();
    for (const { messageId } of acknowledged) await kith.api.event(messageId);
    const person = await kith.api.personOf("user_id:full");
    assert.equal(person.event_count, acknowledged.length);
  } finally {
    await kith?.process.kill();
    execFileSync("umount", [folder.path]);
    await folder.remove();
  }
});

function mounted(path) {
  try {
    const options = ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", path];
    execFileSync("mount", options, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Sends one event and answers the status; one that is acknowledged is noted. */
async function send(api, acknowledged) {
  const event = track("Sent", { userId: "full" });
  const { status, text } = await api.collect({ batch: [event] });
  if (status === 200) acknowledged.push(event);
  else assert.match(text, /storage-failed/);
  return status;
}

/** Writes until not a byte is free. */
async function fill(path) {
  const file = createWriteStream(path);
  const megabyte = Buffer.alloc(1 << 20, 1);
  await new Promise((resolve, reject) => {
    file.on("error", (failure) => (failure.code === "ENOSPC" ? resolve() : reject(failure)));
    const write = () => file.write(megabyte, (failure) => failure || write());
    write();
  });
  file.destroy();
  const { bavail } = await statfs(path);
  assert.equal(bavail, 0);
}
