import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { WebSocketServer } from 'ws';
import { openStore } from './store.js';

const { PORT, DATABASE, JWT_SECRET } = process.env;
const LONGEST_TEXT = 4096;
const HEARTBEAT_MS = 30_000;

const store = openStore(DATABASE);
const sockets = new Map(); // user id -> that user's open sockets

const server = createServer((request, response) => {
  response.writeHead(request.url === '/healthz' ? 200 : 404).end();
});
const wss = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });

server.on('upgrade', (request, socket, head) => {
  let user;
  try {
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    user = jwt.verify(token, JWT_SECRET, { algorithms: ['HS256'] }).sub;
  } catch {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
    return;
  }
  wss.handleUpgrade(request, socket, head, (ws) => connected(ws, user, request));
});

function connected(ws, user, request) {
  const since = Number(new URL(request.url, 'http://localhost').searchParams.get('since') ?? 0);
  ws.alive = true;
  ws.on('pong', () => { ws.alive = true; });
  ws.on('error', () => ws.terminate());
  ws.on('close', () => disconnected(ws, user));
  ws.on('message', (data) => received(ws, user, data));

  const mine = sockets.get(user);
  if (mine) mine.add(ws);
  else sockets.set(user, new Set([ws]));
  ws.send(JSON.stringify({ type: 'history', messages: store.missed(user, since) }));
}

function disconnected(ws, user) {
  const mine = sockets.get(user);
  mine?.delete(ws);
  if (mine?.size === 0) sockets.delete(user);
}

function received(ws, user, data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    ws.close(1007, 'Not JSON');
    return;
  }
  if (frame.type !== 'send') return;

  const { client_id, to, text } = frame;
  if (typeof to !== 'string' || typeof text !== 'string' || !text.trim() || text.length > LONGEST_TEXT) {
    ws.send(JSON.stringify({ type: 'error', client_id, message: `A message has 1 to ${LONGEST_TEXT} characters` }));
    return;
  }

  const created_at = new Date().toISOString();
  const id = store.add(user, to, text, created_at);
  ws.send(JSON.stringify({ type: 'ack', client_id, id, created_at }));

  const theirs = sockets.get(to);
  if (theirs) {
    const message = JSON.stringify({ type: 'message', id, from: user, to, text, created_at });
    for (const peer of theirs) peer.send(message);
  }
}

const heartbeat = setInterval(() => {
  for (const ws of wss.clients) {
    if (!ws.alive) {
      ws.terminate();
    } else {
      ws.alive = false;
      ws.ping();
    }
  }
}, HEARTBEAT_MS);

process.on('SIGTERM', () => {
  clearInterval(heartbeat);
  for (const ws of wss.clients) ws.terminate();
  server.close(() => {
    store.close();
    process.exit(0);
  });
});

server.listen(Number(PORT), '127.0.0.1');
