"use strict";
// `firebase auth:import` of firebase-tools, without the service: what checks people and options and sends them is its
// own, and what that needs of its other parts is here.
//
// node import.cjs FOLDER FILE OPTIONS   where FOLDER has the package, and OPTIONS are the command's, as JSON: prints
// what is wrong with people, and what would be sent

const fs = require("node:fs");
const Module = require("node:module");

const [folder, file, options] = process.argv.slice(2);
const OWN = /accountImporter(?:\.js)?$/;
const sent = [];

class Client {
  async post(path, body) {
    sent.push(structuredClone(body));
    return { body: {} };
  }
}

const unused = new Proxy(function () {}, { get: () => unused, apply: () => "" });
const parts = { "./apiv2": { Client } };
const load = Module._load;
Module._load = (name, ...rest) =>
  OWN.test(name) || Module.isBuiltin(name) ? load(name, ...rest) : (parts[name] ?? unused);

const importer = require(`${folder}/lib/accountImporter.js`);
const { users } = JSON.parse(fs.readFileSync(file));
const errors = users.map((user) => importer.validateUserJson(user).error).filter(Boolean);
const hashes = importer.validateOptions(JSON.parse(options));
importer.serialImportUsers("project", hashes, [users], 0).then(() => console.log(JSON.stringify({ errors, sent })));
