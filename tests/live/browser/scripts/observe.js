// What a test sees of a page from outside, whatever the page itself counts: put in before any script of the page.
// `observed.received()` is everything that ever came in over data channels, by the browser's own counters and by the
// messages that were seen; `observed.sockets` are the page's WebSockets, newest last; `observed.captures` is how the
// panel stood each time the browser was asked for a screen share; `observed.statuses` what its line said, one by one.
(() => {
  const connections = new Map();
  const seen = { messages: 0, bytes: 0, channels: [] };
  const observed = { sockets: [], captures: [], statuses: [], received, tellServer };
  window.observed = observed;

  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(made, given, as) {
      const connection = Reflect.construct(made, given, as);
      connections.set(connection, { messages: 0, bytes: 0 });
      connection.addEventListener("datachannel", ({ channel }) => watch(channel));
      return connection;
    },
  });
  const { createDataChannel } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createDataChannel = function (...given) {
    return watch(createDataChannel.apply(this, given));
  };
  window.WebSocket = new Proxy(WebSocket, {
    construct(made, given, as) {
      const socket = Reflect.construct(made, given, as);
      observed.sockets.push(socket);
      return socket;
    },
  });
  const { getDisplayMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getDisplayMedia = function (...given) {
    const dot = panel()?.querySelector("[part~=dot]");
    const shown = [...(panel()?.children ?? [])].filter((part) => part.checkVisibility());
    observed.captures.push({
      dot: dot?.checkVisibility() ?? null,
      cards: visible(),
      text: shown.map((part) => part.innerText).join(" "),
    });
    return getDisplayMedia.apply(this, given);
  };

  setInterval(() => {
    const status = panel()?.querySelector("[part~=state] [role=status]")?.textContent ?? "";
    if (status && status !== observed.statuses.at(-1)) observed.statuses.push(status);
  }, 10);

  function panel() {
    return document.querySelector("coach-panel")?.shadowRoot;
  }

  function visible() {
    return [...(panel()?.querySelectorAll("[part~=card]") ?? [])].filter((card) => card.checkVisibility()).length;
  }

  function watch(channel) {
    seen.channels.push(channel.label);
    channel.addEventListener("message", ({ data }) => {
      seen.messages += 1;
      seen.bytes += typeof data === "string" ? new Blob([data]).size : (data.byteLength ?? data.size);
    });
    return channel;
  }

  async function received() {
    for (const [connection, before] of connections) {
      if (connection.connectionState === "closed") continue;
      const now = { messages: 0, bytes: 0 };
      for (const one of (await connection.getStats()).values()) {
        if (one.type !== "data-channel") continue;
        now.messages += one.messagesReceived ?? 0;
        now.bytes += one.bytesReceived ?? 0;
      }
      before.messages = Math.max(before.messages, now.messages);
      before.bytes = Math.max(before.bytes, now.bytes);
    }
    const counted = [...connections.values()].reduce(
      (sum, one) => ({ messages: sum.messages + one.messages, bytes: sum.bytes + one.bytes }),
      { messages: 0, bytes: 0 },
    );
    return {
      messages: Math.max(counted.messages, seen.messages),
      bytes: Math.max(counted.bytes, seen.bytes),
      channels: seen.channels.length,
    };
  }

  /** Sends bytes of LiveKit's own signalling, as its client does in `simulateScenario`. */
  function tellServer(bytes) {
    observed.sockets.at(-1).send(new Uint8Array(bytes));
  }
})();
