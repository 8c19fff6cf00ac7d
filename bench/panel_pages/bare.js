// The least a page can do with a nudge: its text is set, and the answer goes when the frame with it was painted.
import { Room } from "livekit-client";

const room = new Room();
const card = document.querySelector("#card");

room.registerRpcMethod("coach_nudge", async ({ payload }) => {
  const entered = performance.now();
  const { headline, detail } = JSON.parse(payload);
  card.textContent = `${headline} ${detail}`;
  await new Promise((painted) => requestAnimationFrame(painted));
  await new Promise((after) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = after;
    channel.port2.postMessage(null);
  });
  return JSON.stringify({ status: "shown", painted_ms: performance.now() - entered });
});
room.registerRpcMethod("coach_state", async () => "ok");

window.join = async (url, token) => {
  await room.connect(url, token);
};
