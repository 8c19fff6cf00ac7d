/** A livekit-client `Room` as the client wants one: the only file that needs livekit-client to run. */
import {
  type ConnectionState,
  DisconnectReason,
  ParticipantKind,
  type RemoteParticipant,
  type Room,
  RoomEvent,
  RpcError,
} from "livekit-client";
import {
  CallFailed,
  type CoachRoom,
  type IncomingCall,
  Refusal,
  type RoomEvents,
  type RoomStatus,
} from "./room.js";

export class LivekitRoom implements CoachRoom {
  constructor(private readonly room: Room) {}

  get status(): RoomStatus {
    const state: `${ConnectionState}` = this.room.state;
    return state === "signalReconnecting" ? "reconnecting" : state;
  }

  listedAsAgent(identity: string): boolean | null {
    const participant = this.room.remoteParticipants.get(identity);
    return participant ? participant.kind === ParticipantKind.AGENT : null;
  }

  identities(): readonly string[] {
    return [...this.room.remoteParticipants.keys()];
  }

  answer(method: string, handler: (call: IncomingCall) => Promise<string>): () => void {
    this.room.registerRpcMethod(method, async ({ callerIdentity, payload }) => {
      try {
        return await handler({ caller: callerIdentity, payload });
      } catch (error) {
        // Any other error would be sent with its text, which may quote what nobody else is to read.
        if (error instanceof Refusal) throw new RpcError(error.code, error.message);
        reportError(error);
        throw new RpcError(RpcError.ErrorCode.APPLICATION_ERROR, "application error");
      }
    });
    return () => this.room.unregisterRpcMethod(method);
  }

  async call(identity: string, method: string, payload: string, timeout: number): Promise<string> {
    const failed = new CallFailed(RpcError.ErrorCode.SEND_FAILED, "the call could not be sent");
    // The SDK would wait for a connection, and its own sending would fail where nobody can catch it.
    if (this.status !== "connected") throw failed;
    try {
      return await this.room.localParticipant.performRpc({
        destinationIdentity: identity,
        method,
        payload,
        responseTimeout: timeout,
      });
    } catch (error) {
      if (error instanceof RpcError) throw new CallFailed(error.code, error.message);
      throw failed;
    }
  }

  on<Type extends keyof RoomEvents>(type: Type, listener: (event: RoomEvents[Type]) => void): () => void {
    const tell = listener as (event: RoomEvents[keyof RoomEvents]) => void;
    if (type === "status") return this.#onStatus(tell);
    const event = type === "joined" ? RoomEvent.ParticipantConnected : RoomEvent.ParticipantDisconnected;
    const hear = ({ identity }: RemoteParticipant) => tell({ identity });
    this.room.on(event, hear);
    return () => {
      this.room.off(event, hear);
    };
  }

  #onStatus(tell: (event: RoomEvents["status"]) => void): () => void {
    const changed = () => {
      if (this.status !== "disconnected") tell({ status: this.status });
    };
    const left = (reason?: DisconnectReason) => {
      const name = DisconnectReason[reason ?? DisconnectReason.UNKNOWN_REASON] ?? "unknown_reason";
      tell({ status: "disconnected", reason: name.toLowerCase() });
    };
    this.room.on(RoomEvent.ConnectionStateChanged, changed).on(RoomEvent.Disconnected, left);
    return () => {
      this.room.off(RoomEvent.ConnectionStateChanged, changed).off(RoomEvent.Disconnected, left);
    };
  }
}
