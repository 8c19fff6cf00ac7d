/** The demo server's interface, as these pages use it. A product has its own back end here. */

export interface Person {
  readonly identity: string;
  readonly name: string;
  readonly token: string;
}

/** What kind of call is asked for. */
export interface CallWish {
  readonly prospect: "recorded" | "browser";
  readonly rep_voice: "recorded" | "own";
  readonly consent: "rep_discloses" | "granted";
}

interface Place {
  readonly call: string;
  readonly url: string;
  readonly room: string;
  readonly prospect: CallWish["prospect"];
}

/** What lets the rep in. */
export interface RepTicket extends Place, Omit<CallWish, "prospect"> {
  readonly rep: Person;
  readonly prospect_page: string;
  /** How long the recording is, in seconds. */
  readonly recording: number;
}

/** What lets the prospect's page in: as the prospect, or as a guest where the prospect is a recording. */
export interface ProspectTicket extends Place, Person {}

export interface CallStanding {
  /** Seconds into the recording; null before it began. */
  readonly position: number | null;
  /** Why somebody did not come; empty while nothing is wrong. */
  readonly trouble: string;
}

/** The server said no; the message is meant to be shown. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
}

export const beginCall = (wish: CallWish) => asked<RepTicket>("/api/calls", "POST", wish);
export const repTicket = (call: string) => asked<RepTicket>(`/api/calls/${call}/rep`);
export const prospectTicket = (call: string) => asked<ProspectTicket>(`/api/calls/${call}/prospect`);
export const callStanding = (call: string) => asked<CallStanding>(`/api/calls/${call}`);
export const endCall = (call: string) => asked<null>(`/api/calls/${call}/end`, "POST");

/** Begins the recording for everybody, once; resolves to where it is now, in seconds. */
export async function playRecording(call: string): Promise<number> {
  return (await asked<{ readonly position: number }>(`/api/calls/${call}/play`, "POST")).position;
}

export const recordedVoice = (call: string, speaker: "rep" | "prospect") =>
  `/api/calls/${call}/${speaker}.flac`;

async function asked<Answer>(path: string, method = "GET", body?: unknown): Promise<Answer> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(path, { method, ...sent });
  const text = await response.text();
  if (!response.ok) throw new CallRefused(reason(text) ?? `The server answered ${response.status}.`);
  return (text ? JSON.parse(text) : null) as Answer;
}

function reason(text: string): string | null {
  try {
    return (JSON.parse(text) as { readonly error?: string }).error ?? null;
  } catch {
    return null;
  }
}

/** The call this page belongs to, kept in its address so that a reload finds back. */
export const callInAddress = () => new URLSearchParams(location.hash.slice(1)).get("call");
