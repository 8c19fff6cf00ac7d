/**
 * One page in the frame, joined to the parent's room: its calls go to the coach, the coach's calls come to it.
 *
 * Promises: only the coach's methods are called, and only of identities with the coach's prefix; whoever else calls
 * the rep's methods is refused here and never reaches the frame; every call has a deadline, and only so many are under
 * way; what is under way when the page goes reaches no later page.
 */
import {
  BAD_REQUEST_CODE,
  COACH_METHODS,
  DEFAULT_IDENTITY_PREFIX,
  MAX_PAYLOAD_BYTES,
  NOT_READY_CODE,
  NOT_READY_TEXT,
  REP_METHODS,
  STRANGER_CODE,
  STRANGER_TEXT,
} from "../contract.js";
import type { BridgedCall, BridgedEvent, BridgedRoom, RpcErrorClass } from "./bridged_room.js";
import { FROM_FRAME, type FromFrame, type FromParent, MOST_COACHES, read, short } from "./wire.js";

/** How many calls may be under way in either direction; further ones are refused. */
const MOST_CALLS = 32;
const LONGEST_CALL_MS = 15_000;
const FAILED = 1500;
const BAD_REQUEST_TEXT = "unreadable request";
/** livekit-client's number for an agent, vouched for by the server. */
const AGENT = 4;

const STATUS: Readonly<Record<string, "connecting" | "connected" | "reconnecting" | "disconnected">> = {
  connecting: "connecting",
  connected: "connected",
  reconnecting: "reconnecting",
  signalReconnecting: "reconnecting",
};

export interface LineOptions {
  readonly RpcError?: RpcErrorClass | undefined;
  readonly identityPrefix?: string | undefined;
}

interface Asked {
  readonly answer: (payload: string) => void;
  readonly refuse: (code: number, message: string) => void;
}

export class RoomLine {
  readonly #room: BridgedRoom;
  readonly #port: MessagePort;
  readonly #options: LineOptions;
  readonly #prefix: string;
  readonly #hidden: (id: number) => void;
  readonly #asked = new Map<number, Asked>();
  readonly #registered = new Set<string>();
  readonly #listening: readonly (readonly [BridgedEvent, (subject?: unknown) => void])[];
  #calling = 0;
  #last = 0;

