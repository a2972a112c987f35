// better-auth over Node's own HTTP server, people and sessions in SQLite, on a port of loopback.
// Its limits of requests are off; hashing is Argon2id, as its documentation shows, at the cost that is asked for.
import { createServer } from 'node:http'

import { hash, verify } from '@node-rs/argon2'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'

const { ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES, DATABASE, PORT, SECRET } = process.env

const cost = {
  algorithm: 2, // Argon2id
  memoryCost: Number(ARGON2_MEMORY_KIB),
  timeCost: Number(ARGON2_PASSES),
  parallelism: Number(ARGON2_LANES)
}

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: SECRET,
  database: new Database(DATABASE),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, cost),
      verify: ({ hash: kept, password }) => verify(kept, password)
    }
  }
})

const { runMigrations } = await getMigrations(auth.options)
await runMigrations()

const server = createServer(toNodeHandler(auth))
server.keepAliveTimeout = 3600 * 1000 // Node closes connections after five idle seconds
server.listen(Number(PORT), '127.0.0.1')
