/** What the bridge needs of a `Room` of livekit-client, by shape: whichever build of it the page has fits. */

export interface BridgedRoom {
  readonly state: string;
  readonly localParticipant: {
    performRpc(call: {
      destinationIdentity: string;
      method: string;
      payload: string;
      responseTimeout?: number;
    }): Promise<string>;
    readonly trackPublications: ReadonlyMap<string, BridgedPublication>;
  };
  readonly remoteParticipants: ReadonlyMap<string, { readonly identity: string; readonly kind: number }>;
  registerRpcMethod(method: string, handler: (call: BridgedCall) => Promise<string>): void;
  unregisterRpcMethod(method: string): void;
  on(event: BridgedEvent, listener: (subject?: unknown) => void): unknown;
  off(event: BridgedEvent, listener: (subject?: unknown) => void): unknown;
}

/** `responseTimeout` in milliseconds. */
export interface BridgedCall {
  readonly callerIdentity: string;
  readonly payload: string;
  readonly responseTimeout: number;
}

export interface BridgedPublication {
  readonly source: string;
  readonly track?: { readonly mediaStreamTrack: MediaStreamTrack } | undefined;
}

export type BridgedEvent =
  | "connectionStateChanged"
  | "disconnected"
  | "localTrackPublished"
  | "participantConnected"
  | "participantDisconnected";

/** livekit-client's `RpcError`: only errors of this class carry a code to the caller. */
export type RpcErrorClass = new (code: number, message: string) => Error;
