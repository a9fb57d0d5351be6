// Version 5 of Microsoft's JavaScript client.
import { run_client_suite } from '../client_suite.mjs';

globalThis.self ??= globalThis;  // this version takes any runtime that has fetch for a browser

run_client_suite('signalr-5', 'signalr-msgpack-5');
