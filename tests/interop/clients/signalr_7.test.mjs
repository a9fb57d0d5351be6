// Version 7 of Microsoft's JavaScript client.
import { run_client_suite } from '../client_suite.mjs';

run_client_suite('signalr-7', 'signalr-msgpack-7');
