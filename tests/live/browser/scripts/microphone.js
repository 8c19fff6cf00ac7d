// A microphone a test speaks into: `microphone.say(wav)` plays a base64 WAV file and resolves when it is said.
(() => {
  let context;
  const outlets = [];
  const microphone = { say };
  window.microphone = microphone;

  MediaDevices.prototype.getUserMedia = async () => {
    context ??= new AudioContext();
    await context.resume();
    const outlet = context.createMediaStreamDestination();
    outlets.push(outlet);
    return outlet.stream;
  };

  async function say(wav) {
    const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
    const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
    for (const outlet of outlets) source.connect(outlet);
    const said = new Promise((resolve) => source.addEventListener("ended", resolve, { once: true }));
    source.start();
    await said;
  }
})();