  /** `hidden` is called when the panel was painted away for a share. The port is this line's from now on. */
  constructor(room: BridgedRoom, port: MessagePort, hidden: (id: number) => void, options: LineOptions) {
    this.#room = room;
    this.#port = port;
    this.#hidden = hidden;
    this.#options = options;
    this.#prefix = options.identityPrefix ?? DEFAULT_IDENTITY_PREFIX;
    if (!this.#prefix) throw new TypeError("an empty `identityPrefix` would take everybody for the coach");
    const tellCoaches = (): void => this.#tellCoaches();
    this.#listening = [
      // That the room was left is told with its reason, by the event that has one.
      ["connectionStateChanged", (state) => state !== "disconnected" && this.#tellStatus(null)],
      ["disconnected", (reason) => this.#tellStatus(typeof reason === "number" ? reason : 0)],
      ["participantConnected", tellCoaches],
      ["participantDisconnected", tellCoaches],
    ];
    for (const [event, listener] of this.#listening) room.on(event, listener);
    port.onmessage = ({ data }): void => {
      const message = read(FROM_FRAME, data);
      if (message) this.#take(message);
    };
    this.#tellStatus(null);
  }

  say(message: FromParent): void {
    this.#port.postMessage(message);
  }

  close(): void {
    for (const [event, listener] of this.#listening) this.#room.off(event, listener);
    for (const method of this.#registered) this.#room.unregisterRpcMethod(method);
    this.#registered.clear();
    for (const asked of this.#asked.values()) asked.refuse(NOT_READY_CODE, NOT_READY_TEXT);
    this.say({ type: "closed" });
    this.#port.close();
  }

  #take(message: FromFrame): void {
    switch (message.type) {
      case "answers":
        this.#register(message.method, message.answers);
        break;
      case "answer":
        this.#asked.get(message.id)?.answer(message.payload);
        break;
      case "refuse":
        this.#asked.get(message.id)?.refuse(message.code, message.message);
        break;
      case "call":
        void this.#call(message);
        break;
      case "hidden":
        this.#hidden(message.id);
        break;
    }
  }

  #tellStatus(left: number | null): void {
    this.#tellCoaches();
    this.say({ type: "room", status: STATUS[this.#room.state] ?? "disconnected", left });
  }

  #tellCoaches(): void {
    const coaches = [...this.#room.remoteParticipants.values()]
      .filter(({ identity }) => this.#isCoach(identity))
      .map(({ identity, kind }) => ({ identity, agent: kind === AGENT }))
      .slice(-MOST_COACHES);
    this.say({ type: "coaches", coaches });
  }

  #isCoach(identity: string): boolean {
    return identity.startsWith(this.#prefix) && identity !== this.#prefix;
  }

  #register(method: string, answers: boolean): void {
    if (!REP_METHODS.some((one) => one === method) || answers === this.#registered.has(method)) return;
    if (answers) {
      // Throws where something else answers this room already; the page's developer sees it.
      this.#room.registerRpcMethod(method, (call) => this.#ask(method, call));
      this.#registered.add(method);
    } else {
      this.#room.unregisterRpcMethod(method);
      this.#registered.delete(method);
    }
  }

  async #ask(method: string, call: BridgedCall): Promise<string> {
    const { callerIdentity: caller, payload, responseTimeout } = call;
    if (!this.#isCoach(caller)) throw this.#refusal(STRANGER_CODE, STRANGER_TEXT);
    if (payload.length > MAX_PAYLOAD_BYTES) throw this.#refusal(BAD_REQUEST_CODE, BAD_REQUEST_TEXT);
    if (this.#asked.size >= MOST_CALLS) throw this.#refusal(NOT_READY_CODE, NOT_READY_TEXT);
    this.#last += 1;
    const id = this.#last;
    const deadline = Math.min(LONGEST_CALL_MS, responseTimeout);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((answer, reject) => {
        const refuse = (code: number, message: string): void => reject(this.#refusal(code, message));
        timer = setTimeout(refuse, deadline, NOT_READY_CODE, NOT_READY_TEXT);
        this.#asked.set(id, { answer, refuse });
        this.say({ type: "incoming", id, caller, method, payload });
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  async #call({ id, ...call }: FromFrame & { readonly type: "call" }): Promise<void> {
    const allowed = this.#isCoach(call.identity) && COACH_METHODS.some((one) => one === call.method);
    const fail = (code: number, message: string): void => this.say({ type: "failed", id, code, message });
    if (!allowed) return fail(STRANGER_CODE, STRANGER_TEXT);
    if (this.#calling >= MOST_CALLS) return fail(FAILED, "too many calls at once");
    this.#calling += 1;
    try {
      const payload = await this.#room.localParticipant.performRpc({
        destinationIdentity: call.identity,
        method: call.method,
        payload: call.payload,
        responseTimeout: Math.min(LONGEST_CALL_MS, call.timeout),
      });
      if (payload.length <= MAX_PAYLOAD_BYTES) this.say({ type: "answered", id, payload });
      else fail(FAILED, "the answer is too large");
    } catch (fault) {
      const { code, message } = Object(fault) as { code?: unknown; message?: unknown };
      const known = typeof code === "number" && Number.isSafeInteger(code) && code >= 0;
      fail(known ? code : FAILED, short(message));
    } finally {
      this.#calling -= 1;
    }
  }

  /** Without the class LiveKit knows its own refusals by, the caller gets the code of any fault; never other words. */
  #refusal(code: number, message: string): Error {
    const { LivekitClient } = globalThis as { LivekitClient?: { RpcError?: RpcErrorClass } };
    const RpcError = this.#options.RpcError ?? LivekitClient?.RpcError;
    return RpcError ? new RpcError(code, message) : new Error(message);
  }
}
