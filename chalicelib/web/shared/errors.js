// What stops an act that is no failure of the API.

/** Thrown where the person changed their mind: nothing happened, and nothing is to be said. */
export class Cancelled extends Error {}

/** Thrown where it cannot be done for a reason that the message tells the person. */
export class Hindered extends Error {}
