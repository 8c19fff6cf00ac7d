import { LiveKitRoom, RoomAudioRenderer, useRoomContext } from "@livekit/components-react";
import { CoachClient } from "cornerman-client";
import "cornerman-client/element";
import { createElement, useEffect, useRef } from "react";

/** The coach's panel; anywhere inside the rep's LiveKitRoom. */
export function Coach() {
  const room = useRoomContext();
  const panel = useRef<HTMLElementTagNameMap["coach-panel"]>(null);
  useEffect(() => {
    const coach = new CoachClient(room, { client: "my-product" });
    if (panel.current) panel.current.client = coach;
    coach.start();
    return () => coach.close();
  }, [room]);
  return createElement("coach-panel", { ref: panel });
}

/** The rep's call. Colleagues and prospects get the same call without `<Coach />`. */
export function RepCall({ url, token }: { readonly url: string; readonly token: string }) {
  return (
    <LiveKitRoom serverUrl={url} token={token} audio>
      <RoomAudioRenderer />
      <Coach />
    </LiveKitRoom>
  );
}
