// The connection check: five samples, a second apart, each acked at once; then the server's report of the round trips.
import { useEffect, useState } from 'react';

import { NoAnswer } from '../../lib/api';
import type { ConnectionReport, Sample } from '../../lib/contract';
import { say, socket } from '../../lib/socket';
import { addSample, type Arrival } from './arrivals';

export type Check = {
  running: boolean;
  arrivals: Arrival[];
  report: ConnectionReport['rtt_ms'] | null;
  fault: unknown;
};

const connectMs = 10_000;

const idle: Check = { running: false, arrivals: [], report: null, fault: null };

export function useConnectionCheck(): Check & { start: () => void } {
  const [check, setCheck] = useState(idle);

  useEffect(() => {
    const onSample = (sample: Sample, ack: (answer: Record<string, never>) => void) => {
      // First of all: every moment before it would count as the network's.
      ack({});
      setCheck((now) => ({ ...now, arrivals: addSample(now.arrivals, sample, Date.now()) }));
    };
    const onReport = ({ rtt_ms }: ConnectionReport) => setCheck((now) => ({ ...now, running: false, report: rtt_ms }));
    const onLoss = () => setCheck((now) => (now.running ? { ...idle, fault: new Error('lost') } : now));
    socket.on('connection:sample', onSample);
    socket.on('connection:report', onReport);
    socket.on('disconnect', onLoss);
    return () => {
      socket.off('connection:sample', onSample);
      socket.off('connection:report', onReport);
      socket.off('disconnect', onLoss);
    };
  }, []);

  const start = () => {
    setCheck({ ...idle, running: true });
    connected()
      .then(() => say('connection:check', {}))
      .catch((fault: unknown) => setCheck({ ...idle, fault }));
  };

  return { ...check, start };
}

/** Waits until the socket is connected, as it is again soon after another page was left; throws `NoAnswer`. */
function connected(): Promise<void> {
  if (socket.connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.off('connect', onConnect);
      reject(new NoAnswer('not connected'));
    }, connectMs);
    const onConnect = () => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('connect', onConnect);
  });
}
