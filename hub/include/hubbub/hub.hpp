// Everything needed to write a hub.
#pragma once

#include "hubbub/core/blocking.hpp"
#include "hubbub/core/bytes.hpp"
#include "hubbub/core/sizes.hpp"
#include "hubbub/core/sleep.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/client_result.hpp"
#include "hubbub/hub/clients.hpp"
#include "hubbub/hub/hub_base.hpp"
#include "hubbub/hub/hub_context.hpp"
#include "hubbub/hub/hub_error.hpp"
#include "hubbub/hub/methods.hpp"
#include "hubbub/hub/stream.hpp"
#include "hubbub/protocol/chrono_codec.hpp"
#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/value_codec.hpp"
#include "hubbub/version.hpp"
