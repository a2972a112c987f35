"""The text that `make run` prints at the end: where everything is, and commands that work when they are pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TOUR = """
Ready.

  account     {api}/account  (register, sign in, and everything that is one's own)
  API         {api}          (documentation: {api}/docs)
  mailbox     {mailbox}
  deployed    {deployed}   (the same API through API Gateway and Lambda)
  logs        {api_log}, {cloud_log}
{credentials}
Try it, in another terminal:

# Register, read the mail, confirm
curl -s {api}/users -H 'Content-Type: application/json' \\
  -d '{{"email":"ada@example.com","name":"Ada Lovelace","age":36,"password":"correct horse battery"}}'
CODE=$(curl -s '{mailbox}/latest?to=ada@example.com' | sed -n 's/^Code: //p')
curl -s {api}/users/confirm -H 'Content-Type: application/json' \\
  -d "{{\\"token\\":\\"$CODE\\",\\"password\\":\\"correct horse battery\\"}}"; echo

# Sign in, and see who you are
token() {{ sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p'; }}
ADA=$(curl -s {api}/sessions -H 'Content-Type: application/json' \\
  -d '{{"email":"ada@example.com","password":"correct horse battery"}}' | token)
curl -s {api}/me -H "Authorization: Bearer $ADA"; echo

# As the administrator: find people by age
ADMIN=$(curl -s {api}/sessions -H 'Content-Type: application/json' \\
  -d '{{"email":"{administrator}","password":"{password}"}}' | token)
curl -s '{api}/users?age=36&limit=3' -H "Authorization: Bearer $ADMIN"; echo

# Drop a file of users into S3, and watch it become an import
echo '[{{"email":"grace@example.com","name":"Grace Hopper","age":85}}]' > /tmp/rollcall-people.json
curl -s --aws-sigv4 aws:amz:us-east-1:s3 --user test:test -T /tmp/rollcall-people.json \\
  {cloud}/{uploads}/imports/people.json
# … a moment later: ask until the answer says so
ask_until() {{ for _ in $(seq 60); do curl -s "$2" -H "Authorization: Bearer $3" | grep "$1" && break; sleep 1; done; }}
ask_until 'finished.*people.json' '{api}/imports?limit=1' "$ADMIN"
curl -s '{api}/users?email=grace@example.com' -H "Authorization: Bearer $ADMIN"; echo

# Write items through the queue, and read them
ID=$(curl -s {api}/me -H "Authorization: Bearer $ADA" | sed -n 's/.*"id": *"\\([^"]*\\)".*/\\1/p')
ITEM='{{"user_id":"'$ID'","item_id":"1","item_key":"theme","item_value":"dark","at":"'$(date -u +%FT%TZ)'"}}'
curl -s {api}/items -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d '{{"items":['"$ITEM"']}}'
ask_until theme {api}/me/items "$ADA"

# Read the history of what just happened
curl -s {api}/users/$ID/history -H "Authorization: Bearer $ADMIN"; echo

Ctrl-C here stops all of it.
"""


def tour(
    *,
    api: str,
    deployed: str,
    mailbox: str,
    cloud: str,
    uploads: str,
    administrator: str,
    password: str,
    logs: tuple[Path, Path],
) -> str:
    """The text of the last screen. An empty `password` means that it was printed at an earlier start."""
    credentials = f"  administrator  {administrator}   password  {password}   (printed this once)\n"
    return TOUR.format(
        api=api,
        deployed=deployed,
        mailbox=mailbox,
        cloud=cloud,
        uploads=uploads,
        administrator=administrator,
        password=password or "THE-PASSWORD-PRINTED-AT-THE-FIRST-START",
        credentials=credentials if password else "",
        api_log=logs[0],
        cloud_log=logs[1],
    )
