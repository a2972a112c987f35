// A receiver in each language, by a library of Standard Webhooks. A test runs what it can of them.

const PYTHON = `import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            event = webhook.verify(body, headers)
        except WebhookVerificationError:
            status = 400
        else:
            print(headers["webhook-id"], event["type"], event["subject"])
            status = 204
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 4000), Receiver).serve_forever()
`;

const NODE = `const { createServer } = require("node:http");
const { Webhook } = require("standardwebhooks");

const webhook = new Webhook(process.env.WEBHOOK_SECRET);

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const event = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
    console.log(request.headers["webhook-id"], event.type, event.subject);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(4000, "127.0.0.1");
`;

const GO = `package main

import (
\t"encoding/json"
\t"io"
\t"log"
\t"net/http"
\t"os"

\tstandardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
\twebhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\treceive := func(w http.ResponseWriter, r *http.Request) {
\t\tbody, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
\t\tif err != nil || webhook.Verify(body, r.Header) != nil {
\t\t\tw.WriteHeader(http.StatusBadRequest)
\t\t\treturn
\t\t}
\t\tvar event struct{ Type, Subject string }
\t\tif json.Unmarshal(body, &event) != nil {
\t\t\tw.WriteHeader(http.StatusBadRequest)
\t\t\treturn
\t\t}
\t\tlog.Println(r.Header.Get("webhook-id"), event.Type, event.Subject)
\t\tw.WriteHeader(http.StatusNoContent)
\t}
\tlog.Fatal(http.ListenAndServe("127.0.0.1:4000", http.HandlerFunc(receive)))
}
`;

/** What to install, and a whole program, by the name of its language. */
export const SNIPPETS = {
  Python: { install: "pip install standardwebhooks", code: PYTHON },
  Node: { install: "npm install standardwebhooks", code: NODE },
  Go: { install: "go get github.com/standard-webhooks/standard-webhooks/libraries", code: GO },
};
