// The package as it is published, in a page that does nothing else.
import { Room } from "livekit-client";
import { CoachClient } from "/cornerman-client/index.js";
import "/cornerman-client/element.js";

const room = new Room();
const client = new CoachClient(room);
document.querySelector("coach-panel").client = client;
client.start();

window.join = async (url, token) => {
  await room.connect(url, token);
};
