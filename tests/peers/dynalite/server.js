// dynalite on a port of loopback that nobody else has, until standard input ends. Prints the port.
const server = require('dynalite')({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })

// Node closes connections after five idle seconds, just as a client may begin to use one again.
server.keepAliveTimeout = 3600 * 1000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit(0)).resume()
