// Everything needed to test hubs in process: a host, clients, a clock. Link hubbub::testing. See docs/testing.md.
#pragma once

#include "hubbub/hub.hpp"
#include "hubbub/testing/client.hpp"
#include "hubbub/testing/endpoint.hpp"
#include "hubbub/testing/failure.hpp"
#include "hubbub/testing/host.hpp"
#include "hubbub/testing/raw_client.hpp"
