/**
 * One at a time: a lock file that holds its owner's process id. Touches only the file named by the caller. Plain Node
 * without dependencies, because it guards the step that installs them.
 */
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const POLL_MS = 200;
const WAIT_MS = 30 * 60 * 1000;

/** Is that process there? A process of another user counts as there. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The owner's process id, 0 for a lock whose owner died while writing it, undefined where there is no lock. */
function ownerOf(file) {
  try {
    return Number(fs.readFileSync(file, "utf8")) || 0;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Creates the lock with its content in one step: linking a finished file never shows half a lock to others.
 * @returns whether the lock is ours now
 */
function tryLock(file) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Runs `job` while holding the lock, and waits for another live owner first. A lock left by a killed process is taken
 * over.
 * @param {string} file path of the lock file
 * @param {(pid: number) => void} onWait called once where another process holds the lock
 * @param {() => T} job synchronous work
 * @template T
 */
function withLock(file, onWait, job) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  while (!tryLock(file)) {
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      // Two waiters may both see the dead owner; only the one whose rename succeeds has removed that lock.
      const grave = `${file}.dead-${process.pid}`;
      try {
        fs.renameSync(file, grave);
        if (ownerOf(grave) !== owner) fs.linkSync(grave, file);
      } catch (error) {
        if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
      }
      fs.rmSync(grave, { force: true });
      continue;
    }
    if (!told) onWait(owner);
    told = true;
    if (Date.now() > deadline) {
      throw new Error(
        `${file} has been held by process ${owner} for half an hour: end that process or remove the file`,
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    return job();
  } finally {
    if (ownerOf(file) === process.pid) fs.rmSync(file, { force: true });
  }
}

module.exports = { withLock };
