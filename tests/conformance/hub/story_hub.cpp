// The story hub's method table, compiled once for all tests.
#include "story_hub.hpp"

#include "suite.hpp"

namespace hub_story {

map_hub mapping_of_the_story_hub() { return mapping<story_hub>(); }

}  // namespace hub_story
