/**
 * Counts everything that reaches this page over data channels, by whatever name and for whatever reader: each connection
 * the page makes is seen, each message of each channel counted, and the browser's own counters are asked besides.
 * Import it before anything that connects.
 */

export interface Received {
  readonly messages: number;
  readonly bytes: number;
}

interface ChannelStats {
  readonly type: string;
  readonly messagesReceived?: number;
  readonly bytesReceived?: number;
}

const connections = new Map<RTCPeerConnection, Received>();
let messages = 0;
let bytes = 0;

class CountedConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.set(this, { messages: 0, bytes: 0 });
    this.addEventListener("datachannel", (event) => count(event.channel));
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    return count(super.createDataChannel(label, options));
  }
}
window.RTCPeerConnection = CountedConnection;

function count(channel: RTCDataChannel): RTCDataChannel {
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    messages += 1;
    if (typeof data === "string") bytes += new TextEncoder().encode(data).length;
    else if (data instanceof ArrayBuffer) bytes += data.byteLength;
    else if (data instanceof Blob) bytes += data.size;
  });
  return channel;
}

/** Everything since the page was loaded, connections that are closed by now included. */
export async function received(): Promise<Received> {
  for (const [connection, before] of connections) {
    if (connection.connectionState === "closed") continue;
    const now = await channels(connection);
    connections.set(connection, {
      messages: Math.max(now.messages, before.messages),
      bytes: Math.max(now.bytes, before.bytes),
    });
  }
  const counted = [...connections.values()];
  const total = (of: (one: Received) => number) => counted.reduce((sum, one) => sum + of(one), 0);
  return {
    messages: Math.max(
      messages,
      total((one) => one.messages),
    ),
    bytes: Math.max(
      bytes,
      total((one) => one.bytes),
    ),
  };
}

async function channels(connection: RTCPeerConnection): Promise<Received> {
  let found = { messages: 0, bytes: 0 };
  for (const one of (await connection.getStats()).values() as Iterable<ChannelStats>) {
    if (one.type !== "data-channel") continue;
    found = {
      messages: found.messages + (one.messagesReceived ?? 0),
      bytes: found.bytes + (one.bytesReceived ?? 0),
    };
  }
  return found;
}
