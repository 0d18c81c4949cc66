/**
 * Lets waiting messages in, then goes on: a message to oneself queues behind them. Unlike a timer or an animation
 * frame, it is not slowed down in a hidden tab.
 */
export function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
