"use strict";
// `firebase auth:export` of firebase-tools, without the service: its command and what writes the file are its own, and
// what they need of its other parts is here.
//
// node export.cjs FOLDER FILE PAGES   where FOLDER has the package, and PAGES are the service's pages of users, as JSON

const Module = require("node:module");

const [folder, file, told] = process.argv.slice(2);
const pages = JSON.parse(told);
const OWN = /(?:auth-export|accountExporter)(?:\.js)?$/;
let act;

class Command {
  description() {
    return this;
  }
  option() {
    return this;
  }
  before() {
    return this;
  }
  action(run) {
    act = run;
    return this;
  }
}

class Client {
  async post() {
    const users = pages.shift();
    return { body: { users, nextPageToken: pages.length ? "further" : undefined } };
  }
}

const unused = new Proxy(function () {}, { get: () => unused, apply: () => "" });
const parts = { "../command": { Command }, "./apiv2": { Client } };
const load = Module._load;
Module._load = (name, ...rest) =>
  OWN.test(name) || Module.isBuiltin(name) ? load(name, ...rest) : (parts[name] ?? unused);

require(`${folder}/lib/commands/auth-export.js`);
act(file, {});
