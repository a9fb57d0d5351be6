// Lists in macros: HUBBUB_FIELDS and HUBBUB_ENUM do something with each of their arguments.
#pragma once

// HUBBUB_DETAIL_EACH(what, type, items...) is what(type, item) for each item. One expansion of the list is one more
// rescan; HUBBUB_DETAIL_MANY makes 85 of them.
#define HUBBUB_DETAIL_EACH(what, type, ...) __VA_OPT__(HUBBUB_DETAIL_MANY(HUBBUB_DETAIL_NEXT(what, type, __VA_ARGS__)))
#define HUBBUB_DETAIL_NEXT(what, type, first, ...) \
  what(type, first) __VA_OPT__(HUBBUB_DETAIL_AGAIN HUBBUB_DETAIL_NOTHING()()(what, type, __VA_ARGS__))
#define HUBBUB_DETAIL_AGAIN() HUBBUB_DETAIL_NEXT
#define HUBBUB_DETAIL_NOTHING()
#define HUBBUB_DETAIL_MANY(...) \
  HUBBUB_DETAIL_MANY_3(HUBBUB_DETAIL_MANY_3(HUBBUB_DETAIL_MANY_3(HUBBUB_DETAIL_MANY_3(__VA_ARGS__))))
#define HUBBUB_DETAIL_MANY_3(...) \
  HUBBUB_DETAIL_MANY_2(HUBBUB_DETAIL_MANY_2(HUBBUB_DETAIL_MANY_2(HUBBUB_DETAIL_MANY_2(__VA_ARGS__))))
#define HUBBUB_DETAIL_MANY_2(...) \
  HUBBUB_DETAIL_MANY_1(HUBBUB_DETAIL_MANY_1(HUBBUB_DETAIL_MANY_1(HUBBUB_DETAIL_MANY_1(__VA_ARGS__))))
#define HUBBUB_DETAIL_MANY_1(...) __VA_ARGS__

// An item is `name` or `(name, "wire name")`: only parentheses call the probe.
#define HUBBUB_DETAIL_INSIDE(...) __VA_ARGS__
#define HUBBUB_DETAIL_IN_PARENTHESES(item) HUBBUB_DETAIL_SECOND_OF(HUBBUB_DETAIL_PROBE item, 0, 0)
#define HUBBUB_DETAIL_PROBE(...) 0, 1
#define HUBBUB_DETAIL_SECOND_OF(...) HUBBUB_DETAIL_SECOND(__VA_ARGS__)
#define HUBBUB_DETAIL_SECOND(first, second, ...) second
#define HUBBUB_DETAIL_JOIN(left, right) HUBBUB_DETAIL_JOIN_NOW(left, right)
#define HUBBUB_DETAIL_JOIN_NOW(left, right) left##right
