/** What a client may be told when it is made, and what it tells the coach about itself. */
import type { Hello } from "../contract.js";

export const OWN_NAME = "cornerman-client-web";
export const OWN_VERSION = "0.1.0";

export interface CoachOptions {
  /** The reserved prefix of the coach's identity; default `cornerman-`. */
  readonly identityPrefix?: string;
  /** Name and version of the embedding program, and what it can show beyond plain cards; the coach is told. */
  readonly client?: string;
  readonly version?: string;
  readonly shows?: readonly string[];
}

export function helloOf({ client = OWN_NAME, version = OWN_VERSION, shows = [] }: CoachOptions): Hello {
  return { client, version, shows };
}
